import type { Capacity } from '../../src-shared/contract/ports.ts';
import type { ApplianceEntry } from '../../src-shared/model/applianceEntry.ts';
import { planCapacity } from '../../src-shared/model/capacity.ts';
import type { Fleet } from '../fleet/fleet.ts';

/** Null of an appliance that never listed its tenants. */
export function capacityOf(input: {
  fleet: Pick<Fleet, 'remoteNetworks' | 'view'>;
  entry: ApplianceEntry;
  now: number;
}): Capacity | null {
  const { fleet, entry, now } = input;
  const networks = fleet.remoteNetworks(entry.id);
  if (networks === null) return null;
  const { capacity, licence, status } = fleet.view(entry.id);
  const { runsOutAtMs, ...plan } = planCapacity({
    range: networks.value.portRange,
    tenants: networks.value.tenants,
    now,
    clockSkewMs: status === null ? 0 : Date.parse(status.value.clock.now) - Date.parse(status.observedAt),
  });
  return {
    applianceId: entry.id,
    applianceName: entry.name,
    ...plan,
    cells: capacity ?? [],
    runsOutAt: instantOf(runsOutAtMs),
    licenceEndsAt: licence === null ? null : (licence.value.graceEndsAt ?? licence.value.expiresAt),
  };
}

/** Null beyond the year 9999: at such a pace they never do. */
function instantOf(milliseconds: number | null): string | null {
  if (milliseconds === null || milliseconds > Date.parse('9999-12-31T23:59:59.999Z')) return null;
  return new Date(milliseconds).toISOString();
}
