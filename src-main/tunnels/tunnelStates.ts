import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import {
  noLongerForwarded,
  sessionUp,
  type TunnelState,
} from '../../src-shared/model/tunnels/tunnelHistory.ts';
import { toneOf, tunnelCodes } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { shorten } from '../../src-shared/base/machineText.ts';

/** The port number that means the tenant itself, i.e. whether its session is up. */
export const tenantPort = 0;

/**
 * The current state of a tunnel. If the fault is the end of the session, `endedAt` is the time of that end on
 * the console's clock.
 */
export type ObservedState = TunnelState & {
  clientId: string;
  port: number;
  reason: string;
  endedAt: string | null;
};

const maxReason = 512;

/** Whether the fault is the end of the tenant's last session. */
function isSessionEnd(view: TenantView, { code }: Tunnel): boolean {
  return tunnelCodes[code].absence === 'unexplained' && view.tenant.lastSession !== null;
}

function findReason(view: TenantView, tunnel: Tunnel): string {
  if (isSessionEnd(view, tunnel)) return view.tenant.lastSession?.reason ?? '';
  const layer = tunnel.layers.find(({ code }) => code === tunnel.code);
  const evidence = layer === undefined || layer.state === 'ok' ? '' : layer.evidence;
  return evidence === '' ? tunnel.word : `${tunnel.word}: ${evidence}`;
}

function tunnelState(view: TenantView, tunnel: Tunnel, port: number): ObservedState {
  return {
    clientId: view.tenant.clientId,
    port,
    tone: tunnel.tone,
    code: tunnel.code,
    reason: shorten(findReason(view, tunnel), maxReason),
    endedAt: isSessionEnd(view, tunnel) ? tunnel.lastSeenAt : null,
  };
}

/** The state of the tenant itself. A fault of a single port does not count. */
function tenantState(view: TenantView): ObservedState {
  const [first] = view.tunnels;
  const withoutPort = view.tunnels.find((tunnel) => tunnel.port === null);
  if (withoutPort !== undefined) return tunnelState(view, withoutPort, tenantPort);
  const base = { clientId: view.tenant.clientId, port: tenantPort, endedAt: null };
  if (first === undefined || view.tunnels.some((tunnel) => tunnel.layers[2]?.state === 'ok'))
    return { ...base, ...sessionUp, reason: '' };
  const failed = first.layers.slice(0, 3).find((layer) => layer.state !== 'ok');
  const code = failed?.code ?? first.code;
  return { ...base, tone: toneOf(code), code, reason: shorten(failed?.evidence ?? first.word, maxReason) };
}

/** The state of each tenant itself, followed by the states of its ports. */
export function listStates(views: readonly TenantView[]): ObservedState[] {
  return views.flatMap((view) => [
    tenantState(view),
    ...view.tunnels.flatMap((tunnel) =>
      tunnel.port === null ? [] : [tunnelState(view, tunnel, tunnel.port)],
    ),
  ]);
}

/**
 * The state of a port that is not listed any more: the tenant's state if the tenant is not connected,
 * otherwise "no longer forwarded", which is no fault.
 */
export function createMissingState(
  missing: { clientId: string; port: number },
  tenant: ObservedState | undefined,
): ObservedState {
  // A tenant that exceeds its quota or forwards nothing is connected, although its tone is not OK.
  const isConnected =
    tenant === undefined || tenant.tone === 'ok' || tunnelCodes[tenant.code].layer === 'listener';
  if (!isConnected) return { ...tenant, port: missing.port };
  const reason = tenant === undefined ? 'the tenant was removed' : 'no longer forwarded';
  return { ...missing, ...noLongerForwarded, reason, endedAt: null };
}
