import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { copyFile, cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { joinBoxes } from '../boxNetwork.ts';
import { boxIptables, startBoxSystem, type BoxSystem } from '../boxSystem.ts';
import type { StockBox } from '../stockBox.ts';
import { prepareSmbd } from '../tenantServices.ts';
import { waitFor } from '../waitFor.ts';
import type { ServiceBehaviour } from './faultyService.ts';

/** Addresses of services in their own network behind the site's router, one for each tunnel. */
const serviceAddress = (index: number) => `10.99.0.${index + 1}`;
const siteAddress = (index: number) => `10.77.0.${index + 20}`;
const firstServicePort = 9100;

/** The part of the network that one tunnel uses. No other tunnel uses the same addresses or names. */
export type TunnelPath = {
  /** The source address of the client. */
  site: string;
  /** The host name of the service. Only the site's hosts file knows it. */
  serviceHost: string;
  servicePort: number;
  behave: (behaviour: ServiceBehaviour) => Promise<void>;
  /** Starts Debian's SMB server as the service. */
  startSmbServer: () => Promise<void>;
  /** Stops the process of the SMB server. The kernel still accepts connections for it. */
  suspendSmbServer: () => Promise<void>;
  /** Adds a rule to the packet filter of the service's computer. `port` is replaced by its port. */
  filterAtService: (...rule: readonly string[]) => Promise<void>;
  /** Adds a rule to the packet filter of the site for packets to its source address. */
  filterAtSite: (...rule: readonly string[]) => Promise<void>;
  /** Deletes the service's name, so that the site can't resolve it. */
  removeName: () => void;
  /** Deletes the site's route to the service. */
  removeRoute: () => Promise<void>;
};

function createHostsFile(site: BoxSystem) {
  const names = new Map([['localhost', '127.0.0.1']]);
  const write = () =>
    writeFileSync(
      site.path('/etc/hosts'),
      [...names].map(([name, address]) => `${address}\t${name}\n`).join(''),
    );
  return {
    add: (name: string, address: string) => {
      names.set(name, address);
      write();
    },
    remove: (name: string) => {
      names.delete(name);
      write();
    },
  };
}

const repository = join(import.meta.dirname, '../..');
const serviceProgram = 'test-support/faultMatrix/faultyService.ts';
const serviceFiles = [serviceProgram, 'src-appliance/lab/services/faultyAnswers.ts', 'package.json'];

/** Starts the faulty service in the services' box. Resolves with the function that changes a port of it. */
async function startFaultyService(services: BoxSystem, node: string, folder: string) {
  for (const file of serviceFiles) await cp(join(repository, file), join(folder, 'service', file));
  const program = join(folder, 'service', serviceProgram);
  const service = services.start([node, '--disable-warning=ExperimentalWarning', program]);
  const { stdin, stdout, stderr } = service;
  if (stdin === null || stdout === null || stderr === null) throw new Error('a box has no pipes');
  let complaints = '';
  stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  createInterface({ input: stdout }).on('line', (line) => waiting.get(line)?.resolve());
  let hasEnded = false;
  const rejectAll = () => {
    hasEnded = true;
    for (const { reject } of waiting.values()) reject(new Error(`the service ended: ${complaints}`));
  };
  service.once('close', rejectAll);
  return async (port: number, behaviour: ServiceBehaviour): Promise<void> => {
    const order = `${port} ${behaviour}`;
    const done = Promise.withResolvers<void>();
    waiting.set(order, done);
    if (hasEnded) rejectAll();
    else stdin.write(`${order}\n`);
    await done.promise.finally(() => waiting.delete(order));
  };
}

/** Debian's SMB server in the services' box. Adds its processes to `children`. */
function createSmbServer(
  services: BoxSystem,
  children: ChildProcess[],
  at: { folder: string; address: string; port: number },
) {
  let pidFile = '';
  return {
    startSmbServer: async () => {
      const protocols = { least: 'SMB2', most: 'SMB3' };
      const smbd = await prepareSmbd({ ...at, protocols, interfaces: `${at.address}/32` });
      pidFile = smbd.pidFile;
      // If its stdin is a socket, smbd serves that one and ends its process group afterwards, which is that of this test.
      children.push(services.start(['sh', '-c', 'exec "$@" </dev/null', 'sh', ...smbd.command]));
      const connect = ['bash', '-c', `</dev/tcp/${at.address}/${at.port}`];
      await waitFor('smbd listens', async () => (await services.run(connect)).exitCode === 0);
    },
    suspendSmbServer: async () => {
      await services.mustRun(['kill', '-STOP', (await readFile(pidFile, 'utf8')).trim()]);
    },
  };
}

/**
 * A tenants' site and its services, each a Debian system with its own network, joined with the appliance. Needs
 * root.
 */
export async function startMatrixNetwork(appliance: StockBox) {
  const node = join(appliance.folder, 'node');
  await copyFile(process.execPath, node);
  const [site, services] = await Promise.all([
    startBoxSystem({ hostname: 'site', shared: appliance.folder }),
    startBoxSystem({ hostname: 'services', shared: appliance.folder }),
  ]);
  const smbServers: ChildProcess[] = [];
  const stop = async () => {
    // The program that entered the box is suspended with the server, and the box waits for both.
    await services.run(['pkill', '-KILL', '-x', 'smbd']);
    for (const child of smbServers) child.kill('SIGCONT');
    await Promise.all([site.stop(), services.stop()]);
  };
  try {
    const [applianceAddress = '', , servicesAddress = ''] = await joinBoxes([
      appliance.system,
      site,
      services,
    ]);
    const behave = await startFaultyService(services, node, appliance.folder);
    const hosts = createHostsFile(site);
    let count = 0;
    return {
      site,
      services,
      node,
      /** The appliance's address in this network. */
      applianceAddress,
      addPath: async (): Promise<TunnelPath> => {
        const index = count;
        count += 1;
        const [from, to, port] = [siteAddress(index), serviceAddress(index), firstServicePort + index];
        const serviceHost = `files-${index}.corp`;
        await site.mustRun(['ip', 'addr', 'add', `${from}/24`, 'dev', 'lan']);
        await services.mustRun(['ip', 'addr', 'add', `${to}/32`, 'dev', 'lo']);
        await site.mustRun(['ip', 'route', 'add', `${to}/32`, 'via', servicesAddress]);
        hosts.add(serviceHost, to);
        return {
          site: from,
          serviceHost,
          servicePort: port,
          behave: (behaviour) => behave(port, behaviour),
          ...createSmbServer(services, smbServers, { folder: appliance.folder, address: to, port }),
          filterAtSite: (...rule) => boxIptables(site.pid, [...rule, '-d', from]),
          filterAtService: (...rule) =>
            boxIptables(
              services.pid,
              rule.map((word) => (word === 'port' ? `${port}` : word)),
            ),
          removeName: () => hosts.remove(serviceHost),
          removeRoute: async () => {
            await site.mustRun(['ip', 'route', 'del', `${to}/32`]);
          },
        };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
export type MatrixNetwork = Awaited<ReturnType<typeof startMatrixNetwork>>;
