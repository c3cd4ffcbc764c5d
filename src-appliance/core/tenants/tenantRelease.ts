import { AppError } from '../../../src-shared/errors.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import type { TenantChange } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Appliance } from '../appliance.ts';
import { saveSessionEnd } from '../sessions/sessionRecords.ts';
import { isSessionReleasable } from './tenantForwards.ts';
import { withStateLock, requireTenant, requireUnchanged, type ChangeBasis } from '../state/tenantLock.ts';

function createConflict(message: string): AppError {
  return new AppError('CONFLICT', message);
}

/**
 * Ends the process that holds a tenant's port, if the port has no healthy session: its session is silent or
 * lost its monitor process, or it belongs to no known session **[ours]**. Throws CONFLICT and ends nothing if the port is free, `pid` doesn't
 * hold it, the session is live, or the process is no tenant's sshd.
 */
export function releasePort(
  appliance: Appliance,
  request: { clientId: string; port: number; pid: number; basis?: ChangeBasis | undefined },
): Promise<TenantChange> {
  const { clientId, port, pid, basis } = request;
  return withStateLock(appliance, async ({ tenants }) => {
    requireUnchanged(tenants, { clientId, basis });
    const tenant = requireTenant(tenants, clientId);
    const { sessions, listeners } = await appliance.runtime.observe();
    const session = sessions.find((one) => one.pid === pid);
    // A session may still hold a port that its tenant has lost.
    if (!hasPort(tenant.ports, port) && session?.clientId !== clientId)
      throw createConflict(`port ${port} is not one of ${clientId}`);
    const holders = listeners.filter((one) => one.port === port);
    if (!holders.some((one) => one.pid === pid)) {
      const other = holders.find((one) => one.pid !== null)?.pid;
      throw createConflict(
        other === undefined
          ? `process ${pid} no longer listens on port ${port}`
          : `process ${other} listens on port ${port}, not ${pid}`,
      );
    }
    if (session !== undefined && !isSessionReleasable(session))
      throw createConflict(`a live session of ${session.clientId} holds port ${port}`);
    if (!(await appliance.runtime.endListener({ port, pid })))
      throw createConflict(
        `process ${pid} is not the sshd of a tenant, or no longer listens on port ${port}`,
      );
    if (session !== undefined) {
      const ending = {
        endedAt: new Date(appliance.now()).toISOString(),
        peerAddress: session.peerAddress,
        peerPort: session.peerPort,
        reason: `ended: its listener on port ${port} was stale and was released`,
      };
      const { runFolder } = appliance.config;
      await saveSessionEnd({ runFolder, clientId: session.clientId, ending, endedBy: 'command' });
    }
    return {
      contract: 1,
      clientId,
      action: 'released',
      quota: tenant.quota,
      ports: tenant.ports,
      endedSessions: session === undefined ? 0 : 1,
      fingerprint: session?.keyFingerprint ?? null,
    };
  });
}
