import { z } from 'zod';
import type { LinkState } from '../appliance/link.ts';
import { defaultProbing, probeGoodForMs, type ProbeResult } from './probe.ts';
import type { Forward, RefusedLogIn, Tenant, Unplaced } from '../tenants/remoteNetworks.ts';
import { shortened } from '../../base/machineText.ts';
import {
  isConnected,
  isStaleListener,
  keyLayer,
  listenerLayer,
  reachableLayer,
  sessionLayer,
  unasked,
} from './observedLayers.ts';
import { isProbedWell, probeCounts, probedLayers, type ProbedLayers } from './probeLayers.ts';
import { refusedLogInFor } from './refusedLogIns.ts';
import { instantSchema } from '../../base/time.ts';
import {
  evidenceLength,
  layerNames,
  layerSchema,
  tunnelCodes,
  tunnelCodeSchema,
  type Layer,
  type TunnelCode,
} from './tunnelLayer.ts';

export { staleAfterMs } from './observedLayers.ts';
export {
  layerNames,
  layerSchema,
  tunnelCodes,
  tunnelCodeSchema,
  type Layer,
  type LayerName,
  type TunnelCode,
} from './tunnelLayer.ts';

/** One row of the tunnel table. `port` is null for a tenant that has nothing forwarded. */
export const tunnelSchema = z.object({
  applianceId: z.uuid(),
  clientId: z.string(),
  port: z.int().nullable(),
  destination: z.string().nullable(),
  group: z.string().nullable(),
  repository: z.string().nullable(),
  layers: z.array(layerSchema).length(6),
  /** The verdict, and the only source of colour: `ok` needs the first four layers seen, recent and good, and no fault behind. */
  tone: z.enum(['ok', 'warn', 'bad', 'off', 'unknown']),
  /**
   * The code of the first layer that fails, or else is not ok. Where none is: `T-4000` when the tunnel listens and was
   * not tested, else what the test showed.
   */
  code: tunnelCodeSchema,
  word: z.string(),
  peer: z.string().nullable(),
  connectVersion: z.string().nullable(),
  since: instantSchema.nullable(),
  lastSeenAt: instantSchema.nullable(),
  observedAt: instantSchema.nullable(),
});
export type Tunnel = z.infer<typeof tunnelSchema>;

/** The end of the year 9999, where four digits no longer do. */
const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z');

const layerWords: Partial<Record<TunnelCode, string>> = {
  'T-1001': 'appliance down',
  'T-1002': 'not asked yet',
  'T-1003': 'answer too old',
  'T-5998': 'listening',
  'T-6998': 'forwarding',
};

type Judged = {
  applianceId: string;
  link: LinkState;
  observedAt: string | null;
  tenant: Tenant;
  now: number;
  /** How far the appliance's clock is ahead of the console's; its own times are shown as the console's. */
  clockSkewMs?: number;
  /** Every tenant of the appliance: who else may have offered an unknown key. */
  tenants?: readonly Tenant[];
  refusedLogIns?: readonly RefusedLogIn[];
  applianceVersion?: string | null;
  /** How long the result of a probe counts. */
  probeGoodForMs?: number;
};

/** `isFaded`: the last test of this very tunnel was not well and counts no more; nobody knows whether it is now. */
function probedOf(
  input: Judged & { forward: Forward; probe: ProbeResult | null },
): ProbedLayers & { isFaded: boolean } {
  const { forward, tenant, now, probe } = input;
  const session = tenant.sessions.find((one) => one.pid === forward.sessionPid);
  const within = (goodForMs: number) =>
    probe === null
      ? 'not tested'
      : probeCounts({ probe, forward, session, now, clockSkewMs: input.clockSkewMs ?? 0, goodForMs });
  const counts = within(input.probeGoodForMs ?? probeGoodForMs(defaultProbing));
  const isFaded = counts !== true && within(Infinity) === true && probe !== null && !isProbedWell(probe, now);
  const layers = probedLayers({
    probe: counts === true ? input.probe : null,
    untested: counts === true ? '' : counts,
    forward,
    session,
    applianceVersion: input.applianceVersion ?? null,
    now,
  });
  return { ...layers, isFaded };
}

/** The first layer that fails, else the first that is not ok, else what the deepest test showed. */
function verdictOf(
  layers: readonly Layer[],
  { wellSoFar, isFaded }: { wellSoFar: boolean; isFaded: boolean },
): { code: TunnelCode; state: Layer['state'] } {
  const named = layers.flatMap(({ state, code }) => (code === null ? [] : [{ state, code }]));
  const failing = named.find(({ state }) => state === 'fail') ?? named.find(({ state }) => state === 'warn');
  if (failing !== undefined) return failing;
  // No green again merely because a bad result grew old.
  const untested = { code: 'T-4000', state: isFaded ? 'unknown' : 'ok' } as const;
  if (!wellSoFar) return named.find(({ state }) => state !== 'ok') ?? { code: 'T-1002', state: 'unknown' };
  const [forward, service] = layers.slice(4);
  if (forward?.code === 'T-5998') return { code: 'T-5998', state: 'unknown' };
  if (service == null || service.code === null || service.code === 'T-6999') return untested;
  return { code: service.code, state: service.state };
}

const refusedOf = ({ tenant, tenants = [], refusedLogIns = [] }: Judged) =>
  refusedLogInFor({ tenant, tenants, refusedLogIns });

function withShortEvidence(layer: Layer): Layer {
  const evidence = shortened(layer.evidence, evidenceLength);
  return evidence === layer.evidence ? layer : { ...layer, evidence };
}

/** Judges one tunnel. Pure; the only place in the product that decides what a tunnel's state is. `now` is epoch ms. */
export function diagnoseTunnel(
  input: Judged & {
    forward: Forward | null;
    /** Set instead of a forward: the repository that found no port. */
    unplaced?: Unplaced | null;
    /** The last probe of the forward's port. */
    probe?: ProbeResult | null;
    /** What `refusedLogIns` say of the tenant, where it is known already. */
    refused?: ReturnType<typeof refusedOf>;
  },
): Tunnel {
  const { tenant, forward, link, observedAt, now, clockSkewMs = 0, unplaced = null } = input;
  const onOurClock = (instant: string) => {
    if (clockSkewMs === 0) return instant;
    const shifted = Date.parse(instant) - clockSkewMs;
    // A clock that is thousands of years off can't be corrected: its times stay as it said them.
    return shifted > 0 && shifted < lastInstantMs ? new Date(shifted).toISOString() : instant;
  };
  const reachable = reachableLayer(link, observedAt, now);
  const layers: Layer[] = [reachable];
  const refused = input.refused === undefined ? refusedOf(input) : input.refused;
  const asked: ((at: string) => Layer)[] = [
    (at) => keyLayer(tenant, at),
    (at) => sessionLayer({ tenant, forward, observedAt: at, now: now + clockSkewMs, refused }),
    (at) => listenerLayer({ tenant, forward, unplaced, observedAt: at }),
  ];
  for (const ask of asked) {
    const good = layers.every((layer) => layer.state === 'ok');
    const layer = layerNames[layers.length] ?? 'listener';
    if (good && observedAt !== null) layers.push(ask(observedAt));
    else layers.push(unasked[layer]);
  }
  const staleListener = reachable.state === 'ok' && !tenant.suspended && isStaleListener(tenant, forward);
  if (staleListener && observedAt !== null) {
    layers[3] = listenerLayer({ tenant, forward, unplaced, observedAt });
    // The listener names the fault, so the session before it warns: the first layer that fails is the diagnosis.
    const session = layers[2];
    if (session?.state === 'fail') layers[2] = { ...session, state: 'warn' };
  }
  const wellSoFar = layers.every((layer) => layer.state === 'ok');
  let isFaded = false;
  if (wellSoFar && forward !== null) {
    const probed = probedOf({ ...input, forward, probe: input.probe ?? null });
    layers.push(probed.forward, probed.service);
    isFaded = probed.isFaded;
  } else layers.push(unasked.forward, unasked.service);
  const verdict = verdictOf(layers, { wellSoFar, isFaded });
  const { code } = verdict;
  const session = tenant.sessions.find((one) => one.pid === forward?.sessionPid) ?? tenant.sessions[0];
  const lastHeard = session === undefined ? (tenant.lastSession?.endedAt ?? null) : session.lastHeartbeatAt;
  const lastSeen = lastHeard === null ? (session === undefined ? null : observedAt) : onOurClock(lastHeard);
  return {
    applianceId: input.applianceId,
    clientId: tenant.clientId,
    port: forward?.port ?? null,
    destination: forward?.uri ?? unplaced?.uri ?? null,
    group: forward?.group ?? unplaced?.group ?? null,
    repository: forward?.repository ?? unplaced?.repository ?? null,
    layers: layers.map(withShortEvidence),
    tone: toneOf(verdict),
    code,
    word: wordOf(code, input),
    peer: session?.peerAddress ?? tenant.lastSession?.peerAddress ?? null,
    connectVersion: session?.connectVersion ?? null,
    since: session === undefined ? null : onOurClock(session.since),
    lastSeenAt: lastSeen,
    observedAt,
  };
}

function wordOf(code: TunnelCode, input: { observedAt: string | null; probe?: ProbeResult | null }): string {
  if (code === 'T-1002' && input.observedAt !== null) return 'not connected';
  const service = input.probe?.service;
  if (code === 'T-6301' && service != null && 'milliseconds' in service)
    return `slow, ${(service.milliseconds / 1000).toFixed(1)} s`;
  return layerWords[code] ?? tunnelCodes[code];
}

function toneOf({ code, state }: { code: TunnelCode; state: Layer['state'] }): Tunnel['tone'] {
  switch (code) {
    case 'T-4000':
      return state === 'unknown' ? 'unknown' : 'ok';
    case 'T-5998':
    case 'T-6000':
    case 'T-6010':
    case 'T-6998':
      return 'ok';
    case 'T-2002':
      return 'off';
    case 'T-1002':
      return 'unknown';
    // The appliance is amber, not its tunnels red: they may well be up.
    case 'T-1001':
    case 'T-1003':
    case 'T-4003':
      return 'warn';
    default:
      return state === 'warn' ? 'warn' : 'bad';
  }
}

/**
 * Every tunnel of one tenant: one row a forward, one a repository that found no port, or one row that says why there is
 * none.
 */
export function diagnoseTenant(input: Judged & { probes?: ReadonlyMap<number, ProbeResult> }): Tunnel[] {
  const { tenant } = input;
  const about = { ...input, refused: refusedOf(input) };
  if (tenant.suspended && !isConnected(tenant)) return [diagnoseTunnel({ ...about, forward: null })];
  const rows = [
    ...tenant.forwards.map((forward) =>
      diagnoseTunnel({ ...about, forward, probe: input.probes?.get(forward.port) ?? null }),
    ),
    // Without a session nobody asks for more ports.
    ...(tenant.sessions.length === 0 ? [] : tenant.unplaced).map((unplaced) =>
      diagnoseTunnel({ ...about, forward: null, unplaced }),
    ),
  ];
  return rows.length > 0 ? rows : [diagnoseTunnel({ ...about, forward: null })];
}
