import { idleReasons, type LinkState } from '../appliance/link.ts';
import { countPorts, hasPort } from '../tenants/ports.ts';
import type { findRefusedLogin } from './refusedLogins.ts';
import type {
  ApplianceRefusal,
  Forward,
  Tenant,
  TenantSession,
  UnplacedRepository,
} from '../tenants/remoteNetworks.ts';
import { ageMs, formatDuration, formatInstant, isOlderThan, secondMs } from '../../base/time.ts';
import { describeHolder, findTaker, formatEndpoint, rivalEvidence } from './portHolders.ts';
import { describeSharedKey, findSharedKey } from '../tenants/sharedKey.ts';
import { createLayer, type Layer } from './tunnelLayer.ts';

/* Layers one to four of a tunnel, from the link and the appliance's own list. */

/** Answers older than this (six missed polls) are not shown as green **[ours]**. */
export const staleAfterMs = 30 * secondMs;

/**
 * Whether the answer came before the link's present connection. A `since` later than now is from before the
 * clock was set back, so it proves nothing.
 */
function isBeforeConnection(
  link: LinkState & { state: 'connected' },
  observedAt: string,
  now: number,
): boolean {
  const sinceMs = Date.parse(link.since);
  return Date.parse(observedAt) < sinceMs && sinceMs <= now;
}

/** Whether an answer describes the present: the link is up, and the answer came over it and is recent. */
export function isFreshAnswer(link: LinkState, observedAt: string, now: number): boolean {
  return (
    link.state === 'connected' &&
    !isBeforeConnection(link, observedAt, now) &&
    !isOlderThan(observedAt, staleAfterMs, now)
  );
}

export function reachableLayer(link: LinkState, observedAt: string | null, now: number): Layer {
  switch (link.state) {
    case 'connected': {
      if (observedAt === null) return createLayer('T-1002', 'connected, no answer yet', observedAt);
      const answer = `last answer ${formatDuration(ageMs(observedAt, now))} ago`;
      if (isBeforeConnection(link, observedAt, now))
        return createLayer('T-1002', `connected, no answer yet over this connection; ${answer}`, observedAt);
      if (isOlderThan(observedAt, staleAfterMs, now)) return createLayer('T-1003', answer, observedAt);
      const latency = link.latencyMs === null ? '' : `, ${Math.round(link.latencyMs)} ms`;
      return createLayer('T-1000', `SSH up${latency}`, observedAt);
    }
    case 'connecting':
      return link.after === undefined
        ? createLayer(
            'T-1002',
            `${link.isQueued ? 'waiting to connect' : 'connecting'} to ${link.hop}`,
            observedAt,
          )
        : createLayer('T-1001', link.after.message, observedAt);
    case 'idle':
      return createLayer(
        'T-1002',
        link.reason === undefined ? 'not connected' : idleReasons[link.reason].text,
        observedAt,
      );
    case 'waiting-host-key':
      return createLayer('T-1001', `host key of ${link.hop} needs confirmation`, observedAt);
    case 'waiting-secret':
      return createLayer('T-1001', `waiting for a secret for ${link.hop}`, observedAt);
    case 'retrying':
    case 'stopped':
      return createLayer('T-1001', link.error.message, observedAt);
  }
}

/** Whether the tenant has a session or a bound port. A suspended tenant must have neither. */
export function isConnected(tenant: Tenant): boolean {
  return tenant.sessions.length > 0 || tenant.forwards.some((forward) => forward.listener !== null);
}

export function keyLayer(tenant: Tenant, observedAt: string | null): Layer {
  if (tenant.suspended && isConnected(tenant)) {
    const [session] = tenant.sessions;
    const holder =
      session === undefined ? 'its ports are still bound' : `sshd ${session.pid} is still connected`;
    return createLayer('T-2003', `suspended, but ${holder}`, observedAt);
  }
  if (tenant.suspended) return createLayer('T-2002', 'suspended; its key is kept', observedAt);
  const [key] = tenant.keys;
  if (key === undefined) return createLayer('T-2001', 'no public key on the appliance', observedAt);
  const more = tenant.keys.length > 1 ? ` and ${tenant.keys.length - 1} more` : '';
  return createLayer('T-2000', `${key.type} ${key.fingerprint}${more}`, observedAt);
}

export function sessionLayer(input: {
  tenant: Tenant;
  forward: Forward | null;
  observedAt: string | null;
  now: number;
  refused: ReturnType<typeof findRefusedLogin>;
  applianceRefusal: ApplianceRefusal | null;
  wasConnected: () => boolean;
  /** The other cluster member that has a live session of the tenant. */
  servedBy: string | undefined;
}): Layer {
  const { tenant, forward, observedAt, now } = input;
  const live = tenant.sessions.filter((session) => session.silentSince === null);
  const holder = forward === null ? undefined : ownerOf(tenant, forward);
  const isSilent = holder !== undefined && holder.silentSince !== null;
  const session = isSilent ? findSuccessor(tenant, holder) : (holder ?? live[0]);
  if (session !== undefined) {
    const from = session.peerAddress ?? 'an unknown address';
    const uptime = formatDuration(ageMs(session.since, now));
    const shared = findSharedKey(tenant.sessions, now);
    const warning = shared === null ? '' : `; ${describeSharedKey(shared)}`;
    const evidence = `from ${from}, up ${uptime}, sshd ${session.pid}${warning}`;
    return session.isOrphaned === true
      ? createLayer('T-3006', `${evidence}, whose monitor process has died`, observedAt)
      : createLayer('T-3000', evidence, observedAt);
  }
  const silent = holder ?? tenant.sessions[0];
  if (silent !== undefined) {
    const since = formatInstant(silent.silentSince ?? silent.since);
    return createLayer(
      'T-3002',
      `sshd ${silent.pid} is up, its client has been silent since ${since}`,
      observedAt,
    );
  }
  return absenceLayer(input);
}

/**
 * Whether there was any session since the tenant was added. After a restart, the appliance doesn't remember
 * old sessions, so the console's memory is used too.
 */
function hasConnected({ tenant, wasConnected }: Parameters<typeof sessionLayer>[0]): boolean {
  const isAnnounced = tenant.forwards.some(({ announcedAt }) => announcedAt !== null);
  return tenant.lastSession !== null || isAnnounced || tenant.unplaced.length > 0 || wasConnected();
}

type Refusals = Pick<Parameters<typeof sessionLayer>[0], 'refused' | 'applianceRefusal'>;

/** Whether the appliance's own refusal explains the absence. A wrong key that came after it shows that it is over. */
function isApplianceRefusalLatest<Input extends Refusals>(
  input: Input,
): input is Input & { applianceRefusal: ApplianceRefusal } {
  const { refused, applianceRefusal } = input;
  if (applianceRefusal === null) return false;
  return refused?.certain !== true || refused.login.lastAt <= applianceRefusal.lastAt;
}

function applianceRefusalLayer(
  { reason, lastAt, count }: ApplianceRefusal,
  observedAt: string | null,
): Layer {
  const often = count === 1 ? '' : `, ${count} times`;
  return createLayer('T-3007', `${reason}; last at ${formatInstant(lastAt)}${often}`, observedAt);
}

function absenceLayer(input: Parameters<typeof sessionLayer>[0]): Layer {
  const { tenant, refused, servedBy, observedAt, now } = input;
  if (servedBy !== undefined && refused?.certain !== true)
    return createLayer('T-3005', `connected to ${servedBy}`, observedAt);
  if (isApplianceRefusalLatest(input)) return applianceRefusalLayer(input.applianceRefusal, observedAt);
  const last = tenant.lastSession;
  const code = hasConnected(input) ? 'T-3001' : 'T-3004';
  const ended =
    last !== null
      ? `last session ended ${formatInstant(last.endedAt)}: ${last.reason}`
      : code === 'T-3001'
        ? 'the end of its last session is unknown'
        : `no session since it was added, ${formatDuration(ageMs(tenant.createdAt, now))} ago`;
  if (refused === null) return createLayer(code, ended, observedAt);
  const { fingerprint, peerAddress, lastAt, formerKeyOf, count } = refused.login;
  const offered = `${fingerprint} was offered from ${peerAddress} at ${formatInstant(lastAt)}`;
  if (!refused.certain)
    return createLayer(code, `${ended}; an unknown key ${offered}, possibly by this tenant`, observedAt);
  const key = formerKeyOf === tenant.clientId ? 'its former key' : 'an unknown key';
  return createLayer('T-3003', `${key} ${offered}, ${count} times`, observedAt);
}

/** Says whether the other cluster members can reach the port. Empty outside a cluster. */
function memberEvidence({ port, listener, memberListener }: Forward): string {
  if (memberListener === undefined) return '';
  if (memberListener === null) return '; other cluster members can’t reach it';
  const address = formatEndpoint(memberListener.address, port);
  if (memberListener.pid === listener?.pid) return `; cluster members use ${address}`;
  return `; other cluster members can’t reach it: ${address} is held by ${describeHolder(memberListener)}`;
}

export function listenerLayer(input: {
  tenant: Tenant;
  forward: Forward | null;
  unplaced: UnplacedRepository | null;
  forwardingOff: string | undefined;
  observedAt: string | null;
}): Layer {
  const { tenant, forward, unplaced, forwardingOff, observedAt } = input;
  if (unplaced !== null) {
    const repositories = tenant.forwards.length + tenant.unplaced.length;
    return createLayer(
      'T-4005',
      `${repositories} repositories, ${countPorts(tenant.ports)} ports`,
      observedAt,
    );
  }
  if (forwardingOff !== undefined && forward?.listener == null)
    return createLayer('T-4007', forwardingOff, observedAt);
  if (forward === null) return createLayer('T-4003', 'the session forwards nothing', observedAt);
  const { port, listener } = forward;
  if (!hasPort(tenant.ports, port))
    return createLayer('T-4004', `port ${port} is not allocated to this tenant`, observedAt);
  if (listener === null)
    return createLayer('T-4001', `Connect announced it, but nothing listens on ${port}`, observedAt);
  const taker = findTaker(tenant, forward);
  if (taker !== null)
    return createLayer(
      'T-4006',
      `${formatEndpoint(taker.address, port)} is held by ${describeHolder(taker)}`,
      observedAt,
    );
  const pid = listener.pid === null ? '' : `, pid ${listener.pid}`;
  const rival = rivalEvidence(forward);
  const evidence = `${listener.address}:${port}${pid}${memberEvidence(forward)}${rival}`;
  if (!isStaleListener(tenant, forward)) return createLayer('T-4000', evidence, observedAt);
  const owner = ownerOf(tenant, forward);
  const holder =
    owner === undefined
      ? 'held without a live session'
      : `held by an earlier session that has been silent since ${formatInstant(owner.silentSince ?? owner.since)}`;
  return createLayer('T-4002', `${evidence}, ${holder}`, observedAt);
}

/** The session that holds the port, live or silent. */
function ownerOf(tenant: Tenant, forward: Forward): TenantSession | undefined {
  return tenant.sessions.find((session) => session.pid === forward.sessionPid);
}

/**
 * The live session of a client that has connected again since `silent` last gave a sign. A session from before is
 * that of another client with the same key.
 */
function findSuccessor(tenant: Tenant, silent: TenantSession): TenantSession | undefined {
  const lastSignMs = Date.parse(silent.lastHeartbeatAt ?? silent.silentSince ?? silent.since);
  return tenant.sessions.find(
    ({ silentSince, since }) => silentSince === null && Date.parse(since) >= lastSignMs,
  );
}

/**
 * Whether the port is held without a live session. This has its own code, because only the appliance can free
 * the port. If the client of the silent session has not connected again, that client is the fault: the port is
 * free again as soon as it answers or sshd ends the session.
 */
export function isStaleListener(tenant: Tenant, forward: Forward | null): boolean {
  if (forward?.listener == null) return false;
  const owner = ownerOf(tenant, forward);
  if (owner === undefined) return true;
  return owner.silentSince !== null && findSuccessor(tenant, owner) !== undefined;
}
