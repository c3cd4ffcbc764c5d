import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServices, type Services } from '../src-main/services.ts';
import type { ApplianceEntry } from '../src-shared/model/appliance/applianceEntry.ts';
import type { Layer } from '../src-shared/model/tunnels/tunnelLayer.ts';
import type { Tunnel } from '../src-shared/model/tunnels/chain.ts';
import { applianceInput, type AdminAccess } from './applianceInput.ts';
import type { StockBox } from './stockBox.ts';
import { changeTenant } from './remoteNetworks.ts';
import { waitFor } from './waitFor.ts';

/** A console that watches one appliance, like an open page. */
export type WatchedAppliance = {
  services: Services;
  dataFolder: string;
  entry: ApplianceEntry;
  tunnels: (clientId: string) => Tunnel[];
  /** The tenant's tunnel. If it has several, `repository` selects one. */
  tunnel: (clientId: string, repository?: string) => Tunnel | undefined;
  /** One layer of the tenant's only tunnel. */
  layer: (clientId: string, name: Layer['layer']) => Layer | undefined;
  /** Resolves when the tunnel has this code. Rejects with its last code after a time limit. */
  waitForCode: (
    clientId: string,
    code: Tunnel['code'],
    repository?: string,
    timeoutMs?: number,
  ) => Promise<Tunnel>;
  /** Probes all ports of the tenant. */
  probe: (
    clientId: string,
    isLarge?: boolean,
  ) => Promise<{ probed: number; ok: number; milliseconds: number }>;
  close: () => Promise<void>;
};

/**
 * Starts a console that watches the appliance and does not probe on its own, so that the test decides when to
 * probe.
 */
export async function watchAppliance(
  appliance: AdminAccess & Pick<StockBox, 'hostKey'>,
): Promise<WatchedAppliance> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'sallyport-probe-'));
  const services = createServices({ dataFolder, host: 'web', operator: 'tester' });
  const entry = await services.appliances.add(applianceInput(appliance), appliance.hostKey());
  await services.prober.setSettings({ ...services.prober.settings(), enabled: false });
  const watching = new AbortController();
  const watched = (async () => {
    for await (const _ of services.watchFleet(watching.signal));
  })();
  await waitFor('the appliance answers', () => services.fleet.view(entry.id).tenants !== null);
  const tunnels = (clientId: string) =>
    services.fleet.tenants(entry.id).find((view) => view.tenant.clientId === clientId)?.tunnels ?? [];
  const tunnel = (clientId: string, repository?: string) =>
    tunnels(clientId).find((one) => repository === undefined || one.repository === repository);
  return {
    services,
    dataFolder,
    entry,
    tunnels,
    tunnel,
    layer: (clientId, name) => tunnel(clientId)?.layers.find((one) => one.layer === name),
    waitForCode: async (clientId, code, repository) => {
      const now = () => tunnel(clientId, repository);
      try {
        await waitFor(`${clientId} is ${code}`, async () => {
          // Poll now instead of waiting for the next regular poll.
          await services.fleet.refresh([entry.id]);
          return now()?.code === code;
        });
      } catch (cause) {
        const what = now()?.layers.map((layer) => `${layer.code ?? '?'} ${layer.state} ${layer.evidence}`);
        throw new Error(
          `${clientId} is ${now()?.code ?? 'nothing'}, not ${code}:\n${what?.join('\n') ?? ''}`,
          {
            cause,
          },
        );
      }
      const found = now();
      if (found === undefined) throw new Error('it is gone');
      return found;
    },
    probe: (clientId, isLarge) =>
      services.prober.probe({ applianceId: entry.id, clientId, port: null, isLarge }),
    close: async () => {
      watching.abort();
      await watched;
      await services.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** A tenant's site with the shipped Connect, its own connect.yaml and its own key. */
export type TenantSite = {
  clientId: string;
  ports: { first: number; last: number };
  keyFile: string;
  configFile: string;
  process: () => ChildProcess;
  /** The output of Connect so far. */
  output: () => string;
  start: () => void;
  stop: () => Promise<void>;
};

/**
 * Adds a tenant and writes its files. Does not start Connect. `repositories` maps names to URIs; all are in
 * the group `site`.
 */
export async function createTenantSite(
  appliance: Pick<StockBox, 'host' | 'port' | 'folder' | 'ke'>,
  about: {
    clientId: string;
    repositories: Readonly<Record<string, string>>;
    quota?: number;
    /** The source address of Connect's connection. */
    from?: string;
  },
): Promise<TenantSite> {
  const { clientId } = about;
  const { privateKey, ports } = await changeTenant(appliance, 'add', clientId);
  if (about.quota !== undefined) await changeTenant(appliance, 'change', `${about.quota}`, clientId);
  const [range] = ports;
  if (range === undefined || privateKey === undefined) throw new Error('no ports or no key');
  const folder = await mkdtemp(join(appliance.folder, `site-${clientId}-`));
  const keyFile = join(folder, 'key');
  const configFile = join(folder, 'connect.yaml');
  await writeFile(keyFile, privateKey, { mode: 0o600 });
  const lines = Object.entries(about.repositories).map(([name, uri]) => `    ${name}: "${uri}"`);
  const configure = (key: string) =>
    writeFile(
      configFile,
      `appliance: "${appliance.host}:${appliance.port}"
ssh_key: ${key}
${about.from === undefined ? '' : `bind_address: "${about.from}"\n`}repositories:
  site:
${lines.join('\n')}
`,
    );
  await configure(keyFile);
  let child: ChildProcess | null = null;
  let said = '';
  return {
    clientId,
    ports: range,
    keyFile,
    configFile,
    process: () => {
      if (child === null) throw new Error('Connect was not started');
      return child;
    },
    output: () => said,
    start: () => {
      const program = join(appliance.folder, 'bundle', 'connect.mjs');
      const started = spawn(process.execPath, [program, 'start', '--config', configFile], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [started.stdout, started.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      child = started;
    },
    stop: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
