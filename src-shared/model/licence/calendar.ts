import { dayMs } from '../../base/time.ts';
import { licenceModes, type LicenceMode } from './licence.ts';

/** The work before a licence expires, in order. `daysBefore` counts back from the last day of the licence **[ours]**. */
export const workSteps = {
  quote: { label: 'Ask for a quote', mark: 'Q', daysBefore: 35, isOfflineOnly: false, role: 'purchasing' },
  order: { label: 'Order', mark: 'O', daysBefore: 21, isOfflineOnly: false, role: 'purchasing' },
  carry: {
    label: 'Carry out and back',
    mark: 'C',
    daysBefore: 10,
    isOfflineOnly: true,
    role: 'licence manager',
  },
  apply: { label: 'Apply', mark: 'A', daysBefore: 5, isOfflineOnly: true, role: 'licence manager' },
} as const;
export type WorkStep = keyof typeof workSteps;
const orderedSteps = ['quote', 'order', 'carry', 'apply'] as const satisfies readonly WorkStep[];

/** A day in UTC, e.g. `2026-12-09`. */
export type Day = string;
export type WorkDate = { step: WorkStep; day: Day };

/** The UTC day of an instant, in epoch milliseconds. */
export function dayOf(instantMs: number): Day {
  return new Date(instantMs).toISOString().slice(0, 10);
}

/** Midnight UTC at the start of a day, in epoch milliseconds. */
export function startOfDay(day: Day): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

/** The last day on which the licence is valid. A licence that expires at midnight is valid until the day before. */
export function lastValidDay(expiresAt: string): Day {
  return dayOf(Date.parse(expiresAt) - 1);
}

/** Whole days from `from` to `to`; negative if `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / dayMs);
}

/** The day itself, or the Friday before if it is on a weekend. */
function moveToOpenDay(dayStart: number): number {
  const weekday = new Date(dayStart).getUTCDay();
  if (weekday === 6) return dayStart - dayMs;
  return weekday === 0 ? dayStart - 2 * dayMs : dayStart;
}

/**
 * The last day for each step before a licence expires. An appliance that fetches its licence itself needs no
 * carrying and no applying. `mode` is null if the appliance doesn't say; the licence is then taken to need both.
 */
export function workBackDates({
  expiresAt,
  mode,
}: {
  expiresAt: string;
  mode: LicenceMode | null;
}): WorkDate[] {
  const fetchesLicence = mode !== null && licenceModes[mode].fetchesLicence;
  const end = startOfDay(lastValidDay(expiresAt));
  return orderedSteps
    .filter((step) => !fetchesLicence || !workSteps[step].isOfflineOnly)
    .map((step) => ({ step, day: dayOf(moveToOpenDay(end - workSteps[step].daysBefore * dayMs)) }));
}

/** The first step whose day has not passed; null if all have. */
export function nextWorkDate(dates: readonly WorkDate[], now: number): WorkDate | null {
  const today = dayOf(now);
  return dates.find(({ day }) => day >= today) ?? null;
}
