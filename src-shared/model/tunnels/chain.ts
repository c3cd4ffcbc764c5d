import { z } from 'zod';
import type { LinkState } from '../appliance/link.ts';
import { defaultProbing, maxProbeAgeMs, type ProbeResult } from './probe.ts';
import type {
  ApplianceRefusal,
  Forward,
  RefusedLogin,
  Tenant,
  UnplacedRepository,
} from '../tenants/remoteNetworks.ts';
import { findApplianceRefusal } from './applianceRefusal.ts';
import { shorten } from '../../base/machineText.ts';
import { describeHolder, findTaker } from './portHolders.ts';
import {
  isConnected,
  isStaleListener,
  keyLayer,
  listenerLayer,
  reachableLayer,
  sessionLayer,
} from './observedLayers.ts';
import { diagnoseProbedLayers } from './probeLayers.ts';
import { findRefusedLogin } from './refusedLogins.ts';
import { instantSchema } from '../../base/time.ts';
import { toneSchema } from './tone.ts';
import { toneOf, tunnelCodes, tunnelCodeSchema, type TunnelCode } from './tunnelCodes.ts';
import { layerNames, type LayerName, type LayerState } from './tunnelCodes/tunnelCode.ts';
import {
  evidenceLength,
  lastKnownLayer,
  createLayer,
  layerSchema,
  uncheckedLayer,
  type Layer,
} from './tunnelLayer.ts';

/** A row of the tunnel table. `port` is null if the tenant forwards nothing. */
export const tunnelSchema = z.object({
  applianceId: z.uuid(),
  clientId: z.string(),
  port: z.int().nullable(),
  destination: z.string().nullable(),
  group: z.string().nullable(),
  repository: z.string().nullable(),
  layers: z.array(layerSchema).length(6),
  /**
   * The tunnel's colour, decided only here. `ok` if the first four layers were seen recently and are ok, and
   * the last two show no fault.
   */
  tone: toneSchema,
  /**
   * The code of the first layer that fails, or else of the first layer that warns. If all are ok, the result
   * of the deepest test.
   */
  code: tunnelCodeSchema,
  /** Short label for tables. While the appliance doesn't answer, the label of the last known state. */
  word: z.string(),
  peer: z.string().nullable(),
  connectVersion: z.string().nullable(),
  since: instantSchema.nullable(),
  lastSeenAt: instantSchema.nullable(),
  observedAt: instantSchema.nullable(),
  /** The process that holds the port instead of the tenant, if the code says so. */
  holder: z.string().max(evidenceLength).optional(),
});
export type Tunnel = z.infer<typeof tunnelSchema>;

/** The facts about a tenant from which its tunnels are diagnosed. `now` is epoch ms. */
type Evidence = {
  applianceId: string;
  link: LinkState;
  observedAt: string | null;
  tenant: Tenant;
  now: number;
  /**
   * How far the appliance's clock is ahead of the console's clock. All times are shown by the console's
   * clock.
   */
  clockSkewMs?: number;
  /** All tenants of the appliance. If an unknown key was refused, any of them may have offered it. */
  tenants?: readonly Tenant[];
  refusedLogIns?: readonly RefusedLogin[];
  /** Reasons of the appliance itself for which it refuses tenants. */
  applianceRefusals?: readonly ApplianceRefusal[];
  /** Why the appliance's sshd permits no forwards. */
  forwardingOff?: string | undefined;
  applianceVersion?: string | null;
  /** How long a probe result is valid, in ms. */
  maxProbeAgeMs?: number;
  /** When the link came up again after an interruption. Earlier probe results are not valid. */
  reconnectedAt?: string | null;
  /** The last probe result of each port. */
  probes?: ReadonlyMap<number, ProbeResult>;
  /**
   * Whether the console remembers a session of the tenant after `sinceMs` (epoch ms by the console's clock).
   */
  wasConnected?: (clientId: string, sinceMs: number) => boolean;
  /** Maps a client ID to the other cluster member that has a live session of the tenant. */
  servedBy?: ReadonlyMap<string, string>;
};
type TenantEvidence = Evidence & {
  refused: ReturnType<typeof findRefusedLogin>;
  applianceRefusal: ApplianceRefusal | null;
};
/** What to diagnose: a forward, a repository without a port, or a tenant that has neither. */
type Target = { forward: Forward | null; unplaced: UnplacedRepository | null };

/** The last instant whose year has four digits. */
const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Moves an instant by `byMs`. Returns it unchanged if the result has no four-digit year. */
function shiftInstant(instant: string, byMs: number): string {
  const ms = Date.parse(instant) + byMs;
  return ms > 0 && ms < lastInstantMs ? new Date(ms).toISOString() : instant;
}

/** Converts the appliance's times to the console's clock and finds the tenant's refused login. */
function prepareEvidence(input: Evidence): TenantEvidence {
  const { tenant, tenants = [], refusedLogIns = [], applianceRefusals = [], clockSkewMs = 0 } = input;
  const refused = findRefusedLogin({ tenant, tenants, refusedLogIns });
  const applianceRefusal = findApplianceRefusal(tenant, applianceRefusals);
  if (clockSkewMs === 0) return { ...input, refused, applianceRefusal };
  const shift = (instant: string) => shiftInstant(instant, -clockSkewMs);
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
        : { ...refused, login: { ...refused.login, lastAt: shift(refused.login.lastAt) } },
    applianceRefusal:
      applianceRefusal === null
        ? null
        : {
            ...applianceRefusal,
            since: shift(applianceRefusal.since),
            lastAt: shift(applianceRefusal.lastAt),
          },
  };
}

/** The layers after the first that the appliance's own list shows, with their checks, in their order. */
const observedChecks: readonly (readonly [LayerName, (evidence: TenantEvidence, target: Target) => Layer])[] =
  [
    ['key', ({ tenant, observedAt }) => keyLayer(tenant, observedAt)],
    [
      'session',
      (evidence, { forward }) => {
        const { tenant, observedAt, now, refused, applianceRefusal } = evidence;
        const wasConnected = () =>
          evidence.wasConnected?.(tenant.clientId, Date.parse(tenant.createdAt)) ?? false;
        const servedBy = evidence.servedBy?.get(tenant.clientId);
        return sessionLayer({
          tenant,
          forward,
          observedAt,
          now,
          refused,
          applianceRefusal,
          wasConnected,
          servedBy,
        });
      },
    ],
    ['listener', checkListener],
  ];

function checkListener(evidence: TenantEvidence, { forward, unplaced }: Target): Layer {
  const { tenant, forwardingOff, observedAt } = evidence;
  return listenerLayer({ tenant, forward, unplaced, forwardingOff, observedAt });
}

/**
 * Layers one to four of a reachable appliance. Layers after the first layer that is not ok are not checked.
 */
function observedLayers(evidence: TenantEvidence, target: Target, reachable: Layer): Layer[] {
  const { tenant } = evidence;
  const { forward } = target;
  const layers = [reachable];
  for (const [name, check] of observedChecks) {
    const blocker = findBlocker(layers);
    layers.push(blocker === undefined ? check(evidence, target) : uncheckedLayer(name, blocker.layer));
  }
  const [, key, session] = layers;
  if (key === undefined || session === undefined) return layers;
  if (tenant.suspended || !isStaleListener(tenant, forward)) return layers;
  // The listener is the actual fault, but the diagnosis is the first failing layer. So let the session layer
  // only warn.
  return [
    reachable,
    key,
    session.state === 'fail' ? { ...session, state: 'warn' } : session,
    checkListener(evidence, target),
  ];
}

/** The first layer behind which nothing can be checked. */
function findBlocker(layers: readonly Layer[]): Layer | undefined {
  return layers.find(
    ({ state, code }) => state !== 'ok' && (code === null || tunnelCodes[code].isUsable !== true),
  );
}

type Diagnosed = { code: TunnelCode; state: LayerState };

/** The first layer in the state `state` that has a code. */
function findKnown(layers: readonly Layer[], state: LayerState): Diagnosed | undefined {
  return layers.find((layer): layer is Layer & Diagnosed => layer.state === state && layer.code !== null);
}

/**
 * The code and state of the first layer that fails, or else of the first that warns, or else of the deepest
 * test.
 */
function diagnose(layers: readonly Layer[], isFaded: boolean): Diagnosed {
  const failing = findKnown(layers, 'fail') ?? findKnown(layers, 'warn');
  if (failing !== undefined) return { code: failing.code, state: failing.state };
  const [, , , , forward, service] = layers;
  if (forward?.code == null) return findKnown(layers, 'unknown') ?? { code: 'T-1002', state: 'unknown' };
  if (forward.code === 'T-5998') return { code: forward.code, state: forward.state };
  // If the last test failed but is too old, show `unknown` instead of green.
  if (service?.code == null || service.code === 'T-6999')
    return { code: 'T-4000', state: isFaded ? 'unknown' : 'ok' };
  return { code: service.code, state: service.state };
}

function shortLabel(code: TunnelCode, probe: ProbeResult | null): string {
  const service = probe?.service ?? null;
  if (code === 'T-6301' && service !== null && 'milliseconds' in service)
    return `slow, ${(service.milliseconds / 1000).toFixed(1)} s`;
  return tunnelCodes[code].word;
}

function withShortEvidence(layer: Layer): Layer {
  const evidence = shorten(layer.evidence, evidenceLength);
  return evidence === layer.evidence ? layer : { ...layer, evidence };
}

/** All six layers of a reachable appliance. The last two are checked only if the first four are ok. */
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
  const blocker = findBlocker(layers);
  if (blocker !== undefined || forward === null) {
    const by = blocker?.layer ?? 'listener';
    return {
      layers: [...layers, uncheckedLayer('forward', by), uncheckedLayer('service', by)],
      isFaded: false,
    };
  }
  const session = tenant.sessions.find(({ pid }) => pid === forward.sessionPid);
  const maxAgeMs = evidence.maxProbeAgeMs ?? maxProbeAgeMs(defaultProbing);
  const { reconnectedAt = null } = evidence;
  const probed = diagnoseProbedLayers({
    clockSkewMs: evidence.clockSkewMs ?? 0,
    probe,
    forward,
    session,
    applianceVersion,
    now,
    maxAgeMs,
    reconnectedAt,
  });
  return { layers: [...layers, probed.forward, probed.service], isFaded: probed.isFaded };
}

/** While the appliance doesn't answer, the later layers show their state as of its last answer. */
function checkTunnel(evidence: TenantEvidence, target: Target, probe: ProbeResult | null) {
  const { link, observedAt, now } = evidence;
  const reachable = reachableLayer(link, observedAt, now);
  if (reachable.state !== 'ok' && observedAt === null) {
    const behind = layerNames.slice(1).map((name) => uncheckedLayer(name, 'reachable'));
    return { layers: [reachable, ...behind], ...diagnose([reachable], false), word: null };
  }
  const asOf = reachable.state === 'ok' || observedAt === null ? now : Date.parse(observedAt);
  const { layers, isFaded } = checkLayers({
    evidence: asOf === now ? evidence : { ...evidence, now: asOf },
    target,
    probe,
    reachable: reachable.state === 'ok' ? reachable : createLayer('T-1000', '', observedAt),
  });
  const seen = diagnose(layers, isFaded);
  if (reachable.state === 'ok') return { layers, ...seen, word: shortLabel(seen.code, probe) };
  return {
    layers: [reachable, ...layers.slice(1).map(lastKnownLayer)],
    ...diagnose([reachable], false),
    word: `was ${shortLabel(seen.code, probe)}`,
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
    ...(code === 'T-4006' ? { holder: describeHolder(findTaker(tenant, forward)) } : {}),
  };
}

/**
 * Diagnoses the tunnels of a tenant: one for each forward and each repository without a port. If there are
 * none, returns one tunnel that shows why. Pure. No other code decides the state of a tunnel.
 */
export function diagnoseTenant(input: Evidence): Tunnel[] {
  const evidence = prepareEvidence(input);
  const { tenant } = evidence;
  const withoutForward = () => [diagnoseTunnel(evidence, { forward: null, unplaced: null })];
  if (tenant.suspended && !isConnected(tenant)) return withoutForward();
  const tunnels = [
    ...tenant.forwards.map((forward) => diagnoseTunnel(evidence, { forward, unplaced: null })),
    // Without a session, the tenant doesn't request ports, so missing ports are not a problem.
    ...(tenant.sessions.length === 0 ? [] : tenant.unplaced).map((unplaced) =>
      diagnoseTunnel(evidence, { forward: null, unplaced }),
    ),
  ];
  return tunnels.length > 0 ? tunnels : withoutForward();
}
