import { dayMs, secondMs } from '../../src-shared/base/time.ts';
import { billingPlanSchema, type BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { usageSummarySchema, type UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import type { Store } from '../store/store.ts';

/** Enough to compare the present month with the same one a year ago **[ours]**. */
const keptDays = 400;

/** Complete counts that an appliance returned, and the price plan of its licence then. Null if none was known. */
export type KeptCounts = { summary: UsageSummary; plan: BillingPlan | null };

const dayOf = (instant: string) => instant.slice(0, 10);
/** Whether the counts were taken in the month that they are for. Later counts describe its end. */
export const isOfItsMonth = ({ month, takenAt }: Pick<UsageSummary, 'month' | 'takenAt'>) =>
  takenAt.startsWith(month);

/** Whole seconds since counts were taken; 0 if the clock of this computer is behind. */
export const ageSecondsOf = ({ takenAt }: Pick<UsageSummary, 'takenAt'>, now: number): number =>
  Math.max(0, Math.floor((now - Date.parse(takenAt)) / secondMs));

function read(row: { summaryJson: string; planJson: string | null }): KeptCounts[] {
  const summary = usageSummarySchema.safeParse(JSON.parse(row.summaryJson));
  if (!summary.success) return [];
  const plan = row.planJson === null ? null : billingPlanSchema.safeParse(JSON.parse(row.planJson));
  return [{ summary: summary.data, plan: plan?.data ?? null }];
}

/** Keeps the last complete counts of each appliance, month and day. They name no account and have no hash. */
export function createKeptCounts({ store }: { store: Store }) {
  const { query } = store;

  /** All counts of an appliance, or those for one month, oldest first. */
  function list(applianceId: string, month: string | null = null): KeptCounts[] {
    const all = query.selectFrom('usageCounts').selectAll().where('applianceId', '=', applianceId);
    const chosen = month === null ? all : all.where('month', '=', month);
    return store.all(chosen.orderBy('takenAt')).flatMap(read);
  }

  const forget = (applianceId: string): void =>
    void store.run(query.deleteFrom('usageCounts').where('applianceId', '=', applianceId));

  return {
    list,
    forget,
    /** The newest counts for a month; without a month, the newest that were taken in the month that they are for. */
    latest: (applianceId: string, month: string | null): KeptCounts | null =>
      list(applianceId, month)
        .filter(({ summary }) => month !== null || isOfItsMonth(summary))
        .at(-1) ?? null,
    /** Counts that are cut short or assume changes are not kept. */
    keep: (applianceId: string, { summary, plan }: KeptCounts): void => {
      if (summary.cutShort !== null || summary.assumed !== null) return;
      const { month, takenAt } = summary;
      const oldest = dayOf(new Date(Date.parse(takenAt) - keptDays * dayMs).toISOString());
      store.write(() => {
        // Another appliance behind the same entry has its own history.
        const isReplaced = list(applianceId).some((kept) => kept.summary.applianceId !== summary.applianceId);
        if (isReplaced) forget(applianceId);
        store.run(
          query.replaceInto('usageCounts').values({
            applianceId,
            month,
            day: dayOf(takenAt),
            takenAt,
            summaryJson: JSON.stringify(usageSummarySchema.parse(summary)),
            planJson: plan === null ? null : JSON.stringify(plan),
          }),
        );
        const old = query.deleteFrom('usageCounts').where('applianceId', '=', applianceId);
        store.run(old.where('day', '<', oldest));
      });
    },
  };
}
export type KeptCountsStore = ReturnType<typeof createKeptCounts>;
