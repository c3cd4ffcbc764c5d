import type { ProbeResult, Probing } from '../../../src-shared/model/tunnels/probe.ts';
import { isProbedWell } from '../../../src-shared/model/tunnels/probeLayers.ts';
import { isSameTarget, type ProbeTarget } from './targets.ts';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { minuteMs, secondMs } from '../../../src-shared/base/time.ts';

/** A tunnel that is new is tested soon, yet not all that came at once in the same second **[ours]**. */
const firstWithinMs = 20 * secondMs;
/** What was not well is tested again this soon, then after twice as long, until its ordinary turn **[ours]**. */
const againMs = 20 * secondMs;
/** How far from the mean the next probe may lie, to both sides **[ours]**. */
const jitter = 0.2;

/** When each tunnel of one appliance is due: each on a phase of its own, so that they never come together. */
export type Schedule = {
  /** Takes in what there is to test now. */
  follow: (targets: readonly ProbeTarget[], results: ReadonlyMap<number, ProbeResult>, now: number) => void;
  /** At most `limit` of those that are due, the longest overdue first; their next turn is set. */
  take: (limit: number, now: number) => ProbeTarget[];
};

type Turn = {
  target: ProbeTarget;
  dueAt: number;
  /** The last result that was looked at, and how many in a row before it were not well. */
  lookedAt: string | null;
  bad: number;
};

/** Whether a result is one of this very tunnel. */
function counts(target: ProbeTarget, last: ProbeResult): boolean {
  return last.uri === target.uri && last.sessionPid === target.sessionPid;
}

export function createSchedule(options: { probing: () => Probing; random: () => number }): Schedule {
  const turns = new Map<number, Turn>();
  const everyMs = () => options.probing().everyMinutes * minuteMs;
  const interval = () => everyMs() * (1 - jitter + 2 * jitter * options.random());

  const soonerFor = (bad: number) =>
    growingDelayMs({ failures: bad - 1, firstMs: againMs, maxMs: everyMs() }) *
    (1 - jitter + 2 * jitter * options.random());

  function firstDue(target: ProbeTarget, last: ProbeResult | undefined, now: number): number {
    const soon = now + options.random() * Math.min(firstWithinMs, everyMs());
    return last !== undefined && counts(target, last)
      ? Math.min(Math.max(Date.parse(last.at) + interval(), soon), now + everyMs())
      : soon;
  }

  return {
    follow: (targets, results, now) => {
      const ports = new Set(targets.map(({ port }) => port));
      for (const port of turns.keys()) if (!ports.has(port)) turns.delete(port);
      for (const target of targets) {
        const last = results.get(target.port);
        const kept = turns.get(target.port);
        const before = kept !== undefined && isSameTarget(kept.target, target) ? kept : undefined;
        const turn: Turn = {
          target,
          // A shorter period counts at once, and so does a clock that was set back.
          dueAt: Math.min(before?.dueAt ?? firstDue(target, last, now), now + everyMs() * (1 + jitter)),
          lookedAt: before?.lookedAt ?? null,
          bad: before?.bad ?? 0,
        };
        if (last !== undefined && counts(target, last) && last.at !== turn.lookedAt) {
          turn.lookedAt = last.at;
          turn.bad = isProbedWell(last, now) ? 0 : turn.bad + 1;
          if (turn.bad > 0) turn.dueAt = Math.min(turn.dueAt, now + soonerFor(turn.bad));
        }
        turns.set(target.port, turn);
      }
    },
    take: (limit, now) => {
      const due = [...turns.values()].filter(({ dueAt }) => dueAt <= now);
      const taken = due.sort((left, right) => left.dueAt - right.dueAt).slice(0, Math.max(0, limit));
      for (const turn of taken) turn.dueAt = now + interval();
      return taken.map(({ target }) => target);
    },
  };
}
