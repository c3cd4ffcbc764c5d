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
} from './observedLayers.ts';
import { probedLayers } from './probeLayers.ts';
import { refusedLogInFor } from './refusedLogIns.ts';
import { instantSchema } from '../../base/time.ts';
import { toneSchema } from './tone.ts';
import { toneOf, tunnelCodes, tunnelCodeSchema, type TunnelCode } from './tunnelCodes.ts';
import { layerNames, type LayerName, type LayerState } from './tunnelCodes/tunnelCode.ts';
import {
  evidenceLength,
  lastKnownLayer,
  layerOf,
  layerSchema,
  uncheckedLayer,
  type Layer,
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
  /** The only source of colour: `ok` needs the first four layers seen, recent and ok, and no fault behind them. */
  tone: toneSchema,
  /**
   * Code of the first layer that fails, otherwise of the first that warns. If all are ok, the result of the deepest
   * test.
   */
  code: tunnelCodeSchema,
  /** Short label for tables; the last known state while the appliance can't be asked. */
  word: z.string(),
  peer: z.string().nullable(),
  connectVersion: z.string().nullable(),
  since: instantSchema.nullable(),
  lastSeenAt: instantSchema.nullable(),
  observedAt: instantSchema.nullable(),
});
export type Tunnel = z.infer<typeof tunnelSchema>;

/** What is known about one tenant, for the diagnosis of its tunnels. `now` is epoch ms. */
type Evidence = {
  applianceId: string;
  link: LinkState;
  observedAt: string | null;
  tenant: Tenant;
  now: number;
  /** Lead of the appliance's clock. Times are shown by the console's clock. */
  clockSkewMs?: number;
  /** All tenants of the appliance: each of them may have offered an unknown key. */
  tenants?: readonly Tenant[];
  refusedLogIns?: readonly RefusedLogIn[];
  applianceVersion?: string | null;
  /** How long a probe result counts, in ms. */
  probeGoodForMs?: number;
  /** The last probe of each port. */
  probes?: ReadonlyMap<number, ProbeResult>;
  /** Whether the console remembers a session of the tenant since then, epoch ms by its own clock. */
  wasConnected?: (clientId: string, sinceMs: number) => boolean;
};
type TenantEvidence = Evidence & { refused: ReturnType<typeof refusedLogInFor> };
/** A forward, a repository without a port, or neither. */
type Target = { forward: Forward | null; unplaced: Unplaced | null };

/** The last time with a four-digit year. */
const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z');

/** A clock that is thousands of years off can't be corrected: its times stay as they are. */
function shifted(instant: string, byMs: number): string {
  const ms = Date.parse(instant) + byMs;
  return ms > 0 && ms < lastInstantMs ? new Date(ms).toISOString() : instant;
}

/** Converts the appliance's times to the console's clock and assigns the refused logins to tenants. */
function prepareEvidence(input: Evidence): TenantEvidence {
  const { tenant, tenants = [], refusedLogIns = [], clockSkewMs = 0 } = input;
  const refused = refusedLogInFor({ tenant, tenants, refusedLogIns });
  if (clockSkewMs === 0) return { ...input, refused };
  const shift = (instant: string) => shifted(instant, -clockSkewMs);
  const shiftOrNull = (instant: string | null) => (instant === null ? null : shift(instant));
  const { lastSession } = tenant;
  return {
    ...input,
    tenant: {
      ...tenant,
      createdAt: shift(tenant.createdAt),
      sessions: tenant.sessions.map((session) => ({
        ...session,
        since: shift(session.since),
        lastHeartbeatAt: shiftOrNull(session.lastHeartbeatAt),
        silentSince: shiftOrNull(session.silentSince),
      })),
      lastSession: lastSession === null ? null : { ...lastSession, endedAt: shift(lastSession.endedAt) },
    },
    refused:
      refused === null
        ? null
        : { ...refused, logIn: { ...refused.logIn, lastAt: shift(refused.logIn.lastAt) } },
  };
}

/** Layers one to four of a reachable appliance. Layers after the first that is not ok are not checked. */
function observedLayers(evidence: TenantEvidence, { forward, unplaced }: Target, reachable: Layer): Layer[] {
  const { tenant, observedAt, now, refused } = evidence;
  const wasConnected = () => evidence.wasConnected?.(tenant.clientId, Date.parse(tenant.createdAt)) ?? false;
  const layers = [reachable];
  const checkListener = () => listenerLayer({ tenant, forward, unplaced, observedAt });
  const checks: readonly (readonly [LayerName, () => Layer])[] = [
    ['key', () => keyLayer(tenant, observedAt)],
    ['session', () => sessionLayer({ tenant, forward, observedAt, now, refused, wasConnected })],
    ['listener', checkListener],
  ];
  for (const [name, check] of checks) {
    const blocker = layers.find((layer) => layer.state !== 'ok');
    layers.push(blocker === undefined ? check() : uncheckedLayer(name, blocker.layer));
  }
  const [, key, session] = layers;
  if (key === undefined || session === undefined) return layers;
  if (tenant.suspended || !isStaleListener(tenant, forward)) return layers;
  // The listener is the fault, so the session before it only warns: the first layer that fails is the diagnosis.
  return [
    reachable,
    key,
    session.state === 'fail' ? { ...session, state: 'warn' } : session,
    checkListener(),
  ];
}

type Diagnosed = { code: TunnelCode; state: LayerState };

/** The first layer that fails, otherwise the first that warns, otherwise the result of the deepest test. */
function diagnose(layers: readonly Layer[], isFaded: boolean): Diagnosed {
  const known = layers.flatMap(({ state, code }) => (code === null ? [] : [{ state, code }]));
  const failing = known.find(({ state }) => state === 'fail') ?? known.find(({ state }) => state === 'warn');
  if (failing !== undefined) return failing;
  const [forward, service] = layers.slice(4);
  if (forward?.code == null)
    return known.find(({ state }) => state !== 'ok') ?? { code: 'T-1002', state: 'unknown' };
  if (forward.code === 'T-5998') return { code: forward.code, state: forward.state };
  // A failed test that became old does not turn the tunnel green again.
  if (service?.code == null || service.code === 'T-6999')
    return { code: 'T-4000', state: isFaded ? 'unknown' : 'ok' };
  return { code: service.code, state: service.state };
}

function wordOf(code: TunnelCode, probe: ProbeResult | null): string {
  const service = probe?.service ?? null;
  if (code === 'T-6301' && service !== null && 'milliseconds' in service)
    return `slow, ${(service.milliseconds / 1000).toFixed(1)} s`;
  return tunnelCodes[code].word;
}

function withShortEvidence(layer: Layer): Layer {
  const evidence = shortened(layer.evidence, evidenceLength);
  return evidence === layer.evidence ? layer : { ...layer, evidence };
}

/** All six layers of a reachable appliance; the last two are checked only if the first four are ok. */
function checkLayers(input: {
  evidence: TenantEvidence;
  target: Target;
  probe: ProbeResult | null;
  reachable: Layer;
}) {
  const { evidence, target, probe, reachable } = input;
  const { tenant, now, applianceVersion = null } = evidence;
  const { forward } = target;
  const layers = observedLayers(evidence, target, reachable);
  const blocker = layers.find((layer) => layer.state !== 'ok');
  if (blocker !== undefined || forward === null) {
    const by = blocker?.layer ?? 'listener';
    return {
      layers: [...layers, uncheckedLayer('forward', by), uncheckedLayer('service', by)],
      isFaded: false,
    };
  }
  const session = tenant.sessions.find(({ pid }) => pid === forward.sessionPid);
  const goodForMs = evidence.probeGoodForMs ?? probeGoodForMs(defaultProbing);
  const probed = probedLayers({ probe, forward, session, applianceVersion, now, goodForMs });
  return { layers: [...layers, probed.forward, probed.service], isFaded: probed.isFaded };
}

/** While the appliance can't be asked, every later layer shows its state as of the last answer. */
function checkTunnel(evidence: TenantEvidence, target: Target, probe: ProbeResult | null) {
  const { link, observedAt, now } = evidence;
  const reachable = reachableLayer(link, observedAt, now);
  if (reachable.state !== 'ok' && observedAt === null) {
    const behind = layerNames.slice(1).map((name) => uncheckedLayer(name, 'reachable'));
    return { layers: [reachable, ...behind], ...diagnose([reachable], false), word: null };
  }
  const asOf = reachable.state === 'ok' || observedAt === null ? now : Date.parse(observedAt);
  const { layers, isFaded } = checkLayers({
    evidence: { ...evidence, now: asOf },
    target,
    probe,
    reachable: reachable.state === 'ok' ? reachable : layerOf('T-1000', '', observedAt),
  });
  const seen = diagnose(layers, isFaded);
  if (reachable.state === 'ok') return { layers, ...seen, word: wordOf(seen.code, probe) };
  return {
    layers: [reachable, ...layers.slice(1).map(lastKnownLayer)],
    ...diagnose([reachable], false),
    word: `was ${wordOf(seen.code, probe)}`,
  };
}

function diagnoseTunnel(evidence: TenantEvidence, target: Target): Tunnel {
  const { tenant, observedAt } = evidence;
  const { forward, unplaced } = target;
  const probe = forward === null ? null : (evidence.probes?.get(forward.port) ?? null);
  const { layers, code, state, word } = checkTunnel(evidence, target, probe);
  const session = tenant.sessions.find(({ pid }) => pid === forward?.sessionPid) ?? tenant.sessions[0];
  const repository = forward ?? unplaced;
  return {
    applianceId: evidence.applianceId,
    clientId: tenant.clientId,
    port: forward?.port ?? null,
    destination: repository?.uri ?? null,
    group: repository?.group ?? null,
    repository: repository?.repository ?? null,
    layers: layers.map(withShortEvidence),
    tone: toneOf(code, state),
    code,
    word: word ?? tunnelCodes[code].word,
    peer: session?.peerAddress ?? tenant.lastSession?.peerAddress ?? null,
    connectVersion: session?.connectVersion ?? null,
    since: session?.since ?? null,
    lastSeenAt:
      session === undefined ? (tenant.lastSession?.endedAt ?? null) : (session.lastHeartbeatAt ?? observedAt),
    observedAt,
  };
}

/**
 * Diagnoses every tunnel of a tenant: one per forward, one per repository without a port, or a single one that shows
 * why it has no tunnels. Pure, and the only place that decides about the state of a tunnel.
 */
export function diagnoseTenant(input: Evidence): Tunnel[] {
  const evidence = prepareEvidence(input);
  const { tenant } = evidence;
  const withoutForward = () => [diagnoseTunnel(evidence, { forward: null, unplaced: null })];
  if (tenant.suspended && !isConnected(tenant)) return withoutForward();
  const tunnels = [
    ...tenant.forwards.map((forward) => diagnoseTunnel(evidence, { forward, unplaced: null })),
    // Without a session, nothing requests more ports.
    ...(tenant.sessions.length === 0 ? [] : tenant.unplaced).map((unplaced) =>
      diagnoseTunnel(evidence, { forward: null, unplaced }),
    ),
  ];
  return tunnels.length > 0 ? tunnels : withoutForward();
}
