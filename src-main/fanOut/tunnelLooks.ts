import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { TunnelsAnswering } from '../../src-shared/model/fanOut/fleetRun.ts';
import { needsAttention } from '../../src-shared/model/tunnels/tone.ts';
import { isUnknown } from '../../src-shared/model/tunnels/tunnelCounts.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { TunnelLook } from './watchCanary.ts';

/** The tunnels of an appliance by tenant and port, without those of suspended tenants, and whether each answers. */
function tunnelsOf(views: readonly TenantView[], without: string | null): Map<string, boolean> {
  return new Map(
    views
      .filter(({ tenant }) => !tenant.suspended && tenant.clientId !== without)
      .flatMap(({ tenant, tunnels }) =>
        tunnels.flatMap((tunnel) =>
          tunnel.port === null
            ? []
            : [
                [
                  `${tenant.clientId}:${tunnel.port}`,
                  !isUnknown(tunnel) && tunnel.tone !== 'unknown' && !needsAttention(tunnel.tone),
                ] as const,
              ],
        ),
      ),
  );
}

/** Looks at the tunnels of appliances whose links are up. */
export function createTunnelLooks({ fleet }: { fleet: Pick<Fleet, 'readTenants' | 'tenants'> }) {
  /** `without`: a tenant whose tunnels don't count, because the run ends them on purpose. Null if it can't be asked. */
  async function look(applianceId: string, without: string | null = null): Promise<TunnelLook> {
    try {
      await fleet.readTenants(applianceId);
      return tunnelsOf(fleet.tenants(applianceId), without);
    } catch (thrown) {
      if (thrown instanceof AppError) return null;
      throw thrown;
    }
  }
  return {
    look,
    count: async (applianceId: string): Promise<TunnelsAnswering | null> => {
      const seen = await look(applianceId);
      return seen && { answering: [...seen.values()].filter(Boolean).length, total: seen.size };
    },
  };
}
export type TunnelLooks = ReturnType<typeof createTunnelLooks>;
