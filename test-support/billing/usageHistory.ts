import { dayMs } from '../../src-shared/base/time.ts';
import type { AccountCounts, UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { createKeptCounts } from '../../src-main/usage/keptCounts.ts';
import { openStore } from '../../src-main/store/store.ts';

type Progress = (connector: string) => number;

/** A count between two others; both are reached exactly. */
const between = (from: number, to: number, progress: number) => Math.round(from + (to - from) * progress);

function mixAccounts(from: AccountCounts, to: AccountCounts, progress: number): AccountCounts {
  const mix = (activity: 'active' | 'inactive', internal: 'billable' | 'internal') => ({
    admin: between(from[activity][internal].admin, to[activity][internal].admin, progress),
    nonAdmin: between(from[activity][internal].nonAdmin, to[activity][internal].nonAdmin, progress),
  });
  return {
    active: { billable: mix('active', 'billable'), internal: mix('active', 'internal') },
    inactive: { billable: mix('inactive', 'billable'), internal: mix('inactive', 'internal') },
  };
}

function mix(from: UsageSummary, to: UsageSummary, progress: Progress, at: number): UsageSummary {
  const takenAt = new Date(at).toISOString();
  return {
    ...to,
    month: takenAt.slice(0, 7),
    takenAt,
    endUsers: null,
    connectors: to.connectors.map((usage) => {
      const before = from.connectors.find(({ connector }) => connector === usage.connector);
      const accounts = mixAccounts(
        before?.accounts ?? usage.accounts,
        usage.accounts,
        progress(usage.connector),
      );
      return { ...usage, accounts, endUsers: null };
    }),
  };
}

/**
 * Gives a console the daily counts that it would have kept if it had counted on each of the last `days` days. They lead from
 * the counts of the month before to the present ones; in `burst`, nearly all of the growth is within three days.
 */
export function addUsageHistory(
  dataFolder: string,
  { applianceId, days, burst }: { applianceId: string; days: number; burst: string },
): void {
  const store = openStore({ folder: dataFolder });
  try {
    let clock = Date.now();
    const kept = createKeptCounts({ store, clock: () => clock });
    const present = kept.latest(applianceId, null);
    if (present === null) throw new Error('the appliance was not counted yet');
    const now = Date.parse(present.summary.takenAt);
    const monthStart = Date.parse(`${present.summary.month}-01T00:00:00.000Z`);
    const monthBefore = new Date(monthStart - dayMs).toISOString().slice(0, 7);
    const before = kept.latest(applianceId, monthBefore);
    if (before === null) throw new Error('the month before was not counted yet');
    const length = Math.max(dayMs, now - monthStart);
    for (let back = days; back > 0; back -= 1) {
      const at = now - back * dayMs;
      clock = at;
      const share = (at - monthStart) / length;
      const jump = Math.min(1, Math.max(0, (share - 0.4) * (length / dayMs / 3)));
      const progress: Progress = (connector) =>
        share < 0 ? share / 4 : connector === burst ? 0.1 * share + 0.9 * jump : share;
      kept.keep(applianceId, {
        plan: present.plan,
        summary: mix(before.summary, present.summary, progress, at),
      });
    }
  } finally {
    store.close();
  }
}
