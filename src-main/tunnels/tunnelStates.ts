import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import { shortened } from '../../src-shared/base/machineText.ts';

/** The tenant itself, next to its ports: whether its session is there. */
export const tenantPort = 0;

/** What holds now of one tunnel; `endedAt` is when its session ended, on the console's clock, where that is the fault. */
export type Verdict = Pick<Tunnel, 'tone' | 'code'> & {
  clientId: string;
  port: number;
  reason: string;
  endedAt: string | null;
};

const maxReason = 512;

function reasonOf(view: TenantView, tunnel: Tunnel): string {
  if (tunnel.code === 'T-3001' && view.tenant.lastSession !== null) return view.tenant.lastSession.reason;
  const layer = tunnel.layers.find((one) => one.code === tunnel.code);
  const evidence = layer === undefined || layer.state === 'ok' ? '' : layer.evidence;
  return evidence === '' ? tunnel.word : `${tunnel.word}: ${evidence}`;
}

function verdict(view: TenantView, tunnel: Tunnel, port: number): Verdict {
  return {
    clientId: view.tenant.clientId,
    port,
    tone: tunnel.tone,
    code: tunnel.code,
    reason: shortened(reasonOf(view, tunnel), maxReason),
    endedAt: tunnel.code === 'T-3001' && view.tenant.lastSession !== null ? tunnel.lastSeenAt : null,
  };
}

/** How the tenant is but for its ports: one port that fails is not the whole line. */
function tenantVerdict(view: TenantView): Verdict {
  const [first] = view.tunnels;
  const whole = view.tunnels.find((tunnel) => tunnel.port === null);
  if (whole !== undefined) return verdict(view, whole, tenantPort);
  const base = { clientId: view.tenant.clientId, port: tenantPort, endedAt: null };
  if (first === undefined || view.tunnels.some((tunnel) => tunnel.layers[2]?.state === 'ok'))
    return { ...base, tone: 'ok', code: 'T-3000', reason: '' };
  const failed = first.layers.slice(0, 3).find((layer) => layer.state !== 'ok');
  return {
    ...base,
    tone: failed?.code === 'T-3001' ? 'warn' : 'bad',
    code: failed?.code ?? first.code,
    reason: shortened(failed?.evidence ?? first.word, maxReason),
  };
}

/** Of each tenant its own, then its ports'. */
export function verdictsOf(views: readonly TenantView[]): Verdict[] {
  return views.flatMap((view) => [
    tenantVerdict(view),
    ...view.tunnels.flatMap((tunnel) => (tunnel.port === null ? [] : [verdict(view, tunnel, tunnel.port)])),
  ]);
}

/**
 * What became of ports that were there and are no longer: they are as their tenant is, or, where that is well, not
 * forwarded any more, which is nobody's fault.
 */
export function verdictOfMissing(
  place: { clientId: string; port: number },
  tenant: Verdict | undefined,
): Verdict {
  // Over its quota a tenant is connected all the same: what it lacks is another port.
  const isConnected = tenant?.tone === 'ok' || tenant?.code === 'T-4003' || tenant?.code === 'T-4005';
  const isWell = tenant === undefined || isConnected;
  if (!isWell) return { ...tenant, port: place.port };
  const reason = tenant === undefined ? 'the tenant was removed' : 'not forwarded any more';
  return { ...place, tone: 'off', code: 'T-4003', reason, endedAt: null };
}
