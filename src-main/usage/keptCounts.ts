import { createEmitter } from '../../src-shared/base/emitter.ts';
import { dayMs, secondMs } from '../../src-shared/base/time.ts';
import { billingPlanSchema, type BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';
import { usageSummarySchema, type UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import type { Store } from '../store/store.ts';

/** Enough to compare the present month with the same one a year ago **[ours]**. */
const keptDays = 400;

/** Complete counts that an appliance returned, and the price plan of its licence then. Null if none was known. */
export type KeptCounts = { summary: UsageSummary; plan: BillingPlan | null };

/** The UTC day of an instant. */
export const dayOf = (instant: string) => instant.slice(0, 10);
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

/** Counts whose time differs more from the clock of this computer are not kept: they would replace or delete others **[ours]**. */
const maxClockDifferenceMs = dayMs;

/** Why counts are not kept, as a sentence; null if they can be. */
export function findKeepProblem({ cutShort, assumed, takenAt }: UsageSummary, now: number): string | null {
  if (cutShort !== null) return `The counts are incomplete: ${cutShort}`;
  if (assumed !== null) return 'The counts assume changes that were not made.';
  if (Math.abs(Date.parse(takenAt) - now) <= maxClockDifferenceMs) return null;
  return `The clocks of the appliance (${dayOf(takenAt)}) and of this computer (${dayOf(new Date(now).toISOString())}) differ by more than a day.`;
}

/** Keeps the last complete counts of each appliance, month and day. They name no account and have no hash. */
export function createKeptCounts({ store, clock }: { store: Store; clock: () => number }) {
  const { query } = store;
  const kept = createEmitter<[applianceId: string]>();
  let isClosed = false;

  /** All counts of an appliance, or those for one month, oldest first. */
  function list(applianceId: string, month: string | null = null): KeptCounts[] {
    if (isClosed) return [];
    const all = query.selectFrom('usageCounts').selectAll().where('applianceId', '=', applianceId);
    const chosen = month === null ? all : all.where('month', '=', month);
    return store.all(chosen.orderBy('takenAt')).flatMap(read);
  }

  const forget = (applianceId: string): void =>
    void store.run(query.deleteFrom('usageCounts').where('applianceId', '=', applianceId));

  /** Another appliance behind the same entry has its own history. */
  function isReplaced(applianceId: string, summary: UsageSummary): boolean {
    const rows = query.selectFrom('usageCounts').selectAll().where('applianceId', '=', applianceId);
    const row = store.first(rows.orderBy('takenAt', 'desc').limit(1));
    return row !== undefined && read(row).some((last) => last.summary.applianceId !== summary.applianceId);
  }

  /** The clock of an appliance may have been set back: the later counts of a day stay. */
  function hasLater(applianceId: string, { month, takenAt }: UsageSummary): boolean {
    const row = query
      .selectFrom('usageCounts')
      .select('takenAt')
      .where('applianceId', '=', applianceId)
      .where('month', '=', month)
      .where('day', '=', dayOf(takenAt))
      .where('takenAt', '>', takenAt);
    return store.first(row) !== undefined;
  }

  return {
    list,
    forget,
    /** Registers a listener that is called after new counts of an appliance were kept. */
    onKept: kept.on,
    /** When the newest counts were taken, in any month. Null if none are kept. */
    lastTakenAt: (applianceId: string): string | null => {
      if (isClosed) return null;
      const rows = query.selectFrom('usageCounts').where('applianceId', '=', applianceId);
      return store.first(rows.select((each) => each.fn.max('takenAt').as('last')))?.last ?? null;
    },
    /** The newest counts for a month; without a month, the newest that were taken in the month that they are for. */
    latest: (applianceId: string, month: string | null): KeptCounts | null =>
      list(applianceId, month)
        .filter(({ summary }) => month !== null || isOfItsMonth(summary))
        .at(-1) ?? null,
    /** Keeps nothing if `findKeepProblem` names a problem. */
    keep: (applianceId: string, { summary, plan }: KeptCounts): void => {
      const now = clock();
      if (isClosed || findKeepProblem(summary, now) !== null) return;
      const { month, takenAt } = summary;
      const oldest = dayOf(new Date(now - keptDays * dayMs).toISOString());
      store.write(() => {
        if (isReplaced(applianceId, summary)) forget(applianceId);
        if (hasLater(applianceId, summary)) return;
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
      kept.emit(applianceId);
    },
    /** Keeps and finds nothing from then on, because a count may end after its console closed the database. */
    close: (): void => {
      isClosed = true;
    },
  };
}
export type KeptCountsStore = ReturnType<typeof createKeptCounts>;
