import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import {
  noLongerForwarded,
  sessionUp,
  type TunnelState,
} from '../../src-shared/model/tunnels/tunnelHistory.ts';
import { toneOf, tunnelCodes } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { shortened } from '../../src-shared/base/machineText.ts';

/** Represents the tenant itself among its ports: whether its session is up. */
export const tenantPort = 0;

/** The state of one tunnel now. `endedAt`: when its session ended, on the console's clock, if that is the fault. */
export type ObservedState = TunnelState & {
  clientId: string;
  port: number;
  reason: string;
  endedAt: string | null;
};

const maxReason = 512;

/** The fault is the end of the tenant's last session. */
function isSessionEnd(view: TenantView, { code }: Tunnel): boolean {
  return tunnelCodes[code].absence === 'unexplained' && view.tenant.lastSession !== null;
}

function reasonOf(view: TenantView, tunnel: Tunnel): string {
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
    reason: shortened(reasonOf(view, tunnel), maxReason),
    endedAt: isSessionEnd(view, tunnel) ? tunnel.lastSeenAt : null,
  };
}

/** The tenant without its ports: a fault of one port is not a fault of the whole tenant. */
function tenantState(view: TenantView): ObservedState {
  const [first] = view.tunnels;
  const withoutPort = view.tunnels.find((tunnel) => tunnel.port === null);
  if (withoutPort !== undefined) return tunnelState(view, withoutPort, tenantPort);
  const base = { clientId: view.tenant.clientId, port: tenantPort, endedAt: null };
  if (first === undefined || view.tunnels.some((tunnel) => tunnel.layers[2]?.state === 'ok'))
    return { ...base, ...sessionUp, reason: '' };
  const failed = first.layers.slice(0, 3).find((layer) => layer.state !== 'ok');
  const code = failed?.code ?? first.code;
  return { ...base, tone: toneOf(code), code, reason: shortened(failed?.evidence ?? first.word, maxReason) };
}

/** Each tenant's own state, followed by those of its ports. */
export function observedStates(views: readonly TenantView[]): ObservedState[] {
  return views.flatMap((view) => [
    tenantState(view),
    ...view.tunnels.flatMap((tunnel) =>
      tunnel.port === null ? [] : [tunnelState(view, tunnel, tunnel.port)],
    ),
  ]);
}

/**
 * The state of a port that is no longer listed: if the tenant is not connected, that of the tenant, otherwise "no
 * longer forwarded", which is no fault.
 */
export function stateOfMissing(
  missing: { clientId: string; port: number },
  tenant: ObservedState | undefined,
): ObservedState {
  // A tenant over its quota, or without forwards, is connected all the same.
  const isConnected =
    tenant === undefined || tenant.tone === 'ok' || tunnelCodes[tenant.code].layer === 'listener';
  if (!isConnected) return { ...tenant, port: missing.port };
  const reason = tenant === undefined ? 'the tenant was removed' : 'no longer forwarded';
  return { ...missing, ...noLongerForwarded, reason, endedAt: null };
}
