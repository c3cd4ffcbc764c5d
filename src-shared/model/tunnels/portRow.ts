import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import type { Tunnel } from './chain.ts';
import { toneSchema } from './tone.ts';
import { tunnelCodeSchema } from './tunnelCodes.ts';
import type { Layer } from './tunnelLayer.ts';
import type { ProbeResult } from './probe.ts';
import { portRangeSchema } from '../tenants/ports.ts';
import type { Tenant } from '../tenants/remoteNetworks.ts';

const letters = { ok: 'o', warn: 'w', fail: 'f', unknown: 'u' } as const satisfies Record<
  Layer['state'],
  string
>;

/**
 * One letter for each of the six layers: `o` ok, `w` warn, `f` fail, `u` unknown. An upper-case letter is a
 * last known state.
 */
export function formatChainLetters(layers: readonly Pick<Layer, 'state' | 'was'>[]): string {
  return layers
    .map(({ state, was }) => (was === undefined ? letters[state] : letters[was].toUpperCase()))
    .join('');
}

/** Milliseconds to the service's first full answer; null if there was none. */
export function latencyOf(probe: ProbeResult): number | null {
  const service = probe.service;
  if (service === null) return null;
  return service.outcome === 'answered' || service.outcome === 'asks-log-in' ? service.milliseconds : null;
}

/** The probe result, or null if the tunnel's destination changed since the probe. */
export function matchProbe(
  tunnel: Pick<Tunnel, 'destination'>,
  probe: ProbeResult | undefined,
): ProbeResult | null {
  return probe === undefined || probe.uri !== tunnel.destination ? null : probe;
}

/**
 * A tunnel in a list. Contains only a few fields, because lists have up to five thousand. `chain` is the
 * result of `formatChainLetters`.
 */
export const portRowSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  clientId: z.string(),
  suspended: z.boolean(),
  port: z.int().nullable(),
  /** The ports of the tenant, with or without tunnels. */
  allotted: z.array(portRangeSchema),
  destination: z.string().nullable(),
  group: z.string().nullable(),
  repository: z.string().nullable(),
  chain: z.string().length(6),
  tone: toneSchema,
  code: tunnelCodeSchema,
  word: z.string(),
  peer: z.string().nullable(),
  connectVersion: z.string().nullable(),
  since: instantSchema.nullable(),
  lastSeenAt: instantSchema.nullable(),
  observedAt: instantSchema.nullable(),
  probedAt: instantSchema.nullable(),
  /** Milliseconds to the service's first full answer in the last test. */
  latencyMs: z.number().nullable(),
  lastDrop: z.object({ at: instantSchema, reason: z.string() }).nullable(),
  cluster: z.string().nullable(),
  /** Whether the members of the cluster disagree about the tenant. */
  disagrees: z.boolean(),
});
export type PortRow = z.infer<typeof portRowSchema>;

const rowKeys = portRowSchema.keyof().options;

/** Whether all fields of two rows are equal. */
export function isSamePortRow(left: PortRow, right: PortRow): boolean {
  return rowKeys.every((key) => {
    const [value, other] = [left[key], right[key]];
    return (
      value === other ||
      (typeof value === 'object' && value !== null && JSON.stringify(value) === JSON.stringify(other))
    );
  });
}

/** The row of a tunnel, with its last probe and drop. */
export function portRow(
  view: {
    applianceId: string;
    applianceName: string;
    tenant: Pick<Tenant, 'clientId' | 'suspended' | 'ports'>;
    cluster: { name: string; disagreements: readonly unknown[] } | null;
  },
  tunnel: Tunnel,
  remembered: { probe: ProbeResult | undefined; lastDrop: PortRow['lastDrop'] },
): PortRow {
  const probe = tunnel.port === null ? null : matchProbe(tunnel, remembered.probe);
  return {
    applianceId: view.applianceId,
    applianceName: view.applianceName,
    clientId: view.tenant.clientId,
    suspended: view.tenant.suspended,
    port: tunnel.port,
    allotted: view.tenant.ports,
    destination: tunnel.destination,
    group: tunnel.group,
    repository: tunnel.repository,
    chain: formatChainLetters(tunnel.layers),
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
