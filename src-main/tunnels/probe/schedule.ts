import type { ProbeResult, Probing } from '../../../src-shared/model/tunnels/probe.ts';
import { isProbeWithoutFault } from '../../../src-shared/model/tunnels/probeLayers.ts';
import { isSameTarget, type ProbeTarget } from './targets.ts';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { minuteMs, secondMs } from '../../../src-shared/base/time.ts';

/**
 * A new tunnel is probed within this time. If there are many, their probes are spread over it **[ours]**.
 */
const firstWithinMs = 20 * secondMs;
/**
 * After a bad result, the next probe follows after this time. The time doubles after each further bad result,
 * up to the normal interval **[ours]**.
 */
const firstRetryMs = 20 * secondMs;
/** Each interval differs from the normal one by a random factor of at most this much **[ours]**. */
const jitter = 0.2;

/** Decides when each tunnel of one appliance is probed. The times are spread. */
export type Schedule = {
  /** Updates the tunnels and their last results. */
  update: (targets: readonly ProbeTarget[], results: ReadonlyMap<number, ProbeResult>, now: number) => void;
  /**
   * Returns at most `limit` tunnels that are due, the longest overdue first, and schedules their next probe.
   */
  takeDue: (limit: number, now: number) => ProbeTarget[];
};

type DueTarget = {
  target: ProbeTarget;
  dueAt: number;
  /** `countedAt` is the time of the last result in `bad`, the number of consecutive bad results. */
  countedAt: string | null;
  bad: number;
};

/** Whether the result is from this tunnel and the same session. */
function isResultOf(target: ProbeTarget, last: ProbeResult): boolean {
  return last.uri === target.uri && last.sessionPid === target.sessionPid;
}

export function createSchedule(options: { probing: () => Probing; random: () => number }): Schedule {
  const dueTargets = new Map<number, DueTarget>();
  const everyMs = () => options.probing().everyMinutes * minuteMs;
  const interval = () => everyMs() * (1 - jitter + 2 * jitter * options.random());

  const randomRetryMs = (bad: number) =>
    growingDelayMs({ failures: bad - 1, firstMs: firstRetryMs, maxMs: everyMs() }) *
    (1 - jitter + 2 * jitter * options.random());

  function firstDue(target: ProbeTarget, last: ProbeResult | undefined, now: number): number {
    const soon = now + options.random() * Math.min(firstWithinMs, everyMs());
    return last !== undefined && isResultOf(target, last)
      ? Math.min(Math.max(Date.parse(last.at) + interval(), soon), now + everyMs())
      : soon;
  }

  return {
    update: (targets, results, now) => {
      const ports = new Set(targets.map(({ port }) => port));
      for (const port of dueTargets.keys()) if (!ports.has(port)) dueTargets.delete(port);
      for (const target of targets) {
        const last = results.get(target.port);
        const kept = dueTargets.get(target.port);
        const before = kept !== undefined && isSameTarget(kept.target, target) ? kept : undefined;
        const next: DueTarget = {
          target,
          // Limit the time, so that a shorter interval, or a clock that was set back, takes effect at once.
          dueAt: Math.min(before?.dueAt ?? firstDue(target, last, now), now + everyMs() * (1 + jitter)),
          countedAt: before?.countedAt ?? null,
          bad: before?.bad ?? 0,
        };
        if (last !== undefined && isResultOf(target, last) && last.at !== next.countedAt) {
          next.countedAt = last.at;
          next.bad = isProbeWithoutFault(last, now) ? 0 : next.bad + 1;
          if (next.bad > 0) next.dueAt = Math.min(next.dueAt, now + randomRetryMs(next.bad));
        }
        dueTargets.set(target.port, next);
      }
    },
    takeDue: (limit, now) => {
      const due = [...dueTargets.values()].filter(({ dueAt }) => dueAt <= now);
      const taken = due.sort((left, right) => left.dueAt - right.dueAt).slice(0, Math.max(0, limit));
      for (const next of taken) next.dueAt = now + interval();
      return taken.map(({ target }) => target);
    },
  };
}
