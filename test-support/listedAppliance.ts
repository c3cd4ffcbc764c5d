import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { RemoteNetworks, Tenant } from '../src-shared/model/remoteNetworks.ts';
import { firstPort, lastPort } from '../src-shared/model/ports.ts';

/**
 * An appliance that answers over SSH and has nothing behind it: as many tenants as a table shall hold, each with a live
 * session and all its ports listening. For how the page copes with many; what is true of an appliance, the kit's own
 * tests show.
 */
export type ListedAppliance = {
  name: string;
  user: string;
  host: string;
  port: number;
  identityFile: string;
  hostKeySha256: string;
  /** How often the whole list was asked for. */
  lists: () => number;
  stop: () => Promise<void>;
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

/** Starts one on loopback. */
export async function startListedAppliance({
  name,
  tenants,
  forwards,
}: {
  name: string;
  tenants: number;
  forwards: number;
}): Promise<ListedAppliance> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-listed-'));
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
  const clientKey = ssh2.utils.generateKeyPairSync('ed25519');
  const identityFile = join(folder, 'id_ed25519');
  writeFileSync(identityFile, clientKey.private, { mode: 0o600 });
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
  const connections = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    // A console that ends cuts the connection.
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      if (context.method === 'publickey') context.accept();
      else context.reject(['publickey']);
    });
    connection.on('tcpip', (_accept, reject) => reject());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const isList = command.includes('ke_manage_remote_networks') && command.includes('--json');
        if (isList) channel.write(JSON.stringify(list()));
        channel.exit(isList ? 0 : 127);
        channel.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the appliance has no port');
  const blob = Buffer.from(hostKey.public.split(' ')[1] ?? '', 'base64');
  return {
    name,
    user: 'ubuntu',
    host: '127.0.0.1',
    port: address.port,
    identityFile,
    hostKeySha256: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/u, '')}`,
    lists: () => lists,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.end();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
