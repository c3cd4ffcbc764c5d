import type { LinkState } from '../appliance/link.ts';
import { countPorts, hasPort } from '../tenants/ports.ts';
import type { refusedLogInFor } from './refusedLogIns.ts';
import type { Forward, Tenant, Unplaced } from '../tenants/remoteNetworks.ts';
import { ageMs, formatDuration, formatInstant, isOlderThan } from '../../base/time.ts';
import type { Layer, LayerName } from './tunnelLayer.ts';

/* Layers one to four of a tunnel: what the link and the appliance's own list say. */

/** An answer older than this is not shown as green any more (six missed observations) **[ours]**. */
export const staleAfterMs = 30_000;

const notAsked = (layer: LayerName): Layer => ({
  layer,
  state: 'unknown',
  code: null,
  evidence: 'not asked yet',
  observedAt: null,
});

/** A layer that was not looked at, because one before it is not well. */
export const unasked: Readonly<Record<LayerName, Layer>> = {
  reachable: notAsked('reachable'),
  key: notAsked('key'),
  session: notAsked('session'),
  listener: notAsked('listener'),
  forward: notAsked('forward'),
  service: notAsked('service'),
};

export function reachableLayer(link: LinkState, observedAt: string | null, now: number): Layer {
  const fail = (evidence: string): Layer => ({
    layer: 'reachable',
    state: 'fail',
    code: 'T-1001',
    evidence,
    observedAt,
  });
  const untold = { layer: 'reachable', state: 'unknown', code: 'T-1002', observedAt } as const;
  switch (link.state) {
    case 'connected':
      if (observedAt === null) return { ...untold, evidence: 'connected, not asked yet' };
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
      return { ...untold, evidence: `connecting to ${link.hop}` };
    case 'idle':
      return { ...untold, evidence: 'not connected' };
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
export function isConnected(tenant: Tenant): boolean {
  return tenant.sessions.length > 0 || tenant.forwards.some((forward) => forward.listener !== null);
}

export function keyLayer(tenant: Tenant, observedAt: string): Layer {
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

export function sessionLayer(about: {
  tenant: Tenant;
  forward: Forward | null;
  observedAt: string;
  now: number;
  refused: ReturnType<typeof refusedLogInFor>;
}): Layer {
  const { tenant, forward, observedAt, now, refused } = about;
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
  const offered =
    refused === null
      ? null
      : `${refused.logIn.fingerprint} was offered from ${refused.logIn.peerAddress} at ${formatInstant(refused.logIn.lastAt)}`;
  if (refused?.certain === true)
    return {
      ...base,
      state: 'fail',
      code: 'T-3003',
      evidence: `${refused.logIn.formerKeyOf === tenant.clientId ? 'its former key' : 'an unknown key'} ${offered ?? ''}, ${refused.logIn.count} times`,
    };
  const ended =
    last === null
      ? 'no session seen yet'
      : `last session ended ${formatInstant(last.endedAt)}: ${last.reason}`;
  // It may not be set up yet, or be off for the night: what fails for certain has a code of its own.
  return {
    ...base,
    state: 'warn',
    code: 'T-3001',
    evidence: offered === null ? ended : `${ended}; an unknown key ${offered}, perhaps by this tenant`,
  };
}

/** Whether the other members of a cluster reach the port, too; empty for an appliance that is no member. */
function memberEvidence({ port, listener, memberListener }: Forward): string {
  if (memberListener === undefined) return '';
  if (memberListener === null) return '; other cluster members can’t reach it';
  const place = `${memberListener.address}:${port}`;
  if (memberListener.pid === listener?.pid) return `; for cluster members ${place}`;
  return `; other cluster members can’t reach it: ${place} is held by pid ${memberListener.pid ?? 'unknown'}`;
}

export function listenerLayer(about: {
  tenant: Tenant;
  forward: Forward | null;
  unplaced: Unplaced | null;
  observedAt: string;
}): Layer {
  const { tenant, forward, unplaced, observedAt } = about;
  const base = { layer: 'listener', observedAt } as const;
  if (unplaced !== null)
    return {
      ...base,
      state: 'fail',
      code: 'T-4005',
      evidence: `${tenant.forwards.length + tenant.unplaced.length} repositories, ${countPorts(tenant.ports)} ports`,
    };
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
  const where = `${forward.listener.address}:${forward.port}${pid === null ? '' : `, pid ${pid}`}${memberEvidence(forward)}`;
  if (isStaleListener(tenant, forward))
    return { ...base, state: 'fail', code: 'T-4002', evidence: `${where}, held without a live session` };
  return { ...base, state: 'ok', code: 'T-4000', evidence: where };
}

/**
 * A listener that no live session stands behind is its own fault, also where the tenant has no other session:
 * naming it "no session" would send the operator to the customer, though it is the appliance that must let go.
 */
export function isStaleListener(tenant: Tenant, forward: Forward | null): boolean {
  if (forward?.listener == null) return false;
  const owner = tenant.sessions.find((session) => session.pid === forward.sessionPid);
  return owner === undefined || owner.silentSince !== null;
}
