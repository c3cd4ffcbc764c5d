import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../errors.ts';
import { parseSyslogLine } from '../syslogParse.ts';
import { createWatches, maxAlertsPerMinute, type WatchedLine } from './watchLines.ts';
import { compileWatchQuery, watchRuleSchema, type WatchRule } from './watchRule.ts';

const start = Date.parse('2026-11-20T03:00:00.000Z');
const applianceId = '0f3c9d0e-1111-4222-8333-123456789abc';
const rule = (changes: Partial<WatchRule> = {}): WatchRule =>
  watchRuleSchema.parse({
    id: '1f3c9d0e-1111-4222-8333-123456789abc',
    name: 'Refused keys',
    query: '"Failed publickey"',
    threshold: 3,
    windowSeconds: 60,
    quietSeconds: 600,
    groupBy: 'none',
    applianceIds: null,
    isEnabled: true,
    ...changes,
  });

function lineAt(seconds: number, more: Partial<WatchedLine<number>> = {}): WatchedLine<number> {
  const at = start + seconds * 1000;
  const text = `${new Date(at).toISOString()} kiln sshd[1]: Failed publickey for connect`;
  return {
    ...parseSyslogLine(text, { receivedAt: at }),
    receivedAt: new Date(at).toISOString(),
    appliance: 'kiln-01',
    tenants: [],
    ports: [],
    applianceId,
    at,
    ref: seconds,
    ...more,
  };
}

/** Feeds lines at these seconds, each as it is written; returns the seconds at which there was an alert. */
function feed(rules: readonly WatchRule[], lines: readonly WatchedLine<number>[]) {
  let now = start;
  const watches = createWatches<number>(rules, () => now);
  return lines.flatMap((line) => {
    now = Math.max(now, line.at);
    return watches.add(line);
  });
}
const alertsAt = (seconds: readonly number[], changes: Partial<WatchRule> = {}) =>
  feed(
    [rule(changes)],
    seconds.map((second) => lineAt(second)),
  ).map(({ last }) => last);

describe('when lines fit a rule', () => {
  test('an alert is raised with the lines that reached the threshold in the window', () => {
    expect(
      feed(
        [rule()],
        [0, 50, 70, 80].map((second) => lineAt(second)),
      ),
    ).toEqual([
      {
        rule: { id: rule().id, name: 'Refused keys' },
        group: null,
        count: 3,
        from: start + 50_000,
        to: start + 80_000,
        first: 50,
        last: 80,
        missed: 0,
        dropped: 0,
      },
    ]);
    expect(alertsAt([0, 30, 61])).toEqual([]);
    expect(alertsAt([0, 30, 60])).toEqual([60]);
    expect(alertsAt([5], { threshold: 1 })).toEqual([5]);
  });

  test('it is quiet for a while, and then says how many lines it missed', () => {
    const alerts = feed(
      [rule({ quietSeconds: 100 })],
      Array.from({ length: 200 }, (_, second) => lineAt(second)),
    );
    expect(alerts.map(({ last, missed }) => [last, missed])).toEqual([
      [2, 0],
      [102, 99],
    ]);
  });

  test('lines that arrive out of order count by their time', () => {
    expect(alertsAt([100, 10, 95, 50])).toEqual([100]);
    expect(alertsAt([100, 39, 95, 38])).toEqual([]);
  });

  test('other lines, other appliances and rules that are off raise nothing', () => {
    expect(alertsAt([0, 1, 2], { isEnabled: false })).toEqual([]);
    expect(alertsAt([0, 1, 2], { query: 'program:cron' })).toEqual([]);
    expect(alertsAt([0, 1, 2], { applianceIds: ['2f3c9d0e-1111-4222-8333-123456789abc'] })).toEqual([]);
    expect(alertsAt([0, 1, 2], { applianceIds: [applianceId] })).toEqual([2]);
  });

  test('groups are counted apart', () => {
    const lines = [0, 1, 2, 3, 4, 5].map((second) =>
      lineAt(second, { tenants: [second % 2 === 0 ? 'northwind' : 'umbrella'] }),
    );
    expect(feed([rule({ groupBy: 'tenant' })], lines).map(({ group, last }) => [group, last])).toEqual([
      ['northwind', 4],
      ['umbrella', 5],
    ]);
    expect(
      feed(
        [rule({ groupBy: 'tenant' })],
        [0, 1, 2].map((second) => lineAt(second)),
      ),
    ).toEqual([]);
    expect(
      feed(
        [rule({ groupBy: 'appliance' })],
        [0, 1, 2].map((second) => lineAt(second)),
      )[0]?.group,
    ).toBe('kiln-01');
  });
});

test('when many groups alert at once, the number of alerts is bounded and the dropped ones are counted', () => {
  const many = Array.from({ length: 100 }, (_, index) => lineAt(1, { tenants: [`t${index}`] }));
  const alerts = feed(
    [rule({ groupBy: 'tenant', threshold: 1 })],
    [...many, lineAt(120, { tenants: ['late'] })],
  );
  expect(alerts).toHaveLength(maxAlertsPerMinute + 1);
  expect(alerts.at(-1)).toMatchObject({ group: 'late', dropped: 100 - maxAlertsPerMinute });
});

test('when lines are random, there is an alert exactly if a window holds enough lines', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(300), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      (seconds, threshold) => {
        const sorted = seconds.toSorted((a, b) => a - b);
        const isReached = sorted.some(
          (from, index) => (sorted[index + threshold - 1] ?? Infinity) - from <= 60,
        );
        expect(alertsAt(sorted, { threshold }).length > 0).toBe(isReached);
      },
    ),
  );
});

test('when the clock is set back, the rule alerts again', () => {
  let now = start;
  const watches = createWatches<number>([rule({ threshold: 1, quietSeconds: 60 })], () => now);
  expect(watches.add(lineAt(0))).toHaveLength(1);
  now = start - 3_600_000;
  expect(watches.add(lineAt(1))).toHaveLength(1);
});

test.each([
  ['time:-1h', 'can’t have a time'],
  ['a OR -(b time:today)', 'can’t have a time'],
  ['a OR', 'At character 3: OR needs a term after it'],
])('when the query is %s, refuses it', (query, message) => {
  expect(() => compileWatchQuery({ query })).toThrow(AppError);
  expect(() => compileWatchQuery({ query })).toThrow(message);
});

test.each([
  { threshold: 0 },
  { windowSeconds: 86_401 },
  { quietSeconds: 1 },
  { name: ' ' },
  { name: 'a\u202eb' },
  { groupBy: 'x' },
])('when a rule has %j, it is not valid', (changes) => {
  expect(watchRuleSchema.safeParse({ ...rule(), ...changes }).success).toBe(false);
});
