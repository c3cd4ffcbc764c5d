import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signalUnlessEnded } from '../../src-shared/node/signalUnlessEnded.ts';
import { descendantsOf } from '../processTree.ts';
import type { StockBox } from '../stockBox.ts';
import { sshSettings } from '../tenantClient.ts';
import type { ClientKind } from './clientKinds.ts';
import type { MatrixNetwork, TunnelPath } from './matrixNetwork.ts';

/** A client in the tenants' site. */
export type TunnelClient = {
  keyFile: string;
  start: () => void;
  /** Sends a signal to all processes of the client. */
  signal: (signal: NodeJS.Signals) => Promise<void>;
  output: () => string;
  stop: () => Promise<void>;
};

export type ClientSettings = {
  appliance: StockBox;
  network: MatrixNetwork;
  path: TunnelPath;
  clientId: string;
  privateKey: string;
  port: number;
  /** The repositories of connect.yaml by name. Plain clients forward one port to the service. */
  repositories: Readonly<Record<string, string>>;
};

async function connectCommand(settings: ClientSettings, folder: string, keyFile: string) {
  const { appliance, network, path } = settings;
  const config = join(folder, 'connect.yaml');
  const lines = Object.entries(settings.repositories).map(([name, uri]) => `    ${name}: "${uri}"\n`);
  await writeFile(
    config,
    `appliance: "${network.applianceAddress}:${appliance.port}"
ssh_key: ${keyFile}
bind_address: "${path.site}"
repositories:
  site:
${lines.join('')}`,
  );
  return [network.node, join(appliance.folder, 'bundle', 'connect.mjs'), 'start', '--config', config];
}

/** The arguments of ssh. autossh gets the keep-alive that its manual recommends instead of a monitoring port. */
function sshArguments(settings: ClientSettings, keyFile: string, ...more: string[]): string[] {
  const { appliance, network, path, port } = settings;
  const forward = `127.0.0.1:${port}:${path.serviceHost}:${path.servicePort}`;
  const target = ['-p', `${appliance.port}`, `connect@${network.applianceAddress}`];
  return [
    '-F',
    'none',
    '-b',
    path.site,
    '-i',
    keyFile,
    ...sshSettings(...more),
    '-N',
    '-R',
    forward,
    ...target,
  ];
}

async function commandOf(kind: ClientKind, settings: ClientSettings, folder: string, keyFile: string) {
  switch (kind) {
    case 'connect':
      return connectCommand(settings, folder, keyFile);
    case 'ssh':
      return ['ssh', ...sshArguments(settings, keyFile)];
    case 'autossh': {
      const keepAlive = ['ServerAliveInterval=10', 'ServerAliveCountMax=3'];
      const environment = ['AUTOSSH_GATETIME=0', 'AUTOSSH_PORT=0'];
      return ['env', ...environment, 'autossh', ...sshArguments(settings, keyFile, ...keepAlive)];
    }
  }
}

/** Writes the client's files. Does not start it. */
export async function createTunnelClient(kind: ClientKind, settings: ClientSettings): Promise<TunnelClient> {
  const folder = await mkdtemp(join(settings.appliance.folder, `site-${settings.clientId}-`));
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, settings.privateKey, { mode: 0o600 });
  const command = await commandOf(kind, settings, folder, keyFile);
  let child: ChildProcess | null = null;
  let output = '';
  const signal = async (name: NodeJS.Signals) => {
    const root = child?.pid;
    if (root === undefined) throw new Error('the client was not started');
    for (const pid of await descendantsOf(root)) signalUnlessEnded(pid, name);
  };
  return {
    keyFile,
    output: () => output,
    signal,
    start: () => {
      child = settings.network.site.start(command);
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => (output = `${output}${text}`.slice(-4000)));
    },
    stop: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      await signal('SIGKILL').catch(() => undefined);
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
