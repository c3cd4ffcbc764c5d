import { describe, expect, test } from 'vitest';
import { defaultProbing, type ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import { createSchedule } from './schedule.ts';
import type { ProbeTarget } from './targets.ts';

const minute = 60_000;
const probing = { ...defaultProbing, everyMinutes: 5, atOnce: 8 };

function targets(count: number, sessionPid = 7): ProbeTarget[] {
  return Array.from({ length: count }, (_, index) => ({
    clientId: 'northwind',
    port: 2200 + index,
    uri: 'smb://files.lan:445',
    sessionPid,
    heartbeat: null,
  }));
}

/** Returns pseudo-random numbers, which are the same in each run. */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const none: ReadonlyMap<number, ProbeResult> = new Map();

/** Runs the schedule for `minutes`, second by second. Returns how many targets were due in each minute. */
function run(
  schedule: ReturnType<typeof createSchedule>,
  about: { from: number; minutes: number; all: ProbeTarget[]; limit: number },
): number[] {
  return Array.from({ length: about.minutes * 60 }, (_, second) => {
    const now = about.from + second * 1000;
    schedule.update(about.all, none, now);
    return schedule.takeDue(about.limit, now).length;
  });
}

function result(at: number, isWell: boolean): ReadonlyMap<number, ProbeResult> {
  const forward = isWell
    ? ({ outcome: 'opened', milliseconds: 1 } as const)
    : ({ outcome: 'silent', milliseconds: 5000 } as const);
  const service = isWell
    ? ({ outcome: 'answered', protocol: 'SMB 3.1.1', milliseconds: 2, tls: null } as const)
    : null;
  const common = {
    at: new Date(at).toISOString(),
    port: 2200,
    uri: 'smb://files.lan:445',
    sessionPid: 7,
  };
  return new Map([[2200, { ...common, forward, service }]]);
}

describe('the schedule of an appliance', () => {
  test('tests three thousand tunnels in every period, and never many in the same second', () => {
    const schedule = createSchedule({ probing: () => probing, random: numbers() });
    const all = targets(3000);
    run(schedule, { from: 0, minutes: 20, all, limit: 1000 });
    const later = run(schedule, { from: 20 * minute, minutes: 5, all, limit: 1000 });
    const total = later.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(2700);
    expect(total).toBeLessThan(3300);
    expect(Math.max(...later)).toBeLessThan(40);
  });

  test('takes at most the limit, longest overdue first', () => {
    const schedule = createSchedule({ probing: () => probing, random: numbers() });
    const all = targets(30);
    schedule.update(all, none, 0);
    const first = schedule.takeDue(8, minute);
    const second = schedule.takeDue(8, minute);
    expect([first.length, second.length]).toEqual([8, 8]);
    expect(first.some((one) => second.includes(one))).toBe(false);
    expect(schedule.takeDue(0, minute)).toEqual([]);
  });

  test('tests a tunnel with a new session or destination soon, and does not delay the others', () => {
    const schedule = createSchedule({ probing: () => probing, random: () => 0.5 });
    schedule.update(targets(2), none, 0);
    expect(schedule.takeDue(9, 20_000)).toHaveLength(2);
    const [kept, moved] = [targets(2, 7)[0], targets(2, 8)[1]];
    if (kept === undefined || moved === undefined) throw new Error('no targets');
    schedule.update([kept, moved], none, 21_000);
    expect(schedule.takeDue(9, 41_000)).toEqual([moved]);
  });

  test('does not test again what was tested just before a restart', () => {
    const schedule = createSchedule({ probing: () => probing, random: () => 0.5 });
    const now = 100 * minute;
    const [target] = targets(1);
    if (target === undefined) throw new Error('no target');
    const { port, uri, sessionPid } = target;
    const last: ProbeResult = {
      at: new Date(now - minute).toISOString(),
      port,
      uri,
      sessionPid,
      forward: { outcome: 'opened', milliseconds: 1 },
      service: { outcome: 'not-known' },
    };
    schedule.update([target], new Map([[port, last]]), now);
    expect(schedule.takeDue(9, now + 3.9 * minute)).toEqual([]);
    expect(schedule.takeDue(9, now + 4.1 * minute)).toEqual([target]);
  });

  test('forgets closed ports, and continues after a clock was set back', () => {
    const schedule = createSchedule({ probing: () => probing, random: () => 0.5 });
    schedule.update(targets(2), none, 1000 * minute);
    schedule.update(targets(1), none, 10 * minute);
    expect(schedule.takeDue(9, 20 * minute)).toHaveLength(1);
  });

  test('when a result is bad, tests again soon, then less often, and normally once it is good', () => {
    const schedule = createSchedule({ probing: () => probing, random: () => 0.5 });
    const all = targets(1);
    /** Returns after how many seconds the target is due, if every probe has the same result. */
    const untilTaken = (from: number, results: ReadonlyMap<number, ProbeResult>): number => {
      for (let now = from; ; now += 1000) {
        schedule.update(all, results, now);
        if (schedule.takeDue(8, now).length > 0) return (now - from) / 1000;
      }
    };
    let now = untilTaken(0, none) * 1000;
    const waits: number[] = [];
    for (const isWell of [false, false, false, false, false, true, false]) {
      const wait = untilTaken(now, result(now, isWell));
      waits.push(wait);
      now += wait * 1000;
    }
    expect(waits).toEqual([20, 40, 80, 160, 300, 300, 20]);
  });
});
