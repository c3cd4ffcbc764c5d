import type { ProbeResult, Probing } from '../../src-shared/model/probe.ts';
import type { ProbeTarget } from './targets.ts';

/** A tunnel that is new is tested soon, yet not all that came at once in the same second **[ours]**. */
const firstWithinMs = 20_000;
/** How far from the mean the next probe may lie, to both sides **[ours]**. */
const jitter = 0.2;

/** When each tunnel of one appliance is due: each on a phase of its own, so that they never come together. */
export type Schedule = {
  /** Takes in what there is to test now. */
  follow: (targets: readonly ProbeTarget[], results: ReadonlyMap<number, ProbeResult>, now: number) => void;
  /** At most `limit` of those that are due, the longest overdue first; their next turn is set. */
  take: (limit: number, now: number) => ProbeTarget[];
};

export function createSchedule(options: { probing: () => Probing; random: () => number }): Schedule {
  const turns = new Map<number, { target: ProbeTarget; session: string; dueAt: number }>();
  const everyMs = () => options.probing().everyMinutes * 60_000;
  const interval = () => everyMs() * (1 - jitter + 2 * jitter * options.random());

  function firstDue(target: ProbeTarget, last: ProbeResult | undefined, now: number): number {
    const soon = now + options.random() * Math.min(firstWithinMs, everyMs());
    const counts = last !== undefined && last.uri === target.uri && last.sessionPid === target.sessionPid;
    return counts ? Math.min(Math.max(Date.parse(last.at) + interval(), soon), now + everyMs()) : soon;
  }

  return {
    follow: (targets, results, now) => {
      const ports = new Set(targets.map(({ port }) => port));
      for (const port of turns.keys()) if (!ports.has(port)) turns.delete(port);
      for (const target of targets) {
        const session = `${target.clientId} ${target.sessionPid} ${target.uri ?? ''}`;
        const before = turns.get(target.port);
        const dueAt =
          before?.session === session ? before.dueAt : firstDue(target, results.get(target.port), now);
        // A shorter period counts at once, and so does a clock that was set back.
        turns.set(target.port, { target, session, dueAt: Math.min(dueAt, now + everyMs() * (1 + jitter)) });
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
