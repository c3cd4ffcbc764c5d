import { tenantSchema, type Tenant } from '../src-shared/model/tenants/remoteNetworks.ts';

/** Returns a tenant. By default, it has twenty ports, one key and no session. */
export function aTenant(clientId: string, changes: Partial<Tenant> = {}): Tenant {
  const at = '2026-11-01T09:00:00.000Z';
  return tenantSchema.parse({
    clientId,
    quota: 20,
    suspended: false,
    ports: [{ first: 2200, last: 2219 }],
    keys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:a', addedAt: at }],
    createdAt: at,
    changedAt: at,
    sessions: [],
    forwards: [],
    lastSession: null,
    ...changes,
  });
}

/** Returns a tenant with a live session that forwards `ports`. */
export function aConnectedTenant(
  clientId: string,
  ports: readonly number[],
  changes: Partial<Tenant> = {},
): Tenant {
  const first = ports[0] ?? 2200;
  return aTenant(clientId, {
    ports: [{ first, last: Math.max(first + 19, ...ports) }],
    sessions: [
      {
        pid: first,
        kind: 'connect',
        peerAddress: '198.51.100.7',
        peerPort: 40_000,
        since: '2026-11-20T08:00:00.000Z',
        keyFingerprint: 'SHA256:a',
        connectVersion: '1.0.0',
        lastHeartbeatAt: null,
        silentSince: null,
      },
    ],
    forwards: ports.map((port) => ({
      port,
      group: 'files',
      repository: `r${port}`,
      uri: `smb://10.0.0.1:${port}`,
      announcedAt: '2026-11-20T08:00:00.000Z',
      listener: { address: '127.0.0.1', pid: first },
      sessionPid: first,
    })),
    ...changes,
  });
}
