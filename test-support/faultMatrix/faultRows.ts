import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import type { TunnelCode } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import type { Side } from '../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { makeKey } from '../bareBox.ts';
import type { BoxSystem } from '../boxSystem.ts';
import { killMonitorOf } from '../killMonitor.ts';
import { changeTenant } from '../remoteNetworks.ts';
import type { ServiceBehaviour } from './faultyService.ts';
import type { MatrixCell, MatrixSetup } from './matrixCell.ts';
import type { ClientKind } from './clientKinds.ts';

/** The verdict that the console must reach, or why the fault can't occur with this client. */
export type Expectation = { code: TunnelCode; side: Side } | { notApplicable: string };

/** A fault of a tunnel. The rows drive the matrix test and the table in `docs/faults.md`. */
export type FaultRow = {
  name: string;
  /** What happens, for the document. */
  fault: string;
  expected: Readonly<Record<ClientKind, Expectation>>;
  /** The longest time from the fault to the verdict. */
  withinSeconds: number;
  /** True if only a test of the tunnel can find the fault. The time to detect then counts from a new test. */
  isTested?: true;
  /** True if the fault is there before the client starts. */
  isFromStart?: true;
  /** `new`: the verdict must be about another session than before. `same`: the session must go on. */
  session?: 'new' | 'same';
  /** Other verdicts that may be seen before the expected one. */
  before?: readonly TunnelCode[];
  /** The scheme of the URI in connect.yaml. */
  scheme?: string;
  /** How the service behaves at first. */
  service?: ServiceBehaviour;
  /** The repositories of connect.yaml; the last one is judged. */
  repositories?: readonly string[];
  begin?: (cell: MatrixCell) => Promise<void>;
  /** Begins a fault that affects every tunnel of the appliance. It must be over when this resolves. */
  beginForAll?: (setup: MatrixSetup) => Promise<void>;
};

/**
 * Upper bounds of the time to detect, in seconds on a busy computer. `answer`: the next answer of the appliance
 * shows the fault. `login`: the client must first be refused or log in again. `silence`: a session counts as
 * silent after several missed signs of life. `test`: a test must wait for the service **[ours]**.
 */
const bounds = { answer: 30, login: 60, silence: 60, test: 60 } as const;
const tenant = (code: TunnelCode) => ({ code, side: 'tenant' }) as const;
const all = (expected: Expectation) => ({ connect: expected, autossh: expected, ssh: expected });
/** The tunnel works, if necessary in a new session. */
const well = {
  connect: { code: 'T-6000', side: 'none' },
  autossh: { code: 'T-6998', side: 'none' },
  ssh: { code: 'T-6998', side: 'none' },
} as const;
const noService = {
  notApplicable: 'plain OpenSSH does not name the service, so a test sends no request to it',
} as const;
const onlyConnect = (expected: Expectation) => ({ connect: expected, autossh: noService, ssh: noService });
const behave =
  (behaviour: ServiceBehaviour) =>
  ({ path }: MatrixCell) =>
    path.behave(behaviour);

/** Cuts the network between the client and the appliance without a sign to either. */
async function dropPackets({ appliance, path }: MatrixCell): Promise<void> {
  await appliance.iptables('-A', 'INPUT', '-s', path.site, '-j', 'DROP');
  await appliance.iptables('-A', 'OUTPUT', '-d', path.site, '-j', 'DROP');
}

const listenProgram =
  'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], Listen => 1) or die; $| = 1; print "up\\n"; sleep';

/** Starts a program in the box that listens on a port and never accepts. It ends with the box. */
async function listenAs(system: BoxSystem, { user, port }: { user: string; port: number }): Promise<void> {
  const { stdout } = system.start(['perl', '-e', listenProgram, `${port}`], { user });
  if (stdout === null) throw new Error('a box has no pipes');
  await once(stdout, 'data');
}

/** Gives the client a key that the appliance does not know. */
async function offerUnknownKey({ client }: MatrixCell): Promise<void> {
  const unknown = `${client.keyFile}.unknown`;
  await makeKey(unknown);
  await client.stop();
  await copyFile(unknown, client.keyFile);
  client.start();
}

/** Replaces the tenant's key on the appliance. The client keeps its old key. */
async function replaceKey({ appliance, client, clientId, kind }: MatrixCell): Promise<void> {
  const next = `${client.keyFile}.next`;
  await makeKey(next);
  const argv = ['ke_manage_remote_networks', 'add', clientId, '--pub-key', '-', '-f'];
  const { exitCode, stderr } = await appliance.ke(argv, { stdin: await readFile(`${next}.pub`, 'utf8') });
  if (exitCode !== 0) throw new Error(stderr);
  // Connect ends and its service manager starts it again; ssh would be started again by hand.
  if (kind === 'autossh') return;
  await client.stop();
  client.start();
}

/** Every fault in turn: the site's processes and network, its key, then the service. */
export const faultRows: readonly FaultRow[] = [
  {
    name: 'session-killed',
    fault: 'The appliance’s sshd process of the session is killed',
    withinSeconds: bounds.login,
    expected: { ...well, ssh: tenant('T-3001') },
    isTested: true,
    session: 'new',
    before: ['T-3001', 'T-6998'],
    begin: async (cell) => {
      await cell.appliance.system.mustRun(['kill', '-KILL', `${await cell.sessionPid()}`]);
    },
  },
  {
    name: 'monitor-killed',
    fault: 'The appliance’s sshd monitor process of the session is killed; the session goes on',
    withinSeconds: bounds.answer,
    expected: all({ code: 'T-3006', side: 'appliance' }),
    begin: async (cell) => killMonitorOf(cell.appliance, await cell.sessionPid()),
  },
  {
    name: 'client-killed',
    fault: 'The client is killed and does not start again',
    withinSeconds: bounds.answer,
    expected: all(tenant('T-3001')),
    begin: ({ client }) => client.signal('SIGKILL'),
  },
  {
    name: 'client-stopped',
    fault: 'The client hangs (SIGSTOP)',
    withinSeconds: bounds.silence,
    expected: all(tenant('T-3002')),
    begin: ({ client }) => client.signal('SIGSTOP'),
  },
  {
    name: 'network-drops-all',
    fault: 'The network between site and appliance drops all packets',
    withinSeconds: bounds.silence,
    expected: all(tenant('T-3002')),
    begin: dropPackets,
  },
  {
    name: 'unknown-key',
    fault: 'The client offers a key that the appliance does not know',
    withinSeconds: bounds.login,
    expected: all(tenant('T-3003')),
    before: ['T-3001'],
    begin: offerUnknownKey,
  },
  {
    name: 'former-key',
    fault: 'The tenant’s key was replaced, and the client still offers the old one',
    withinSeconds: bounds.login,
    expected: all(tenant('T-3003')),
    before: ['T-3001'],
    begin: replaceKey,
  },
  {
    name: 'suspended',
    fault: 'The tenant is suspended',
    withinSeconds: bounds.answer,
    expected: all({ code: 'T-2002', side: 'operator' }),
    begin: async ({ appliance, clientId }) => {
      await changeTenant(appliance, 'change', '0', clientId);
    },
  },
  {
    name: 'port-taken',
    fault: 'Another program on the appliance holds the tenant’s port',
    withinSeconds: bounds.login,
    expected: {
      connect: { code: 'T-4006', side: 'appliance' },
      autossh: { notApplicable: 'the client ends, because its forward is refused' },
      ssh: { notApplicable: 'the client ends, because its forward is refused' },
    },
    isFromStart: true,
    before: ['T-4001', 'T-4003'],
    begin: ({ appliance, port }) => listenAs(appliance.system, { user: 'daemon', port }),
  },
  {
    name: 'too-many-repositories',
    fault: 'connect.yaml has more repositories than the tenant has ports',
    withinSeconds: bounds.login,
    expected: {
      connect: { code: 'T-4005', side: 'operator' },
      autossh: { notApplicable: 'the client names its port itself' },
      ssh: { notApplicable: 'the client names its port itself' },
    },
    isFromStart: true,
    repositories: ['a', 'b', 'c'],
    begin: async ({ appliance, clientId }) => {
      await changeTenant(appliance, 'change', '2', clientId);
    },
  },
  {
    name: 'service-refuses',
    fault: 'The service’s computer refuses connections',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6001')),
    isTested: true,
    begin: behave('closed'),
  },
  {
    name: 'service-behind-firewall',
    fault: 'A firewall drops all packets to the service',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6002')),
    isTested: true,
    begin: ({ path }) => path.filterAtService('-A', 'INPUT', '-p', 'tcp', '--dport', 'port', '-j', 'DROP'),
  },
  {
    name: 'service-without-name',
    fault: 'The site can’t resolve the name of the service any more',
    withinSeconds: bounds.test,
    expected: { ...all(tenant('T-6001')), connect: tenant('T-6003') },
    isTested: true,
    begin: async ({ path }) => path.removeName(),
  },
  {
    name: 'service-without-route',
    fault: 'The site has no route to the service any more',
    withinSeconds: bounds.test,
    expected: { ...all(tenant('T-6001')), connect: tenant('T-6004') },
    isTested: true,
    begin: ({ path }) => path.removeRoute(),
  },
  {
    name: 'service-silent',
    fault: 'The service accepts connections and never answers',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6002')),
    isTested: true,
    begin: behave('silent'),
  },
  {
    name: 'service-resets',
    fault: 'The service resets each connection at once',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6001')),
    isTested: true,
    begin: behave('resets'),
  },
  {
    name: 'service-closes',
    fault: 'The service closes each connection at once',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6001')),
    isTested: true,
    begin: behave('closes'),
  },
  {
    name: 'service-resets-late',
    fault: 'The service resets the connection when the request arrives',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6204')),
    isTested: true,
    begin: behave('resets-late'),
  },
  {
    name: 'service-drips',
    fault: 'The answer arrives at one byte a second',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6202')),
    isTested: true,
    begin: behave('drips'),
  },
  {
    name: 'service-garbage',
    fault: 'The service answers with bytes of no known protocol and terminal controls',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6201')),
    isTested: true,
    begin: behave('garbage'),
  },
  {
    name: 'service-huge-header',
    fault: 'The answer has a header of 8 MB',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6201')),
    isTested: true,
    begin: behave('huge-header'),
  },
  {
    name: 'http-instead-of-https',
    fault: 'connect.yaml says https, and the service speaks HTTP',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6101')),
    isTested: true,
    isFromStart: true,
    scheme: 'webdav+https',
  },
  {
    name: 'listener-restarted',
    fault: 'The appliance’s sshd is restarted; its sessions go on',
    withinSeconds: bounds.answer,
    expected: well,
    session: 'same',
    beginForAll: async ({ appliance }) => {
      await appliance.system.mustRun(['service', 'ssh', 'restart']);
    },
  },
  {
    name: 'all-sessions-killed',
    fault: 'All sshd processes of the appliance are killed, and sshd starts again',
    withinSeconds: bounds.login,
    expected: { ...well, ssh: tenant('T-3001') },
    isTested: true,
    session: 'new',
    before: ['T-1001', 'T-1002', 'T-1003', 'T-3001', 'T-6998'],
    beginForAll: ({ appliance }) => appliance.restartSshd(),
  },
];
