import type { Urgency } from './changeSigns.ts';

/** How long after a sign the appliance is looked at, so that one look sees all files of one change **[ours]**. */
const settleMs = 60;
/**
 * A look may take this share of the time: after a sign of a change, after a sign that may mean nothing, and without
 * any sign. So an appliance with many tenants is not looked at more often than it can bear **[ours]**.
 */
const shares = { now: 0.2, soon: 0.01, none: 0.0015 } as const;
const leastMs = { now: settleMs, soon: 1000, none: 5000 } as const;
const mostMs = { now: 2000, soon: 10_000, none: 30_000 } as const;

export type Reason = Urgency | 'none';

/** How many milliseconds after the end of a look that took `tookMs` the next one may begin. */
export function nextLookMs(reason: Reason, tookMs: number): number {
  return Math.min(mostMs[reason], Math.max(leastMs[reason], tookMs / shares[reason]));
}
