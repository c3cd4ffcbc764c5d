import type { PortRow } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import { portRow } from '../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Drops } from './drops.ts';
import { placeKey } from './history.ts';
import { tenantPort } from './tunnelStates.ts';

/** What the appliance itself remembers of the tenant's latest session. */
function lastSessionDrop(view: TenantView, tunnel: Tunnel): PortRow['lastDrop'] {
  const last = view.tenant.lastSession;
  if (last === null) return null;
  // `lastSeenAt` is that instant on the console's clock, as long as no other session came.
  const at = view.tenant.sessions.length === 0 ? (tunnel.lastSeenAt ?? last.endedAt) : last.endedAt;
  return { at, reason: last.reason };
}

/**
 * The lines of a tenant, made anew only when its verdicts, its drops or its cluster are new: thousands are asked for with
 * every answer, and each answer is one appliance's.
 */
export function createRows(): {
  of: (view: TenantView, probes: ReadonlyMap<number, ProbeResult>, drops: Drops) => readonly PortRow[];
} {
  type Made = { drops: Drops; cluster: string | null; disagrees: boolean; rows: readonly PortRow[] };
  const kept = new WeakMap<readonly Tunnel[], Made>();
  return {
    of: (view, probes, drops) => {
      const cluster = view.cluster?.name ?? null;
      const disagrees = (view.cluster?.disagreements.length ?? 0) > 0;
      const made = kept.get(view.tunnels);
      if (made?.drops === drops && made.cluster === cluster && made.disagrees === disagrees) return made.rows;
      const rows = view.tunnels.map((tunnel) => {
        const port = tunnel.port ?? tenantPort;
        return portRow(view, tunnel, {
          probe: probes.get(port),
          lastDrop: drops.get(placeKey({ clientId: tunnel.clientId, port })) ?? lastSessionDrop(view, tunnel),
        });
      });
      kept.set(view.tunnels, { drops, cluster, disagrees, rows });
      return rows;
    },
  };
}
