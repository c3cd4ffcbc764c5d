import type { Layer, Tunnel } from './chain.ts';
import type { ProbeResult } from './probe.ts';
import type { Tenant } from '../tenants/remoteNetworks.ts';

const letters = { ok: 'o', warn: 'w', fail: 'f', unknown: 'u' } as const satisfies Record<
  Layer['state'],
  string
>;

/** Six letters, one a layer: `o` ok, `w` warn, `f` fail, `u` unknown. */
export function chainLetters(layers: readonly Pick<Layer, 'state'>[]): string {
  return layers.map((layer) => letters[layer.state]).join('');
}

/** Milliseconds to the service's first whole answer; null where it gave none. */
export function latencyOf(probe: ProbeResult): number | null {
  const service = probe.service;
  if (service === null) return null;
  return service.outcome === 'answered' || service.outcome === 'asks-log-in' ? service.milliseconds : null;
}

/** What a probe says of the tunnel as it is now: nothing where it tested another destination. */
export function probeFor(
  tunnel: Pick<Tunnel, 'destination'>,
  probe: ProbeResult | undefined,
): ProbeResult | null {
  return probe === undefined || probe.uri !== tunnel.destination ? null : probe;
}

/** One line of the flat table **[ours]**: a tunnel, with what is remembered of its probes and drops. */
export function portRow(
  view: {
    applianceId: string;
    applianceName: string;
    tenant: Pick<Tenant, 'clientId' | 'suspended'>;
    cluster: { name: string; disagreements: readonly unknown[] } | null;
  },
  tunnel: Tunnel,
  remembered: { probe: ProbeResult | undefined; lastDrop: { at: string; reason: string } | null },
) {
  const probe = tunnel.port === null ? null : probeFor(tunnel, remembered.probe);
  return {
    applianceId: view.applianceId,
    applianceName: view.applianceName,
    clientId: view.tenant.clientId,
    suspended: view.tenant.suspended,
    port: tunnel.port,
    destination: tunnel.destination,
    group: tunnel.group,
    repository: tunnel.repository,
    chain: chainLetters(tunnel.layers),
    tone: tunnel.tone,
    code: tunnel.code,
    word: tunnel.word,
    peer: tunnel.peer,
    connectVersion: tunnel.connectVersion,
    since: tunnel.since,
    lastSeenAt: tunnel.lastSeenAt,
    observedAt: tunnel.observedAt,
    probedAt: probe?.at ?? null,
    latencyMs: probe === null ? null : latencyOf(probe),
    lastDrop: remembered.lastDrop,
    cluster: view.cluster?.name ?? null,
    disagrees: (view.cluster?.disagreements.length ?? 0) > 0,
  };
}
