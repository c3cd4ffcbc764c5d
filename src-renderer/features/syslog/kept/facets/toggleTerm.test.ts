import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkQuery } from '../../../../../src-shared/model/syslog/query/parseQuery.ts';
import { printQuery } from '../../../../../src-shared/model/syslog/query/printQuery.ts';
import { hasTerm, toggleTerm } from './toggleTerm.ts';

const read = (text: string) => ({
  text,
  parsed: checkQuery(text, { now: 0, timeZone: 'UTC' }).parsed,
});

test.each([
  ['', 'program:sshd'],
  ['failed', 'failed program:sshd'],
  ['failed -CRON', 'failed -CRON program:sshd'],
  ['failed OR lost', '(failed OR lost) program:sshd'],
  ['failed -program:sshd', 'failed -program:sshd program:sshd'],
])('when a term is added to "%s", the query is "%s"', (text, wanted) => {
  expect(toggleTerm(read(text), 'program:sshd')).toBe(wanted);
  expect(hasTerm(read(wanted), 'program:sshd')).toBe(true);
});

test.each([
  ['program:sshd', ''],
  ['failed program:sshd -CRON', 'failed -CRON'],
  ['(failed OR lost) program:sshd', '(failed OR lost)'],
])('when a term is taken from "%s", the query is "%s"', (text, wanted) => {
  expect(toggleTerm(read(text), 'program:sshd')).toBe(wanted);
});

test('when the query has a fault, no term is added', () => {
  expect(toggleTerm(read('severity:loud'), 'program:sshd')).toBeNull();
});

test('when a term is added and taken away, the query means what it meant before', () => {
  const word = fc.constantFrom('failed', '-CRON', '"a b"', 'host:kiln', 'severity:<=err', '/x.y/');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.constantFrom(' ', ' OR '), (words, between) => {
      const before = read(words.join(between));
      if (before.parsed === null) return;
      const added = read(toggleTerm(before, 'program:sshd') ?? '');
      const after = read(toggleTerm(added, 'program:sshd') ?? '?');
      expect(after.parsed === null ? null : printQuery(after.parsed.query)).toBe(
        printQuery(before.parsed.query),
      );
    }),
  );
});
