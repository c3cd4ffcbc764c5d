import { AppError } from '../../../src-shared/errors.ts';
import type { ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import type { Forward, Tenant, TenantSession } from '../../../src-shared/model/tenants/remoteNetworks.ts';

/** A tunnel that can be probed: its port is open, and its session is live. */
export type ProbeTarget = {
  clientId: string;
  port: number;
  uri: string | null;
  sessionPid: number;
  /** The time of the session's last heartbeat in the list. Null if the session sends none. */
  heartbeat: string | null;
  /** When Connect last failed to connect to the repository. Null if it reported none. */
  failedAt?: string | null;
  /** Whether the session's client acknowledges data. */
  sending?: Sending;
};

/** `pending`: a later list may show whether it is stalled. `unknown`: no list shows it, e.g. of an older kit. */
export type Sending = 'clear' | 'pending' | 'stalled' | 'unknown';

function findSending({ isSendingPending, isSendingStalled }: TenantSession): Sending {
  if (isSendingPending === true) return 'pending';
  if (isSendingStalled === undefined) return 'unknown';
  return isSendingStalled ? 'stalled' : 'clear';
}

function liveSession(tenant: Tenant, forward: Forward): TenantSession | undefined {
  return tenant.sessions.find(
    (session) => session.pid === forward.sessionPid && session.silentSince === null,
  );
}

export function listTargets(tenants: readonly Tenant[]): ProbeTarget[] {
  return tenants.flatMap((tenant) =>
    tenant.suspended
      ? []
      : tenant.forwards.flatMap((forward) => {
          const session = liveSession(tenant, forward);
          if (forward.listener === null || session === undefined) return [];
          return {
            clientId: tenant.clientId,
            port: forward.port,
            uri: forward.uri,
            sessionPid: session.pid,
            heartbeat: session.lastHeartbeatAt,
            failedAt: forward.dialFailure?.at ?? null,
            sending: findSending(session),
          };
        }),
  );
}

/** Whether both are the same port of the same session with the same URI. */
export function isSameTarget(left: ProbeTarget, right: ProbeTarget): boolean {
  return (
    left.clientId === right.clientId &&
    left.port === right.port &&
    left.uri === right.uri &&
    left.sessionPid === right.sessionPid
  );
}

/** Selects the targets of a request. A null `clientId` or `port` means all. Throws NOT_FOUND. */
export function selectTargets(
  all: readonly Tenant[],
  { clientId, port }: { clientId: string | null; port: number | null },
): ProbeTarget[] {
  const tenants = all.filter((tenant) => clientId === null || tenant.clientId === clientId);
  if (clientId !== null && tenants.length === 0)
    throw new AppError('NOT_FOUND', `This appliance has no tenant ${clientId}.`);
  const isListed = tenants.some((tenant) => tenant.forwards.some((forward) => forward.port === port));
  if (port !== null && !isListed)
    throw new AppError('NOT_FOUND', `Nothing is announced or bound on port ${port}.`);
  return listTargets(tenants).filter((target) => port === null || target.port === port);
}

/**
 * Whether an ordinary probe may send a large request as well: the last one got lost behind the same session and did
 * not stall it. Without one, the service would look well.
 */
export function mayRepeatLarge(target: ProbeTarget, last: ProbeResult | undefined): boolean {
  return (
    last?.service?.outcome === 'large-lost' &&
    last.sessionPid === target.sessionPid &&
    last.uri === target.uri
  );
}
