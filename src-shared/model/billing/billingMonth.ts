import { dayMs } from '../../base/time.ts';
import { AppError } from '../../errors.ts';
import type { BillingPlan } from './billingPlan.ts';

/** First day (epoch ms) and number of days of a month such as `2026-11`, in UTC. */
export function readMonth(month: string): { start: number; days: number } {
  const start = Date.parse(`${month}-01T00:00:00.000Z`);
  const date = new Date(start);
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return { start, days: Math.round((next - start) / dayMs) };
}

/** The days of the month on which the plan is in force. Throws BILLING_PLAN_NOT_IN_FORCE if there are none. */
export function countDaysInForce({ id, from, to }: BillingPlan, month: string): { days: number; of: number } {
  const { start, days: of } = readMonth(month);
  const first = Math.max(start, from === null ? start : Date.parse(from));
  const end = Math.min(start + of * dayMs, to === null ? Infinity : Date.parse(to) + dayMs);
  const days = Math.max(0, Math.round((end - first) / dayMs));
  if (days > 0) return { days, of };
  const span = [from === null ? '' : ` from ${from}`, to === null ? '' : ` to ${to}`].join('');
  throw new AppError(
    'BILLING_PLAN_NOT_IN_FORCE',
    `The plan “${id}” is not in force in ${month}, but${span}.`,
    {
      detail: { plan: id, month, from, to },
    },
  );
}
