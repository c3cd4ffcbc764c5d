import { expect, test } from 'vitest';
import { comparableOutput } from './comparableOutput.ts';
import { createOutputComparison, describeComparison } from './compareOutputs.ts';

const compare = (outputs: (string | null)[]) => {
  const { most, byId } = createOutputComparison()(outputs.map((output, at) => ({ id: `${at}`, output })));
  return { most: most?.ids ?? null, words: [...byId.values()].map(describeComparison) };
};

test('when most outputs are equal, the others are compared with them', () => {
  expect(compare(['a\nb', 'a\nc', 'a\nb', null, 'a\nb\nd\ne'])).toEqual({
    most: ['0', '2'],
    words: ['same as most', 'differs, 1 line', 'same as most', 'none', 'differs, 2 lines'],
  });
});

test('when all outputs differ, they are compared with the first one', () => {
  expect(compare([null, 'a', 'b'])).toEqual({
    most: ['1'],
    words: ['none', 'all differ', 'differs, 1 line'],
  });
});

test('when only one appliance has an output, nothing is compared', () => {
  expect(compare([null, 'a'])).toEqual({ most: ['1'], words: ['none', 'the only one'] });
  expect(compare([null])).toEqual({ most: null, words: ['none'] });
});

test('when results are added, the majority may change, and counts are those of the new one', () => {
  const comparison = createOutputComparison();
  const first = [
    { id: '0', output: 'a\nb' },
    { id: '1', output: 'c' },
  ];
  expect(comparison(first).byId.get('1')).toEqual({ kind: 'differs', lines: 2 });
  const later = comparison([...first, { id: '2', output: 'c' }]);
  expect(later.most).toEqual({ output: 'c', ids: ['1', '2'] });
  expect(later.byId.get('0')).toEqual({ kind: 'differs', lines: 2 });
});

const own = { name: 'kiln-01', at: '2026-11-30T14:00:00.000Z' };

test('when outputs are compared, the own name with its ID and the time of the run do not count', () => {
  const text = [
    'Appliance  kiln-01  4fb40708-4221-450f-a549-705f3a40bc72',
    'Clock 2026-11-30T14:29:10.440Z, log /srv/kiln-01/syslog',
    'expires 2027-06-30 20:28:14 UTC, pinged 2026-11-30 13:59:16 UTC',
    'peer kiln-010, mykiln-01, serial 4fb40708-4221-450f-a549-705f3a40bc72',
  ];
  expect(comparableOutput(text.join('\n'), own).split('\n')).toEqual([
    'Appliance  ‹name›  ‹ID›',
    'Clock ‹time›, log /srv/‹name›/syslog',
    'expires 2027-06-30 20:28:14 UTC, pinged ‹time›',
    'peer kiln-010, mykiln-01, serial 4fb40708-4221-450f-a549-705f3a40bc72',
  ]);
});

test('when a name has signs of patterns, they are plain text', () => {
  expect(comparableOutput('a.b axb', { ...own, name: 'a.b' })).toBe('‹name› axb');
});

const statusOf = (up: string, free: string, next: string, service = 'running') =>
  [
    `Up         ${up}`,
    `Disk       /  ${free} of 62.7 GB free`,
    `Service    sshd  ${service}`,
    `Pings      none sent yet; next ${next}`,
  ].join('\n');

const pinged = (at: string) =>
  `State    valid\nPings    last sent ${at}; the last one failed: no route; next ${at}`;

test('when status or licence are compared, the time since the start, free space and the times of pings do not count', () => {
  const task = { kind: 'read', command: 'status' } as const;
  const compared = (text: string) => comparableOutput(text, { ...own, task });
  const one = statusOf('3 d', '41.2', '2026-12-02 03:11:07 UTC');
  expect(compared(statusOf('5 min', '9.8', '2026-12-01 17:40:59 UTC'))).toBe(compared(one));
  expect(compared(statusOf('3 d', '41.2', '2026-12-02 03:11:07 UTC', 'stopped'))).not.toBe(compared(one));
  expect(compared(one.replace('62.7', '20.0'))).not.toBe(compared(one));
  const licence = { kind: 'read', command: 'licence' } as const;
  expect(comparableOutput(pinged('2026-11-29 03:11:07 UTC'), { ...own, task: licence })).toBe(
    comparableOutput(pinged('2026-11-28 17:40:59 UTC'), { ...own, task: licence }),
  );
  // Another command may print the same for another reason.
  expect(comparableOutput(one, { ...own, task: { kind: 'read', command: 'tenants' } })).toContain('41.2');
});
