import type { Capacity } from '../../src-shared/contract/ports.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { planCapacity } from '../../src-shared/model/tenants/capacity.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { clockSkewMs } from '../fleet/view.ts';

/** Plans the capacity of an appliance. Null if the appliance never listed its tenants. */
export function computeCapacity(input: {
  fleet: Pick<Fleet, 'remoteNetworks' | 'view'>;
  entry: ApplianceEntry;
  now: number;
}): Capacity | null {
  const { fleet, entry, now } = input;
  const networks = fleet.remoteNetworks(entry.id);
  // Uses the cells of the appliance's view. There, a port that another cluster member serves does not count
  // as bad.
  const { capacity: cells, licence, status } = fleet.view(entry.id);
  if (networks === null || cells === null) return null;
  const { runsOutAtMs, ...plan } = planCapacity({
    range: networks.value.portRange,
    tenants: networks.value.tenants,
    now,
    clockSkewMs: clockSkewMs(status ?? undefined),
  });
  return {
    applianceId: entry.id,
    applianceName: entry.name,
    ...plan,
    cells,
    runsOutAt: formatRunsOutAt(runsOutAtMs),
    licenceState: licence?.value.state ?? null,
    licenceEndsAt: licence === null ? null : (licence.value.graceEndsAt ?? licence.value.expiresAt),
  };
}

/** Returns null for times after the year 9999, because the ports then practically never run out. */
function formatRunsOutAt(milliseconds: number | null): string | null {
  if (milliseconds === null || milliseconds > Date.parse('9999-12-31T23:59:59.999Z')) return null;
  return new Date(milliseconds).toISOString();
}
