import type { PortRow } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import { portRow } from '../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Drops } from './drops.ts';
import { placeKey } from './tunnelRef.ts';
import { tenantPort } from './tunnelStates.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/** The drop that the appliance reports: the end of the tenant's last session. */
function lastSessionDrop(view: TenantView, tunnel: Tunnel): PortRow['lastDrop'] {
  const last = view.tenant.lastSession;
  if (last === null) return null;
  // Without a newer session, `lastSeenAt` is the same time on the console's clock.
  const at = view.tenant.sessions.length === 0 ? (tunnel.lastSeenAt ?? last.endedAt) : last.endedAt;
  return { at, reason: last.reason };
}

/**
 * Caches the rows of tenants until their tunnels, drops or cluster change, because an answer changes only one
 * appliance, and thousands of rows are requested after it.
 */
export function createRows() {
  const memo = createMemo<readonly Tunnel[], readonly PortRow[]>(new WeakMap());
  return {
    of: (view: TenantView, probes: ReadonlyMap<number, ProbeResult>, drops: Drops): readonly PortRow[] => {
      const causes = [drops, view.cluster?.name, (view.cluster?.disagreements.length ?? 0) > 0];
      return memo.get(view.tunnels, causes, () =>
        view.tunnels.map((tunnel) => {
          const port = tunnel.port ?? tenantPort;
          const key = placeKey({ clientId: tunnel.clientId, port });
          return portRow(view, tunnel, {
            probe: probes.get(port),
            lastDrop: drops.get(key) ?? lastSessionDrop(view, tunnel),
          });
        }),
      );
    },
  };
}
