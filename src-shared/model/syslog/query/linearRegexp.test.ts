import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compileRegexp, findRegexpFault } from './linearRegexp.ts';
import { createNativeRegexp } from './nativeRegexp.ts';

test.each([
  ['from \\S+ port \\d+', '', 'Accepted from 10.0.0.7 port 22', true],
  ['error', '', 'Error', false],
  ['error', 'i', 'ERROR', true],
  ['^bind .*\\[::1\\]', '', 'bind [::1]', true],
  ['(a|b)+c', '', 'xabac', true],
  ['gr(ü|ue)n', 'i', 'GRÜN', true],
  ['\\/var\\/log', '', '/var/log', true],
  ['\\p{Lu}', '', 'é', false],
  ['a{2,3}', '', 'a', false],
] as const)('when the regexp is /%s/%s, tests %j', (source, flags, line, expected) => {
  expect(findRegexpFault({ source, flags })).toBeNull();
  expect(compileRegexp({ source, flags })(line)).toBe(expected);
});

test.each([
  ['(', /not valid: missing closing \)/u],
  ['a**', /not valid/u],
  ['(?=a)b', /ahead or behind/u],
  ['(?<!a)b', /ahead or behind/u],
  ['(a)\\1', /References/u],
  ['(?:a{100}){9}{9}', /not valid|too large/u],
  ['((a{100}){10}b){10}', /too large|not valid/u],
])('when the regexp is /%s/, names the fault', (source, fault) => {
  expect(findRegexpFault({ source, flags: '' })).toMatch(fault);
});

test('when a backslash is escaped before a digit, it is no reference', () => {
  expect(findRegexpFault({ source: '\\\\1', flags: '' })).toBeNull();
});

describe('when V8 runs a regexp', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    ' ',
    '.',
    '\\d',
    '\\S',
    '\\s',
    '\\w',
    '\\b',
    '[ab]',
    '[^a]',
    '[\\s1]',
    '^',
    '$',
    '_',
    '\\.',
  );
  const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{1,3}', '{2}', '+?');
  const sequence = fc
    .array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.map(([part, times]) => `${part}${/^[\^$]|\\b/u.test(part) ? '' : times}`).join(''));
  const source = fc.oneof(
    sequence,
    fc.tuple(sequence, sequence, sequence).map(([a, b, c]) => `${a}(${b}|${c})?`),
    fc.tuple(sequence, sequence).map(([a, b]) => `(?:${a}|${b})${b}`),
  );
  const line = fc.string({
    unit: fc.constantFrom('a', 'b', 'A', ' ', '.', '1', '_', '\t', '\v', '\r'),
    maxLength: 20,
  });

  test('it finds what RE2 finds', () => {
    let compared = 0;
    fc.assert(
      fc.property(source, fc.constantFrom('' as const, 'i' as const), line, (text, flags, subject) => {
        const native = createNativeRegexp({ source: text, flags });
        if (native === null) return;
        compared += 1;
        const re2 = RE2JS.compile(text, flags === 'i' ? RE2JS.CASE_INSENSITIVE : 0);
        expect(native.regexp.test(subject)).toBe(re2.test(subject));
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  test.each([
    '(a+)+$',
    '(a|a)*b',
    '(a|ab)+c',
    '(?:x*){9}',
    'a{1,5}{2,9}',
    '(?i:a)',
    '\\p{L}',
    '(?<n>a)',
    'a)b',
    '(a',
  ])('it never runs %s', (text) => {
    expect(createNativeRegexp({ source: text, flags: '' })).toBeNull();
  });
});

test.each(['(a+)+$', '^(a|a)*$', '(.*a){20}b', 'a.*a.*a.*a.*b', '(x+x+)+y', '\\S+\\S+\\S+ z'])(
  'when /%s/ meets a line made against it, the test ends soon',
  (source) => {
    const isMatch = compileRegexp({ source, flags: 'i' });
    const before = process.cpuUsage().user;
    expect(isMatch(`${'a'.repeat(65_536)}!`)).toBe(false);
    expect(isMatch(`${'a'.repeat(200)}!`)).toBe(false);
    expect(isMatch('x'.repeat(3000))).toBe(false);
    expect(process.cpuUsage().user - before).toBeLessThan(5_000_000);
  },
);

test('when a text is random, the expression has a fault or can be run', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 40 }),
      fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
      (source, subject) => {
        const query = { source, flags: 'i' } as const;
        const answer = findRegexpFault(query) ?? compileRegexp(query)(subject);
        expect(['string', 'boolean']).toContain(typeof answer);
      },
    ),
  );
  expect.hasAssertions();
});
