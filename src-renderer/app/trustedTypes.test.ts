import { expect, test } from 'vitest';
import { allowStyleText } from './trustedTypes.ts';

test('when text has no markup it may be style; markup is refused', () => {
  const policies: [string, { createHTML: (text: string) => string | null }][] = [];
  allowStyleText({
    trustedTypes: {
      createPolicy: (...policy: (typeof policies)[number]) => policies.push(policy),
    },
  });
  const [[name, rules] = ['', { createHTML: () => null }]] = policies;
  expect(name).toBe('default');
  expect(rules.createHTML(':root > a { color: red }')).toBe(':root > a { color: red }');
  expect(rules.createHTML('<img src=x onerror=alert(1)>')).toBeNull();
  expect(policies).toHaveLength(1);
});

test('when the browser has no Trusted Types, nothing is done', () => {
  expect(() => allowStyleText({})).not.toThrow();
});
