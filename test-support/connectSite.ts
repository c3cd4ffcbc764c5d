import type { StockBox } from './stockBox.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectHealthSchema, type ConnectHealth } from '../src-appliance/connect/controlProtocol.ts';
import type { Tenant } from '../src-shared/model/tenants/remoteNetworks.ts';
import { changeTenant, showTenant } from './remoteNetworks.ts';
import { waitFor } from './waitFor.ts';

export type ConnectRun = {
  process: ChildProcess;
  /** The stdout and stderr so far. */
  output: () => string;
  ended: Promise<number | null>;
};

/** A tenant's site with the shipped bundle of Connect. Its folder is in the appliance's folder. */
export type ConnectSite = {
  folder: string;
  config: string;
  keyFile: string;
  /** All ports of the tenant, lowest first. */
  ports: number[];
  /**
   * Writes a connect.yaml with one repository per name. All repositories have the same destination,
   * `upstreamPort`.
   */
  configure: (repositories: readonly string[], more?: Record<string, string>) => Promise<void>;
  /** Runs `connect` with these arguments. Without arguments, starts it with the site's connect.yaml. */
  connect: (...argv: string[]) => ConnectRun;
  /** The output of `connect status --json`. Null if no Connect is running. */
  health: () => Promise<ConnectHealth | null>;
  tenant: () => Promise<Tenant>;
  /**
   * Waits until exactly these repositories are forwarded, in order from the first port, and all ports listen.
   * Null for a port without a repository.
   */
  waitUntilForwarded: (repositories: readonly (string | null)[], timeoutMs?: number) => Promise<void>;
  /** Kills all processes and removes the tenant. */
  clear: () => Promise<void>;
};

const command = 'ke_manage_remote_networks';

export async function createConnectSite(
  appliance: Pick<StockBox, 'host' | 'port' | 'folder' | 'ke'>,
  options: { clientId: string; upstreamPort: number },
): Promise<ConnectSite> {
  const { clientId, upstreamPort } = options;
  const folder = join(appliance.folder, `site-${randomUUID().slice(0, 8)}`);
  const config = join(folder, 'connect.yaml');
  const keyFile = join(folder, 'key');
  const running: ChildProcess[] = [];
  await mkdir(folder);
  const { privateKey, ports: ranges } = await changeTenant(appliance, 'add', clientId);
  const ports = ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  await writeFile(keyFile, privateKey ?? '', { mode: 0o600 });

  const connect = (...argv: string[]): ConnectRun => {
    const program = join(appliance.folder, 'bundle', 'connect.mjs');
    const words = argv.length > 0 ? argv : ['start', '--config', config];
    const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    return { process: child, output: () => said, ended: once(child, 'close').then(() => child.exitCode) };
  };
  const tenant = () => showTenant(appliance, clientId);
  return {
    folder,
    config,
    keyFile,
    ports,
    connect,
    tenant,
    configure: (repositories, more = {}) => {
      const lines = [
        `appliance: "${appliance.host}:${appliance.port}"`,
        'ssh_key: key',
        ...Object.entries(more).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
        'repositories:',
        '  plant:',
        ...repositories.map((name) => `    ${name}: "webdav+http://service.localhost:${upstreamPort}/"`),
      ];
      return writeFile(config, lines.join('\n'));
    },
    health: async () => {
      const asked = connect('status', '--config', config, '--json');
      const code = await asked.ended;
      return code === 3 ? null : connectHealthSchema.parse(JSON.parse(asked.output()));
    },
    waitUntilForwarded: (repositories, timeoutMs) =>
      waitFor(
        `forwards of ${repositories.join(', ')}`,
        async () => {
          const { forwards } = await tenant();
          const found = forwards.map(
            (one) => `${one.port} ${one.repository ?? 'nobody'} ${one.listener === null ? 'off' : 'on'}`,
          );
          const expected = repositories.flatMap((name, index) =>
            name === null ? [] : [`${ports[index] ?? 0} ${name} on`],
          );
          return JSON.stringify(found) === JSON.stringify(expected);
        },
        timeoutMs,
      ),
    clear: async () => {
      for (const one of running.splice(0)) one.kill('SIGKILL');
      await appliance.ke([command, 'remove', clientId]);
    },
  };
}
