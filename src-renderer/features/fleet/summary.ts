import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { TunnelCounts } from '../../../src-shared/model/tunnels/tunnelCounts.ts';

export type FleetSummary = {
  appliances: number;
  connected: number;
  /** Appliances that never answered. They add nothing to the figures. */
  neverSeen: number;
  tenants: number;
  withSession: number;
  allotted: number;
  listening: number;
  tunnels: TunnelCounts;
  /** Names of the appliances whose tunnels are unknown. */
  away: string[];
  /** True if every known licence state is "not required". */
  needsNoLicence: boolean;
  nextExpiry: { name: string; expiresAt: string; state: string } | null;
};

/** The number of tenants; a tenant of a cluster counts once, however many members list it. */
export const countTenants = (appliances: readonly ApplianceView[]): number =>
  appliances.reduce((total, { counted }) => total + counted.tenants, 0);

/** Says which appliances the figures leave out, e.g. `3 appliances never seen`; '' if none. */
export function neverSeenText({ neverSeen }: Pick<FleetSummary, 'neverSeen'>): string {
  return neverSeen === 0 ? '' : `${neverSeen} ${neverSeen === 1 ? 'appliance' : 'appliances'} never seen`;
}

/** Lines of syslog per second on the connected appliances; null if no appliance is connected. */
export function sumSyslogRate(appliances: readonly ApplianceView[]): number | null {
  const rates = appliances.flatMap(({ link, syslog }) =>
    link.state === 'connected' && syslog !== null ? syslog.linesPerSecond : [],
  );
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0);
}

/** The figures of the fleet. */
export function summariseFleet(appliances: readonly ApplianceView[]): FleetSummary {
  const sum = (pick: (counted: ApplianceView['counted']) => number): number =>
    appliances.reduce((total, { counted }) => total + pick(counted), 0);
  const expiries = appliances.flatMap((view) => {
    const licence = view.licence?.value;
    if (licence?.expiresAt == null) return [];
    return [{ name: view.entry.name, expiresAt: licence.expiresAt, state: licence.state }];
  });
  expiries.sort((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
  const licences = appliances.flatMap((view) => view.licence?.value.state ?? []);
  return {
    appliances: appliances.length,
    connected: appliances.filter((view) => view.link.state === 'connected').length,
    neverSeen: appliances.filter((view) => view.observedAt === null).length,
    tenants: countTenants(appliances),
    withSession: sum(({ withSession }) => withSession),
    allotted: sum(({ allotted }) => allotted),
    listening: sum(({ listening }) => listening),
    tunnels: {
      down: sum(({ tunnels }) => tunnels.down),
      attention: sum(({ tunnels }) => tunnels.attention),
      unknown: sum(({ tunnels }) => tunnels.unknown),
    },
    away: appliances.flatMap(({ entry, counted }) => (counted.tunnels.unknown > 0 ? entry.name : [])),
    needsNoLicence: licences.length > 0 && licences.every((state) => state === 'not-required'),
    nextExpiry: expiries[0] ?? null,
  };
}

/** How many licences are due, e.g. `1 due`; empty if none is. */
export function countDue(appliances: readonly ApplianceView[]): string {
  const due = appliances.filter(({ schedule }) => schedule.isDue).length;
  return due === 0 ? '' : `${due} due`;
}
