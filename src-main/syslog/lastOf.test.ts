import { expect, test } from 'vitest';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import { lastOf } from './syslog.ts';

/** Rows by their kinds: `l` is a line, `g` a gap. */
const rowsOf = (kinds: string): SyslogLine[] =>
  kinds.split('').map((kind, seq) => ({
    seq,
    applianceId: 'kiln',
    receivedAt: '2026-11-29T09:00:00.000Z',
    time: null,
    host: null,
    program: null,
    pid: null,
    severity: null,
    severityFrom: null,
    head: '',
    message: '',
    kind: kind === 'l' ? 'line' : 'gap',
  }));

test.each([
  ['lll', 2, [1, 2]],
  ['lll', 0, []],
  ['lll', 5, [0, 1, 2]],
  ['llgl', 2, [1, 2, 3]],
  ['lllg', 2, [1, 2, 3]],
  ['lglg', 2, [0, 1, 2, 3]],
  ['glgg', 1, [1, 2, 3]],
  ['gg', 1, [0, 1]],
  ['', 3, []],
])('of %s, the last %i lines come with the gaps after them', (kinds, count, expected) => {
  expect(lastOf(rowsOf(kinds), count).map(({ seq }) => seq)).toEqual(expected);
});
