import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';

export type FleetSummary = {
  appliances: number;
  connected: number;
  tenants: number;
  withSession: number;
  allotted: number;
  listening: number;
  tunnelsNotWell: number;
  nextExpiry: { name: string; expiresAt: string; state: string } | null;
};

/** The fleet in figures. */
export function summariseFleet(appliances: readonly ApplianceView[]): FleetSummary {
  const sum = (pick: (view: ApplianceView) => number): number =>
    appliances.reduce((total, view) => total + pick(view), 0);
  const expiries = appliances.flatMap((view) => {
    const licence = view.licence?.value;
    if (licence?.expiresAt == null) return [];
    return [{ name: view.entry.name, expiresAt: licence.expiresAt, state: licence.state }];
  });
  expiries.sort((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
  return {
    appliances: appliances.length,
    connected: appliances.filter((view) => view.link.state === 'connected').length,
    tenants: sum((view) => view.tenants?.total ?? 0),
    withSession: sum((view) => view.tenants?.withSession ?? 0),
    allotted: sum((view) => view.ports?.allotted ?? 0),
    listening: sum((view) => view.ports?.listening ?? 0),
    tunnelsNotWell: sum((view) => view.tunnelsNotWell),
    nextExpiry: expiries[0] ?? null,
  };
}
