import { quoteText, visibleLine } from '../../base/machineText.ts';
import type { Forward, ListenerHolder, Tenant } from '../tenants/remoteNetworks.ts';

type Listener = NonNullable<Forward['listener']>;

export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function describeProcess({ name, user, clientId }: ListenerHolder, pid: number | null): string {
  if (clientId !== null) return `a session of the tenant ${clientId} (sshd ${pid ?? ''})`;
  const owner = user === null ? null : `user ${visibleLine(user)}`;
  if (name === null) return `a process${owner === null ? '' : ` of ${owner}`} that the appliance hides`;
  return `the process ${quoteText(name)} (pid ${pid ?? 'unknown'}${owner === null ? '' : `, ${owner}`})`;
}

/** Describes the process that holds a listener, e.g. `the process “python3” (pid 4242, user www-data)`. */
export function describeHolder(listener: Listener | null): string {
  if (listener?.holder === undefined)
    return listener?.pid == null ? 'an unknown process' : `pid ${listener.pid}`;
  return describeProcess(listener.holder, listener.pid);
}

/**
 * The listener of another program or tenant that gets the connections of this port. Null if the tenant's own
 * session gets them, if the holder is a leftover of the tenant's, or if an older kit doesn't name it.
 */
export function findTaker(tenant: Tenant, forward: Forward | null): Listener | null {
  if (forward?.listener == null) return null;
  const { listener, rival } = forward;
  const isOwn = tenant.sessions.some(({ pid }) => pid === forward.sessionPid);
  if (!isOwn) return listener.holder?.isReleasable === false ? listener : null;
  // The kernel prefers the listener with the exact address. The appliance connects to 127.0.0.1.
  const isMasked = listener.address !== '127.0.0.1' && rival !== undefined && rival.address !== '::1';
  return isMasked ? rival : null;
}

/** Says which other process listens on the port too. Empty if no other process does. */
export function rivalEvidence({ port, rival }: Forward): string {
  return rival === undefined
    ? ''
    : `; ${formatEndpoint(rival.address, port)} is held by ${describeHolder(rival)}`;
}
