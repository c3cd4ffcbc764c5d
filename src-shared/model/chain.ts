import { z } from 'zod';
import type { LinkState } from './link.ts';
import type { ProbeResult } from './probe.ts';
import type { Forward, RefusedLogIn, Tenant } from './remoteNetworks.ts';
import { shortened } from './machineText.ts';
import { hasPort } from './ports.ts';
import { ageMs, formatDuration, formatInstant, instantSchema, isOlderThan } from './time.ts';

/**
 * A tunnel's six layers, asked in this order. The first that fails names the fault; those behind it are unknown,
 * never green. `unknown` also stands for a layer that nobody has tested.
 */
export const layerNames = ['reachable', 'key', 'session', 'listener', 'forward', 'service'] as const;
export const layerNameSchema = z.enum(layerNames);
export type LayerName = z.infer<typeof layerNameSchema>;

/** Stable codes, `T-<layer>xxx` **[ours]**; their meaning is in `docs/tunnel-codes.md`. */
export const tunnelCodes = {
  'T-1000': 'appliance reachable',
  'T-1001': 'appliance not reachable',
  'T-1002': 'appliance not asked yet',
  'T-1003': 'answer too old',
  'T-2000': 'key registered',
  'T-2001': 'no key registered',
  'T-2002': 'suspended',
  'T-2003': 'suspended, still connected',
  'T-3000': 'session up',
  'T-3001': 'no session',
  'T-3002': 'session silent',
  'T-3003': 'wrong key offered',
  'T-4000': 'listening',
  'T-4001': 'not listening',
  'T-4002': 'stale listener',
  'T-4003': 'nothing forwarded',
  'T-4004': 'port not allotted',
  'T-4005': 'quota exceeded',
  'T-5000': 'forward opens',
  'T-5001': 'forward refused',
  'T-5002': 'forward silent',
  'T-5998': 'forward can’t be tested',
  'T-5999': 'forward not tested',
  'T-6000': 'answering',
  'T-6001': 'upstream refused',
  'T-6002': 'service silent',
  'T-6010': 'asks for a log-in',
  'T-6101': 'TLS broken',
  'T-6102': 'certificate expired',
  'T-6103': 'certificate expires soon',
  'T-6201': 'wrong protocol',
  'T-6202': 'service fails',
  'T-6203': 'path not found',
  'T-6301': 'slow',
  'T-6401': 'version too old',
  'T-6998': 'service not known',
  'T-6999': 'service not tested',
} as const;
export type TunnelCode = keyof typeof tunnelCodes;
const tunnelCodeNames = Object.keys(tunnelCodes);
export const tunnelCodeSchema = z.custom<TunnelCode>(
  (value) => typeof value === 'string' && tunnelCodeNames.includes(value),
);

/** An appliance may send more; one long text must not cost the page its table. */
const evidenceLength = 512;

export const layerSchema = z.object({
  layer: layerNameSchema,
  state: z.enum(['ok', 'warn', 'fail', 'unknown']),
  /** Null only where the layer is unknown because an earlier one failed. */
  code: tunnelCodeSchema.nullable(),
  /** What was seen, as the appliance said it. */
  evidence: z.string().max(evidenceLength),
  observedAt: instantSchema.nullable(),
});
export type Layer = z.infer<typeof layerSchema>;

/** One row of the tunnel table. `port` is null for a tenant that has nothing forwarded. */
export const tunnelSchema = z.object({
  applianceId: z.uuid(),
  clientId: z.string(),
  port: z.int().nullable(),
  destination: z.string().nullable(),
  group: z.string().nullable(),
  repository: z.string().nullable(),
  layers: z.array(layerSchema).length(6),
  /** The verdict, and the only source of colour: `ok` needs the first four layers seen, recent and good. */
  tone: z.enum(['ok', 'warn', 'bad', 'off', 'unknown']),
  /** The code of the first layer that is not ok; `T-4000` when the tunnel listens. */
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

/** An answer older than this is not shown as green any more (six missed observations) **[ours]**. */
export const staleAfterMs = 30_000;

function unasked(layer: LayerName, evidence: string): Layer {
  return { layer, state: 'unknown', code: null, evidence, observedAt: null };
}

function reachableLayer(link: LinkState, observedAt: string | null, now: number): Layer {
  const fail = (evidence: string): Layer => ({
    layer: 'reachable',
    state: 'fail',
    code: 'T-1001',
    evidence,
    observedAt,
  });
  const notAsked = { layer: 'reachable', state: 'unknown', code: 'T-1002', observedAt } as const;
  switch (link.state) {
    case 'connected':
      if (observedAt === null)
        return {
          layer: 'reachable',
          state: 'unknown',
          code: 'T-1002',
          evidence: 'connected, not asked yet',
          observedAt,
        };
      if (isOlderThan(observedAt, staleAfterMs, now)) {
        return {
          layer: 'reachable',
          state: 'warn',
          code: 'T-1003',
          evidence: `last answer ${formatDuration(ageMs(observedAt, now))} ago`,
          observedAt,
        };
      }
      return {
        layer: 'reachable',
        state: 'ok',
        code: 'T-1000',
        evidence: link.latencyMs === null ? 'SSH up' : `SSH up, ${Math.round(link.latencyMs)} ms`,
        observedAt,
      };
    case 'connecting':
      if (link.after !== undefined) return fail(link.after.message);
      return { ...notAsked, evidence: `connecting to ${link.hop}` };
    case 'idle':
      return { ...notAsked, evidence: 'not connected' };
    case 'waiting-host-key':
      return fail(`host key of ${link.hop} not accepted yet`);
    case 'waiting-secret':
      return fail(`waiting for a secret for ${link.hop}`);
    case 'retrying':
    case 'stopped':
      return fail(link.error.message);
  }
}

/** Something of the tenant's is alive on the appliance: a suspended tenant must have neither. */
function isConnected(tenant: Tenant): boolean {
  return tenant.sessions.length > 0 || tenant.forwards.some((forward) => forward.listener !== null);
}

function keyLayer(tenant: Tenant, observedAt: string): Layer {
  const base = { layer: 'key', observedAt } as const;
  if (tenant.suspended && isConnected(tenant)) {
    const [session] = tenant.sessions;
    const holder =
      session === undefined ? 'its ports are still bound' : `sshd ${session.pid} is still connected`;
    return { ...base, state: 'fail', code: 'T-2003', evidence: `suspended, yet ${holder}` };
  }
  if (tenant.suspended)
    return { ...base, state: 'warn', code: 'T-2002', evidence: 'suspended; its key is kept' };
  const [key] = tenant.keys;
  if (key === undefined)
    return { ...base, state: 'fail', code: 'T-2001', evidence: 'no public key on the appliance' };
  const more = tenant.keys.length > 1 ? ` and ${tenant.keys.length - 1} more` : '';
  return { ...base, state: 'ok', code: 'T-2000', evidence: `${key.type} ${key.fingerprint}${more}` };
}

function sessionLayer(tenant: Tenant, forward: Forward | null, observedAt: string, now: number): Layer {
  const base = { layer: 'session', observedAt } as const;
  const live = tenant.sessions.filter((session) => session.silentSince === null);
  const own =
    forward?.sessionPid == null ? undefined : live.find((session) => session.pid === forward.sessionPid);
  const session = own ?? live[0];
  if (session !== undefined) {
    const from = session.peerAddress ?? 'an unknown address';
    return {
      ...base,
      state: 'ok',
      code: 'T-3000',
      evidence: `from ${from}, up ${formatDuration(ageMs(session.since, now))}, sshd ${session.pid}`,
    };
  }
  const [silent] = tenant.sessions;
  if (silent !== undefined) {
    const since = silent.silentSince ?? silent.since;
    return {
      ...base,
      state: 'fail',
      code: 'T-3002',
      evidence: `sshd ${silent.pid} is there, its client is silent since ${formatInstant(since)}`,
    };
  }
  const last = tenant.lastSession;
  return {
    ...base,
    state: 'fail',
    code: 'T-3001',
    evidence:
      last === null
        ? 'no session seen yet'
        : `last session ended ${formatInstant(last.endedAt)}: ${last.reason}`,
  };
}

function listenerLayer(tenant: Tenant, forward: Forward | null, observedAt: string): Layer {
  const base = { layer: 'listener', observedAt } as const;
  if (forward === null)
    return { ...base, state: 'warn', code: 'T-4003', evidence: 'the session forwards nothing' };
  if (!hasPort(tenant.ports, forward.port))
    return { ...base, state: 'fail', code: 'T-4004', evidence: `port ${forward.port} is not this tenant's` };
  if (forward.listener === null)
    return {
      ...base,
      state: 'fail',
      code: 'T-4001',
      evidence: `announced, but nothing listens on ${forward.port}`,
    };
  const pid = forward.listener.pid;
  const where = `${forward.listener.address}:${forward.port}${pid === null ? '' : `, pid ${pid}`}`;
  const owner = tenant.sessions.find((session) => session.pid === forward.sessionPid);
  if (owner === undefined || owner.silentSince !== null)
    return { ...base, state: 'fail', code: 'T-4002', evidence: `${where}, held without a live session` };
  return { ...base, state: 'ok', code: 'T-4000', evidence: where };
}

/**
 * A listener that no live session stands behind is its own fault, also where the tenant has no other session:
 * naming it "no session" would send the operator to the customer, though it is the appliance that must let go.
 */
function isStaleListener(tenant: Tenant, forward: Forward | null): boolean {
  if (forward?.listener == null) return false;
  const owner = tenant.sessions.find((session) => session.pid === forward.sessionPid);
  return owner === undefined || owner.silentSince !== null;
}

const layerWords: Partial<Record<TunnelCode, string>> = {
  'T-1001': 'appliance down',
  'T-1002': 'not asked yet',
  'T-1003': 'answer too old',
};

/** Judges one tunnel. Pure; the only place in the product that decides what a tunnel's state is. `now` is epoch ms. */
export function judgeTunnel(input: {
  applianceId: string;
  link: LinkState;
  observedAt: string | null;
  tenant: Tenant;
  forward: Forward | null;
  now: number;
  /** How far the appliance's clock is ahead of the console's; its own times are shown as the console's. */
  clockSkewMs?: number;
  /** The last probe of the forward's port. */
  probe?: ProbeResult | null;
  refusedLogIns?: readonly RefusedLogIn[];
  applianceVersion?: string | null;
}): Tunnel {
  const { tenant, forward, link, observedAt, now, clockSkewMs = 0 } = input;
  const onOurClock = (instant: string) => {
    const shifted = Date.parse(instant) - clockSkewMs;
    // A clock that is thousands of years off can't be corrected: its times stay as it said them.
    return shifted > 0 && shifted < lastInstantMs ? new Date(shifted).toISOString() : instant;
  };
  const reachable = reachableLayer(link, observedAt, now);
  const layers: Layer[] = [reachable];
  const asked: ((at: string) => Layer)[] = [
    (at) => keyLayer(tenant, at),
    (at) => sessionLayer(tenant, forward, at, now + clockSkewMs),
    (at) => listenerLayer(tenant, forward, at),
  ];
  for (const ask of asked) {
    const good = layers.every((layer) => layer.state === 'ok');
    const layer = layerNames[layers.length] ?? 'listener';
    if (good && observedAt !== null) layers.push(ask(observedAt));
    else layers.push(unasked(layer, 'not asked yet'));
  }
  const staleListener = reachable.state === 'ok' && !tenant.suspended && isStaleListener(tenant, forward);
  if (staleListener && observedAt !== null) {
    layers[3] = listenerLayer(tenant, forward, observedAt);
    // The listener names the fault, so the session before it warns: the first layer that fails is the diagnosis.
    const session = layers[2];
    if (session?.state === 'fail') layers[2] = { ...session, state: 'warn' };
  }
  const wellSoFar = layers.every((layer) => layer.state === 'ok');
  layers.push(
    wellSoFar ? { ...unasked('forward', 'not tested'), code: 'T-5999' } : unasked('forward', 'not asked yet'),
    wellSoFar ? { ...unasked('service', 'not tested'), code: 'T-6999' } : unasked('service', 'not asked yet'),
  );
  const named = layers.filter((layer) => layer.state !== 'ok' && layer.code !== null);
  const first = named.find((layer) => layer.state === 'fail') ?? named[0];
  const code: TunnelCode = wellSoFar ? 'T-4000' : (first?.code ?? 'T-1002');
  const session = tenant.sessions.find((one) => one.pid === forward?.sessionPid) ?? tenant.sessions[0];
  const lastHeard = session === undefined ? (tenant.lastSession?.endedAt ?? null) : session.lastHeartbeatAt;
  const lastSeen = lastHeard === null ? (session === undefined ? null : observedAt) : onOurClock(lastHeard);
  return {
    applianceId: input.applianceId,
    clientId: tenant.clientId,
    port: forward?.port ?? null,
    destination: forward?.uri ?? null,
    group: forward?.group ?? null,
    repository: forward?.repository ?? null,
    layers: layers.map((layer) => ({ ...layer, evidence: shortened(layer.evidence, evidenceLength) })),
    tone: toneOf(code),
    code,
    word:
      code === 'T-1002' && observedAt !== null ? 'not connected' : (layerWords[code] ?? tunnelCodes[code]),
    peer: session?.peerAddress ?? tenant.lastSession?.peerAddress ?? null,
    connectVersion: session?.connectVersion ?? null,
    since: session === undefined ? null : onOurClock(session.since),
    lastSeenAt: lastSeen,
    observedAt,
  };
}

function toneOf(code: TunnelCode): Tunnel['tone'] {
  switch (code) {
    case 'T-4000':
      return 'ok';
    case 'T-2002':
      return 'off';
    case 'T-1002':
      return 'unknown';
    // The appliance is amber, not its tunnels red: they may well be up.
    case 'T-1001':
    case 'T-1003':
    case 'T-3001':
    case 'T-4003':
      return 'warn';
    default:
      return 'bad';
  }
}

/** Every tunnel of one tenant: one row a forward, or one row that says why there is none. */
export function judgeTenant(input: {
  applianceId: string;
  link: LinkState;
  observedAt: string | null;
  tenant: Tenant;
  now: number;
  clockSkewMs?: number;
  probes?: ReadonlyMap<number, ProbeResult>;
  refusedLogIns?: readonly RefusedLogIn[];
  applianceVersion?: string | null;
}): Tunnel[] {
  const forwards = input.tenant.suspended && !isConnected(input.tenant) ? [] : input.tenant.forwards;
  if (forwards.length === 0) return [judgeTunnel({ ...input, forward: null })];
  return forwards.map((forward) =>
    judgeTunnel({ ...input, forward, probe: input.probes?.get(forward.port) ?? null }),
  );
}
