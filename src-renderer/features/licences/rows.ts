import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import {
  daysBetween,
  dayOf,
  nextWorkDate,
  type WorkDate,
  workBackDates,
} from '../../../src-shared/model/licence/calendar.ts';
import { licenceStates, type LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';

/** An appliance's licence with the dates of the work before it expires. */
export type LicenceRow = {
  id: string;
  name: string;
  /** Empty if the appliance is in no cluster. */
  cluster: string;
  licence: LicenceShowOutput | null;
  observedAt: string | null;
  dates: readonly WorkDate[];
  /** Null if every date has passed or the licence has no expiry. */
  next: WorkDate | null;
};

/** The licences of the fleet: the first to expire first, then those without expiry by name. */
export function licenceRows(appliances: readonly ApplianceView[], now: number): LicenceRow[] {
  return appliances
    .map(({ entry, licence: seen }) => {
      const licence = seen?.value ?? null;
      const dates =
        licence === null || licence.expiresAt === null
          ? []
          : workBackDates({ expiresAt: licence.expiresAt, mode: licence.mode });
      return {
        id: entry.id,
        name: entry.name,
        cluster: entry.cluster,
        licence,
        observedAt: seen?.observedAt ?? null,
        dates,
        next: nextWorkDate(dates, now),
      };
    })
    .sort((a, b) => expiryOf(a) - expiryOf(b) || a.name.localeCompare(b.name));
}

function expiryOf({ licence }: LicenceRow): number {
  return licence?.expiresAt == null ? Number.MAX_SAFE_INTEGER : Date.parse(licence.expiresAt);
}

export function isLicensed({ licence }: LicenceRow): boolean {
  return licence !== null && licence.state !== 'not-required';
}

/** A date needs action from this many days before it **[ours]**. */
const dueSoonDays = 7;

/** Days until the next work date; null without a date. */
export function daysUntilNext({ next }: LicenceRow, now: number): number | null {
  return next === null ? null : daysBetween(dayOf(now), next.day);
}

export function isDueSoon(row: LicenceRow, now: number): boolean {
  const days = daysUntilNext(row, now);
  return days !== null && days <= dueSoonDays;
}

/** Whether the licence needs work now: it has a problem, or the next date is near. */
export function needsAction(row: LicenceRow, now: number): boolean {
  if (row.licence === null) return false;
  return licenceStates[row.licence.state].severity !== null || isDueSoon(row, now);
}
