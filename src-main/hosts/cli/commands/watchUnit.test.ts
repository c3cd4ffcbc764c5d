import { expect, test } from 'vitest';
import { buildWatchUnit } from './watchUnit.ts';

test('when a path has signs with a meaning for systemd, they are quoted', () => {
  const unit = buildWatchUnit(['/usr/bin/node', '--data', '/home/a b/$x/100%/"c"', 'watch']);
  expect(unit).toContain('\nExecStart=/usr/bin/node --data "/home/a b/$$x/100%%/\\"c\\"" watch\n');
  expect(() => buildWatchUnit(['/a\nExecStartPre=/bin/sh'])).toThrow(/can’t contain/u);
});
