import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import type { LicenceSchedule } from '../../../src-shared/model/licence/licenceWork.ts';

/** An appliance's licence with the dates of the work before it expires. */
export type LicenceRow = {
  id: string;
  name: string;
  /** Empty if the appliance is in no cluster. */
  cluster: string;
  licence: LicenceShowOutput | null;
  observedAt: string | null;
  schedule: LicenceSchedule;
  link: ApplianceView['link'];
};
export type ScheduledDate = LicenceSchedule['dates'][number];

/** The licences of the fleet: the first to expire first, then those without expiry by name. */
export function licenceRows(appliances: readonly ApplianceView[]): LicenceRow[] {
  return appliances
    .map(({ entry, licence: seen, schedule, link }) => ({
      id: entry.id,
      name: entry.name,
      cluster: entry.cluster,
      licence: seen?.value ?? null,
      observedAt: seen?.observedAt ?? null,
      schedule,
      link,
    }))
    .sort((a, b) => expiryOf(a) - expiryOf(b) || a.name.localeCompare(b.name));
}

function expiryOf({ licence }: LicenceRow): number {
  return licence?.expiresAt == null ? Number.MAX_SAFE_INTEGER : Date.parse(licence.expiresAt);
}

export function isLicensed({ licence }: LicenceRow): boolean {
  return licence !== null && licence.state !== 'not-required';
}

/** Whether the appliance can’t be renewed before someone looks at its host key. */
export function hasHostKeyProblem(row: LicenceRow): boolean {
  const { link } = row;
  const isWaiting =
    link.state === 'waiting-host-key' ||
    (link.state === 'stopped' && link.error.code.startsWith('HOST_KEY_'));
  return isWaiting && isLicensed(row);
}

/** Whether the licence is listed as needing action; a snoozed one is, so that its snooze can be ended. */
export function needsAction(row: LicenceRow): boolean {
  return row.schedule.isDue || row.schedule.snooze !== null || hasHostKeyProblem(row);
}

/**
 * The rows that need action: due ones by date, then those with another host key or an open renewal, then snoozed ones.
 * `openTrips`: the appliances with an open renewal, which must be in sight.
 */
export function rowsToAct(
  rows: readonly LicenceRow[],
  openTrips: ReadonlySet<string | null> = new Set(),
): LicenceRow[] {
  const rankOf = ({ schedule }: LicenceRow) => (schedule.snooze !== null ? 2 : schedule.isDue ? 0 : 1);
  return rows
    .filter((row) => needsAction(row) || openTrips.has(row.id))
    .sort(
      (a, b) =>
        rankOf(a) - rankOf(b) ||
        (a.schedule.next?.day ?? '').localeCompare(b.schedule.next?.day ?? '') ||
        expiryOf(a) - expiryOf(b),
    );
}
