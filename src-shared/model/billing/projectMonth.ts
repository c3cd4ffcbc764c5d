import { z } from 'zod';
import { dayMs } from '../../base/time.ts';
import { errorCodeSchema } from '../../errorCodes.ts';
import { AppError } from '../../errors.ts';
import { usageSummarySchema, type UsageSummary } from '../usage/usageSummary.ts';
import { readMonth } from './billingMonth.ts';
import type { BillingPlan } from './billingPlan.ts';
import { growCounts } from './growCounts.ts';
import { amountSchema, invoiceSchema, unknownAmount, type Invoice } from './invoice.ts';
import { priceMonth } from './priceMonth.ts';
import { decimal } from './rounding.ts';

/** Growth older than this many days says little about the next ones **[ours]**. */
export const maxHistoryDays = 60;
/** A band of fewer repetitions would be a guess **[ours]**. */
export const minRepetitions = 7;

const dayOf = ({ takenAt }: UsageSummary) => Math.floor(Date.parse(takenAt) / dayMs);

/** Whether the counts are those of the day they were taken, and not of an earlier month. */
const isOfItsDay = ({ month, takenAt }: UsageSummary) => takenAt.startsWith(month);

/** The last complete counts of each day of one appliance, up to those of `latest`. */
function keepDays(snapshots: readonly UsageSummary[], latest: UsageSummary): Map<number, UsageSummary> {
  const byDay = new Map<number, UsageSummary>();
  const lastDay = dayOf(latest);
  for (const snapshot of snapshots.toSorted((a, b) => Date.parse(a.takenAt) - Date.parse(b.takenAt)))
    if (isUsable(snapshot) && isOfItsDay(snapshot) && snapshot.applianceId === latest.applianceId) {
      const day = dayOf(snapshot);
      if (day <= lastDay && day >= lastDay - maxHistoryDays) byDay.set(day, snapshot);
    }
  return byDay;
}

const isUsable = ({ cutShort, assumed }: UsageSummary) => cutShort === null && assumed === null;

/** All pairs of kept days that are `length` days apart. */
const pairsOf = (byDay: ReadonlyMap<number, UsageSummary>, length: number) =>
  [...byDay].flatMap(([day, start]) => {
    const end = byDay.get(day + length);
    return end === undefined ? [] : [{ start, end }];
  });

/** The longest time, up to the days that are left, that was seen often enough. Null if no time was. */
function findRepetitions(byDay: ReadonlyMap<number, UsageSummary>, daysLeft: number) {
  for (let length = daysLeft; length > 0; length -= 1) {
    const pairs = pairsOf(byDay, length);
    if (pairs.length >= minRepetitions) return { length, pairs };
  }
  return null;
}

/** Exact order of amounts; the unknown ones first. */
function compareTotals({ total: first }: Invoice, { total: second }: Invoice): number {
  if (!first.known || !second.known) return Number(first.known) - Number(second.known);
  return decimal(first.value).cmp(decimal(second.value));
}

const nameDays = (days: number) => (days === 1 ? '1 day' : `${days} days`);

function describeBasis(count: number, length: number, daysLeft: number): string {
  const scaled = length === daysLeft ? '' : `, extended from ${nameDays(length)}`;
  return `The next ${nameDays(daysLeft)} are assumed to grow like ${count} kept spans of ${nameDays(length)}${scaled}. The range leaves out the lowest and the highest tenth.`;
}

/** `counts`: the assumed ones, from which `invoice` follows. `low` and `high`: the range of the total. */
export const projectionSchema = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    invoice: invoiceSchema,
    counts: usageSummarySchema,
    low: amountSchema,
    high: amountSchema,
    daysLeft: z.int(),
    basis: z.string(),
  }),
  z.object({ known: z.literal(false), code: errorCodeSchema, reason: z.string(), daysLeft: z.int() }),
]);
type Projection = z.infer<typeof projectionSchema>;

function project(
  plan: BillingPlan,
  { latest, from }: { latest: UsageSummary; from: UsageSummary },
  byDay: ReadonlyMap<number, UsageSummary>,
): Projection {
  const { start, days } = readMonth(latest.month);
  const daysLeft = Math.max(0, start / dayMs + days - 1 - dayOf(latest));
  if (daysLeft === 0) {
    const invoice = priceMonth(plan, from);
    return {
      known: true,
      invoice,
      counts: from,
      low: invoice.total,
      high: invoice.total,
      daysLeft,
      basis: 'The month is over.',
    };
  }
  const found = findRepetitions(byDay, daysLeft);
  if (found === null) {
    const reason = `Counts of ${nameDays(byDay.size)} are kept; a projection needs ${minRepetitions + 1} days in a row.`;
    return {
      ...unknownAmount('BILLING_HISTORY_SHORT', reason),
      known: false,
      code: 'BILLING_HISTORY_SHORT',
      reason,
      daysLeft,
    };
  }
  const { length, pairs } = found;
  const outcomes = pairs
    .map((pair) => {
      const counts = growCounts({ now: from, ...pair }, daysLeft / length);
      return { counts, invoice: priceMonth(plan, counts) };
    })
    .toSorted((first, second) => compareTotals(first.invoice, second.invoice));
  const at = (index: number) => outcomes[index] ?? { counts: from, invoice: priceMonth(plan, from) };
  const last = outcomes.length - 1;
  const lowest = at(0).invoice.total;
  if (!lowest.known) return { ...lowest, daysLeft };
  return {
    known: true,
    ...at(Math.floor(last / 2)),
    low: at(Math.floor(last * 0.1)).invoice.total,
    high: at(Math.ceil(last * 0.9)).invoice.total,
    daysLeft,
    basis: describeBasis(pairs.length, length, daysLeft),
  };
}

/**
 * The invoice to date and the one to expect at the end of the month, with a band **[ours]**. Kept counts of earlier days
 * show how the accounts grew; the middle of these growths gives the invoice. `assumed`: counts of the same time after changes
 * that were not made, which then grow like the others. Throws BILLING_COUNTS_INCOMPLETE if there are no complete counts of
 * the month, and the errors of `priceMonth`.
 */
export function projectMonth({
  plan,
  month,
  snapshots,
  assumed,
}: {
  plan: BillingPlan;
  month: string;
  snapshots: readonly UsageSummary[];
  assumed?: UsageSummary;
}): { toDate: Invoice; projection: Projection } {
  const latest = snapshots
    .filter((snapshot) => snapshot.month === month && isUsable(snapshot))
    .reduce<UsageSummary | null>(
      (last, snapshot) =>
        last === null || Date.parse(snapshot.takenAt) > Date.parse(last.takenAt) ? snapshot : last,
      null,
    );
  if (latest === null)
    throw new AppError('BILLING_COUNTS_INCOMPLETE', `No complete counts of ${month} are kept.`, {
      detail: { month },
    });
  const from = assumed ?? latest;
  return {
    toDate: priceMonth(plan, from),
    projection: project(plan, { latest, from }, keepDays(snapshots, latest)),
  };
}
