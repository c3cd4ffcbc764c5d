import { dayMs, minuteMs } from '../../base/time.ts';
import { licenceModes, type LicenceMode } from './licence.ts';
import { findClosed, type ClosedRange } from './closedDays.ts';

/** Who does a step of a renewal. Reminders are addressed to roles, so that they survive staff changes **[ours]**. */
export const workRoles = {
  purchasing: { label: 'purchasing' },
  manager: { label: 'licence manager' },
  administrator: { label: 'administrator' },
} as const;
export type WorkRole = keyof typeof workRoles;

/** The work before a licence expires, in order **[ours]**. */
export const workSteps = {
  quote: {
    label: 'Ask for a quote',
    mark: 'Q',
    role: 'purchasing',
    isOfflineOnly: false,
    isMarkedByHand: true,
  },
  order: { label: 'Order', mark: 'O', role: 'purchasing', isOfflineOnly: false, isMarkedByHand: true },
  carry: {
    label: 'Carry out and back',
    mark: 'C',
    role: 'manager',
    isOfflineOnly: true,
    isMarkedByHand: false,
  },
  apply: { label: 'Apply', mark: 'A', role: 'manager', isOfflineOnly: true, isMarkedByHand: false },
} as const satisfies Record<
  string,
  {
    label: string;
    mark: string;
    role: WorkRole;
    /** True if an appliance that fetches its licence itself has no such step. */
    isOfflineOnly: boolean;
    /** True if only a person knows that it is done. */
    isMarkedByHand: boolean;
  }
>;
export type WorkStep = keyof typeof workSteps;
export const orderedSteps = ['quote', 'order', 'carry', 'apply'] as const satisfies readonly WorkStep[];

/** A day without a time, e.g. `2026-12-09`. */
export type Day = string;
/** The last day for a step. `movedFrom` is the day by the lead time if it is not an open day, and `movedBy` says why. */
export type WorkDate = { step: WorkStep; day: Day; movedFrom: Day | null; movedBy: string | null };

/** The UTC day of an instant, in epoch milliseconds. */
export function dayOf(instantMs: number): Day {
  return new Date(instantMs).toISOString().slice(0, 10);
}

/** The day of an instant where this computer is. People keep deadlines by this day. */
export function localDayOf(instantMs: number): Day {
  return dayOf(asWallTime(instantMs));
}

/** The instant at which a clock in UTC shows what this computer’s clock shows at `instantMs`, for scales of days. */
export function asWallTime(instantMs: number): number {
  return instantMs - new Date(instantMs).getTimezoneOffset() * minuteMs;
}

/** Midnight UTC at the start of a day, in epoch milliseconds. */
export function startOfDay(day: Day): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

/** The last UTC day on which the licence is valid. A licence that expires at midnight is valid until the day before. */
export function lastValidDay(expiresAt: string): Day {
  return dayOf(Date.parse(expiresAt) - 1);
}

/** Whole days from `from` to `to`; negative if `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / dayMs);
}

/** The day `days` after `day`; before it if `days` is negative. */
export function addDays(day: Day, days: number): Day {
  return dayOf(startOfDay(day) + days * dayMs);
}

/** If more days in a row are closed, the date is not moved. */
const maxClosedDays = 366;

function findReason(day: Day, closed: readonly ClosedRange[]): string | null {
  const range = findClosed(day, closed);
  if (range !== null) return `closed ${range.text}`;
  const weekday = new Date(startOfDay(day)).getUTCDay();
  return weekday === 0 || weekday === 6 ? 'weekend' : null;
}

/** The last open day that is not after `day`. */
function moveToOpenDay(day: Day, closed: readonly ClosedRange[]): Omit<WorkDate, 'step'> {
  const movedBy = findReason(day, closed);
  if (movedBy === null) return { day, movedFrom: null, movedBy };
  for (let back = 1; back <= maxClosedDays; back += 1) {
    const earlier = addDays(day, -back);
    if (findReason(earlier, closed) === null) return { day: earlier, movedFrom: day, movedBy };
  }
  return { day, movedFrom: null, movedBy: null };
}

/**
 * The last open day for each step before a licence expires. An appliance that fetches its licence itself needs no
 * carrying and no applying. `mode` is null if the appliance doesn't say; the licence is then taken to need both. No step
 * is later than the next one.
 */
export function workBackDates(licence: {
  expiresAt: string;
  mode: LicenceMode | null;
  /** Days before the last day of the licence. */
  daysBefore: Readonly<Record<WorkStep, number>>;
  closed: readonly ClosedRange[];
}): WorkDate[] {
  const { mode, daysBefore, closed } = licence;
  const fetchesLicence = mode !== null && licenceModes[mode].fetchesLicence;
  const end = lastValidDay(licence.expiresAt);
  const steps = orderedSteps.filter((step) => !fetchesLicence || !workSteps[step].isOfflineOnly);
  return steps.map((step, index) => {
    const days = Math.max(...steps.slice(index).map((later) => daysBefore[later]));
    return { step, ...moveToOpenDay(addDays(end, -days), closed) };
  });
}
