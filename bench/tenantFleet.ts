import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeTenant } from '../test-support/remoteNetworks.ts';
import type { StockBox } from '../test-support/stockBox.ts';
import { sshSettings } from '../test-support/tenantClient.ts';
import { waitFor } from '../test-support/waitFor.ts';

/** A registered tenant with a folder that contains its key, and its connect.yaml with a repository for each port. */
export type FleetTenant = { clientId: string; folder: string; keyFile: string; ports: number[] };

export type FleetKind = 'connect' | 'autossh';

/** Clients of one kind, one process per tenant, after all their forwards were open once. */
export type RunningFleet = { stop: () => Promise<void> };

/** Number of clients started in parallel. The machine has few cores, and the start itself is not measured. */
const lanes = 6;
const startTimeoutMs = 300_000;

export async function registerTenants(options: {
  appliance: StockBox;
  count: number;
  forwards: number;
  upstreamPort: number;
}): Promise<FleetTenant[]> {
  const { appliance, count, forwards, upstreamPort } = options;
  const tenants: FleetTenant[] = [];
  for (let index = 0; index < count; index += 1) {
    const clientId = `tenant-${`${index}`.padStart(3, '0')}`;
    const { privateKey = '', ports: ranges } = await changeTenant(appliance, 'add', clientId);
    const ports = ranges
      .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, offset) => first + offset))
      .slice(0, forwards);
    const folder = join(appliance.folder, clientId);
    const keyFile = join(folder, 'key');
    await mkdir(folder);
    await writeFile(keyFile, privateKey, { mode: 0o600 });
    const repositories = ports.map(
      (port) => `    share-${port}: "webdav+http://127.0.0.1:${upstreamPort}/"\n`,
    );
    await writeFile(
      join(folder, 'connect.yaml'),
      `appliance: "${appliance.host}:${appliance.port}"
ssh_key: key
host_key: "${appliance.hostKey().fingerprint}"
repositories:
  plant:
${repositories.join('')}`,
    );
    tenants.push({ clientId, folder, keyFile, ports });
  }
  return tenants;
}

/** The TCP ports on which processes of the appliance listen, from its kernel's table. */
async function listeningPorts({ system }: StockBox): Promise<Set<number>> {
  // Not /proc/net, which shows the network namespace of the reading process.
  const table = await readFile(`/proc/${system.pid}/net/tcp`, 'utf8');
  const listening = new Set<number>();
  for (const [, port = ''] of table.matchAll(/^\s*\d+: [0-9A-F]{8}:([0-9A-F]{4}) \S+ 0A /gmu))
    listening.add(Number.parseInt(port, 16));
  return listening;
}

export async function countListening(appliance: StockBox, tenants: readonly FleetTenant[]): Promise<number> {
  const listening = await listeningPorts(appliance);
  return tenants.flatMap(({ ports }) => ports).filter((port) => listening.has(port)).length;
}

function startClient(options: {
  kind: FleetKind;
  appliance: StockBox;
  tenant: FleetTenant;
  upstreamPort: number;
}): ChildProcess {
  const { kind, appliance, tenant, upstreamPort } = options;
  if (kind === 'connect')
    return spawn(
      process.execPath,
      [
        join(appliance.folder, 'bundle/connect.mjs'),
        'start',
        '--config',
        join(tenant.folder, 'connect.yaml'),
        '--socket',
        'control.sock',
        '--log-dir',
        '.',
      ],
      { cwd: tenant.folder, stdio: 'ignore' },
    );
  const settings = sshSettings('ServerAliveInterval=15', 'ServerAliveCountMax=3', 'LogLevel=ERROR');
  const forwards = tenant.ports.flatMap((port) => ['-R', `127.0.0.1:${port}:127.0.0.1:${upstreamPort}`]);
  return spawn(
    'autossh',
    ['-M', '0', '-N', '-T', '-F', 'none', '-i', tenant.keyFile, ...settings, ...forwards].concat([
      '-p',
      `${appliance.port}`,
      `connect@${appliance.host}`,
    ]),
    // According to its manual, 0 makes it continue even if the first attempt fails, as it must after a boot.
    { env: { ...process.env, AUTOSSH_GATETIME: '0' }, stdio: 'ignore' },
  );
}

/** Resolves once every port of every tenant is open. */
export async function startFleet(options: {
  kind: FleetKind;
  appliance: StockBox;
  tenants: readonly FleetTenant[];
  upstreamPort: number;
}): Promise<RunningFleet> {
  const { appliance, tenants } = options;
  const clients: ChildProcess[] = [];
  const queue = [...tenants];
  const stop = async (): Promise<void> => {
    await Promise.all(
      clients.splice(0).map(async (client) => {
        if (client.exitCode !== null || client.signalCode !== null) return;
        const ended = once(client, 'exit');
        client.kill('SIGTERM');
        await ended;
      }),
    );
    await waitFor(
      'all forwards are closed',
      async () => (await countListening(appliance, tenants)) === 0,
      startTimeoutMs,
    );
  };
  const lane = async (): Promise<void> => {
    for (let tenant = queue.shift(); tenant !== undefined; tenant = queue.shift()) {
      const { clientId, ports } = tenant;
      clients.push(startClient({ ...options, tenant }));
      await waitFor(
        `the forwards of ${clientId}`,
        async () => {
          const listening = await listeningPorts(appliance);
          return ports.every((port) => listening.has(port));
        },
        startTimeoutMs,
      );
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } catch (error) {
    for (const client of clients) client.kill('SIGKILL');
    throw error;
  }
  return { stop };
}
