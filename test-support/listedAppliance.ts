import { firstPort, lastPort } from '../src-shared/model/tenants/ports.ts';
import type { RemoteNetworks, Tenant } from '../src-shared/model/tenants/remoteNetworks.ts';
import { startAnsweringSshd, type AnsweringSshd } from './answeringSshd.ts';

/**
 * An appliance that answers over SSH but has no real tenants. It lists as many as a test needs, each with a
 * live session and open ports, to test pages with large numbers.
 */
export type ListedAppliance = AnsweringSshd & {
  name: string;
  /** How often the whole list was requested. */
  lists: () => number;
};

const startedAt = '2026-01-01T00:00:00.000Z';

function tenantOf(index: number, forwards: number): Tenant {
  const clientId = `tenant-${String(index).padStart(3, '0')}`;
  const first = firstPort + index * forwards;
  const pid = 1000 + index;
  const heard = new Date().toISOString();
  return {
    clientId,
    quota: forwards,
    suspended: false,
    ports: [{ first, last: first + forwards - 1 }],
    keys: [
      { type: 'ssh-ed25519', fingerprint: `SHA256:${'a'.repeat(43)}`, addedAt: startedAt, expiresAt: null },
    ],
    createdAt: startedAt,
    changedAt: startedAt,
    sessions: [
      {
        pid,
        kind: 'connect',
        peerAddress: `10.4.${Math.floor(index / 250)}.${index % 250}`,
        peerPort: 50_000,
        since: startedAt,
        keyFingerprint: null,
        connectVersion: '1.0.3',
        lastHeartbeatAt: heard,
        silentSince: null,
      },
    ],
    forwards: Array.from({ length: forwards }, (_, offset) => ({
      port: first + offset,
      group: 'docs',
      repository: `files-${offset}`,
      uri: `smb://files-${offset}.${clientId}.example:445`,
      announcedAt: startedAt,
      listener: { address: '127.0.0.1', pid },
      sessionPid: pid,
    })),
    unplaced: [],
    lastSession: { endedAt: startedAt, peerAddress: null, reason: 'the client closed the connection' },
  };
}

/** Starts the appliance on loopback. */
export async function startListedAppliance({
  name,
  tenants,
  forwards,
}: {
  name: string;
  tenants: number;
  forwards: number;
}): Promise<ListedAppliance> {
  let lists = 0;
  const list = (): RemoteNetworks => {
    lists += 1;
    return {
      contract: 1,
      portRange: { first: firstPort, last: lastPort },
      tenants: Array.from({ length: tenants }, (_, index) => tenantOf(index, forwards)),
      refusedLogIns: [],
    };
  };
  const sshd = await startAnsweringSshd((command) =>
    command.includes('ke_manage_remote_networks') && command.includes('--json')
      ? JSON.stringify(list())
      : null,
  );
  return { ...sshd, name, lists: () => lists };
}
