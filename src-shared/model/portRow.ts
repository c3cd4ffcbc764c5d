import type { Layer, Tunnel } from './chain.ts';
import type { ProbeResult } from './probe.ts';

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
