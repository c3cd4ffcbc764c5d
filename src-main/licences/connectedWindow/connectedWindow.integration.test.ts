import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src-shared/model/audit/audit.ts';
import type { WindowView } from '../../../src-shared/model/licence/connectedWindow.ts';
import { startApplianceConsole, type ApplianceConsole } from '../../../test-support/applianceConsole.ts';
import {
  setAuthority,
  startAuthoritySite,
  subscribeBox,
  type AuthoritySite,
} from '../../../test-support/authoritySite.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { expectWithin } from '../../../test-support/expectWithin.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import type { WindowOpening } from './runningWindow.ts';

const run = promisify(execFile);
let box: StockBox;
let site: AuthoritySite;
let console: ApplianceConsole;
let contractId: string;
let folder: string;
let policyFile: string;

beforeAll(async () => {
  [box, site] = await Promise.all([startStockBox(), startAuthoritySite()]);
  contractId = await subscribeBox(box, site, {
    entitlements: { accounts: 100, connectors: ['smb', 'cq5'], plan: 'standard', internalDevelopment: false },
  });
  folder = await mkdtemp(join(tmpdir(), 'sallyport-window-'));
  policyFile = join(folder, 'policy.yaml');
  console = await startConsole();
});
afterAll(async () => {
  await console.stop();
  await site.stop();
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => setAuthority(box, { url: `https://${site.host}` }));

const startConsole = () => startApplianceConsole(box, { name: 'quay-01', policyFiles: [policyFile] });
const windows = () => console.services.connectedWindow;

function open(changes: Partial<WindowOpening> = {}): WindowView {
  return windows().open({
    applianceId: console.entry.id,
    confirmed: { host: site.host, port: site.port },
    seconds: 60,
    isDryRun: false,
    acknowledged: [],
    ...changes,
  });
}

async function openToEnd(changes: Partial<WindowOpening> = {}): Promise<WindowView> {
  open(changes);
  return windows().ended({ applianceId: console.entry.id });
}

const shown = async (): Promise<unknown> =>
  JSON.parse((await box.ke(['ke_manage_license_key', 'show', '--json'])).stdout);

/** Resolves when the window is open and a connection to the authority exists. */
const untilConnected = () =>
  waitFor('a connection through the window', () => {
    const window = windows().current({ applianceId: console.entry.id });
    return window?.phase === 'open' && window.connections > 0;
  });

/** Connections of this computer to the authority, as its kernel lists them. */
const connectionsHere = async (): Promise<string> =>
  (await run('ss', ['-Htn', 'state', 'connected', 'dst', site.host])).stdout.replaceAll(
    /^TIME-WAIT.*\n/gmu,
    '',
  );

/** The kernel exchanges the last packets of a connection after both sides have closed it. */
const expectNoConnectionHere = () =>
  expectWithin(5000, () => waitFor('no connection is left', async () => (await connectionsHere()) === ''));

async function isListening(port: number): Promise<boolean> {
  const { stdout } = await box.system.run(['ss', '-Hltn', 'sport', '=', `:${port}`]);
  return stdout !== '';
}

/** The proof holds for the appliance and for this computer, not only in what the console says. */
async function expectClosed({ lent, closed }: WindowView): Promise<void> {
  expect(closed).toMatchObject({ isListening: false, openConnections: 0 });
  expect(await isListening(lent?.port ?? 0)).toBe(false);
  await expectNoConnectionHere();
}

function auditOf(event: string): AuditRecord[] {
  const { actions } = console.services.audit.actions({ before: null, limit: 20, query: '' });
  return actions.flatMap(({ start, outcome }) => (start.event === event ? [outcome ?? start] : []));
}

test('the appliance has no route to the authority, and this computer has one', async () => {
  const route = await box.system.run(['ip', 'route', 'get', site.host]);
  expect(route).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('unreachable') });
  const direct = await box.ke(['ke_update_configuration']);
  expect(direct.stderr).toContain('offline mode');
});

test('a plan names the authority and exactly what the appliance sends there', async () => {
  const plan = await windows().plan({ applianceId: console.entry.id });
  expect(plan).toMatchObject({
    authority: { host: site.host, port: 443, mode: 'offline' },
    command: 'ke_update_configuration --via PORT --accept-losses none --json',
    warnings: [],
  });
  expect(plan.authority.sends.map(({ path }) => path)).toEqual(['/v1/licence', '/v1/receipt']);
});

test('renews the licence, and proves that the window is closed', async () => {
  const window = await openToEnd();
  expect(window.finished).toMatchObject({
    result: 'renewed',
    failure: null,
    installed: { state: 'valid', sequence: 1 },
    output: { exchange: { ping: null, receiptProblem: null } },
  });
  expect(window).toMatchObject({
    phase: 'closed',
    closed: { why: 'command-ended', forward: 'confirmed' },
    connections: 2,
  });
  await expectClosed(window);
  const sent = window.finished?.output?.exchange?.sent ?? [];
  expect(sent.map(({ path }) => path)).toEqual(['/v1/licence', '/v1/receipt']);
  const bodies = sent.reduce((sum, { bytes }) => sum + bytes, 0);
  // TLS and HTTP add to the bodies.
  expect(window.sentBytes).toBeGreaterThan(bodies);
  expect(site.authority.reports.receiptsOf(contractId)).toHaveLength(1);
  expect(await shown()).toMatchObject({ sequence: 1 });
  const [closing] = auditOf('connectedWindow.close');
  expect(closing?.detail).toBe(
    `${window.sentBytes} bytes sent, ${window.receivedBytes} received, 2 connections; closed: command-ended, forward confirmed, port does not listen, 0 connections open`,
  );
  expect(auditOf('connectedWindow.open')).toMatchObject([{ result: 'ok', destination: `${site.host}:443` }]);
  expect(auditOf('licence.apply')).toMatchObject([{ result: 'ok' }]);
});

test('when a renewal without a check finds a loss, nothing is installed, and the audit trail says so', async () => {
  const { contract } = site.authority.appliances.find(contractId);
  const entitlements = { ...contract.entitlements, connectors: ['smb'] };
  site.authority.appliances.change(contractId, { contract: { ...contract, entitlements } });
  const stopped = await openToEnd({ acknowledged: ['connector:cq5'] });
  expect(stopped.finished).toMatchObject({ result: 'acceptable', installed: { sequence: 1 }, failure: null });
  expect(stopped.finished?.losses.map(({ id }) => id)).toEqual(['connector:cq5']);
  expect(auditOf('licence.apply')[0]).toMatchObject({ result: 'failed', errorCode: 'INVALID_INPUT' });
  expect(auditOf('licence.acknowledge')).toEqual([]);
});

test('a check shows what would get lost, and renewing needs each loss acknowledged', async () => {
  const entitlements = { accounts: 100, connectors: ['smb'], plan: 'standard', internalDevelopment: false };
  const { contract } = site.authority.appliances.find(contractId);
  site.authority.appliances.change(contractId, { contract: { ...contract, entitlements } });
  await console.services.licences.openTrip({ applianceId: console.entry.id });
  const checked = await openToEnd({ isDryRun: true });
  expect(checked.finished).toMatchObject({ result: 'acceptable', installed: { sequence: 1 } });
  expect(checked.finished?.losses.map(({ id }) => id)).toEqual(['connector:cq5']);
  await expectClosed(checked);
  expect(await shown()).toMatchObject({ sequence: 1 });
  const trips = await console.services.licences.trips();
  expect(trips.map(({ ended }) => ended?.how)).toEqual([undefined]);

  expect(() => open()).toThrow('cq5');
  const renewed = await openToEnd({ acknowledged: ['connector:cq5'] });
  // The check and the renewal have one sequence number together.
  expect(renewed.finished).toMatchObject({ result: 'renewed', installed: { sequence: 3 } });
  const ended = await console.services.licences.trips();
  expect(ended.map((trip) => trip.ended?.how)).toEqual(['void']);
  expect(auditOf('licence.acknowledge')).toMatchObject([{ object: 'quay-01' }]);
});

test.each([
  ['a name that does not exist', 'no-such-host.example', 'AUTHORITY_UNREACHABLE', 1],
  ['a port that refuses', '127.0.0.1', 'AUTHORITY_UNREACHABLE', 1],
] as const)(
  'when the authority has %s, says so and nothing is changed',
  async (_what, host, code, connections) => {
    await setAuthority(box, { url: `https://${host}:9` });
    const before = await shown();
    const window = await openToEnd({ confirmed: { host, port: 9 } });
    expect(window.finished).toMatchObject({ result: 'failed', failure: { code } });
    expect(window.connections).toBe(connections);
    await expectClosed(window);
    expect(await shown()).toEqual(before);
  },
);

test('when the certificate is of another authority, says so and nothing is sent', async () => {
  const other = box.system.path('/etc/sallyport/other-ca.pem');
  await writeFile(other, makeSelfSigned(site.host).cert);
  await setAuthority(box, { url: `https://${site.host}`, caFile: '/etc/sallyport/other-ca.pem' });
  const issued = site.authority.log.read({ limit: 100 });
  const window = await openToEnd();
  expect(window.finished).toMatchObject({ result: 'failed', failure: { code: 'AUTHORITY_UNTRUSTED' } });
  await expectClosed(window);
  expect(site.authority.log.read({ limit: 100 })).toEqual(issued);
});

test('when the appliance names another authority than the confirmed one, nothing is opened', async () => {
  const window = await openToEnd({ confirmed: { host: 'licences.example', port: 443 } });
  expect(window).toMatchObject({ lent: null, closed: null, finished: { failure: { code: 'CONFLICT' } } });
});

test.each(['time limit', 'cancel'] as const)(
  'when the %s ends the window, it is closed at once',
  async (end) => {
    site.signal('SIGSTOP');
    try {
      // Long enough to see the open window on a busy computer.
      open(end === 'cancel' ? {} : { seconds: 30 });
      await untilConnected();
      expect(() => open()).toThrow('open already');
      const { lent } = windows().current({ applianceId: console.entry.id }) ?? {};
      expect(await isListening(lent?.port ?? 0)).toBe(true);
      expect(await connectionsHere()).toContain(site.host);
      if (end === 'cancel') windows().cancel({ applianceId: console.entry.id });
      const window = await windows().ended({ applianceId: console.entry.id });
      expect(window.finished).toMatchObject({
        result: 'failed',
        failure: { code: end === 'cancel' ? 'CANCELLED' : 'WINDOW_LIMIT' },
        installed: { sequence: 3 },
      });
      expect(window.closed?.why).toBe(end === 'cancel' ? 'cancelled' : 'time');
      await expectClosed(window);
    } finally {
      site.signal('SIGCONT');
    }
  },
);

const forbid = () => writeFile(policyFile, 'connectedWindow: forbidden\n');

describe('the policy of this computer', () => {
  afterEach(() => rm(policyFile, { force: true }));

  test('when it begins to forbid an open window, the window is closed and the licence is as before', async () => {
    const before = await shown();
    site.signal('SIGSTOP');
    try {
      open();
      await untilConnected();
      await forbid();
      const window = await windows().ended({ applianceId: console.entry.id });
      expect(window).toMatchObject({
        closed: { why: 'policy', forward: 'confirmed' },
        finished: { result: 'failed', failure: { code: 'POLICY_FORBIDS' } },
      });
      await expectClosed(window);
      expect(() => open()).toThrow('forbids the connected window');
      expect(auditOf('connectedWindow.close')[0]?.detail).toContain('closed: policy');
      expect(await shown()).toEqual(before);
    } finally {
      site.signal('SIGCONT');
    }
  });

  test('when it begins to forbid a window that is being opened, nothing is opened', async () => {
    open();
    await forbid();
    const window = await windows().ended({ applianceId: console.entry.id });
    expect(window).toMatchObject({
      lent: null,
      connections: 0,
      finished: { failure: { code: 'POLICY_FORBIDS' } },
    });
  });

  test('when its file becomes faulty between the check and the renewal, the renewal is refused', async () => {
    const before = await shown();
    const checked = await openToEnd({ isDryRun: true });
    expect(checked.finished?.output).not.toBeNull();
    await writeFile(policyFile, 'connectedWindow: [\n');
    expect(() => open()).toThrow('until the policy file is corrected');
    await expect(windows().plan({ applianceId: console.entry.id })).rejects.toMatchObject({
      code: 'POLICY_FORBIDS',
    });
    expect(await shown()).toEqual(before);
  });
});

test('when the link drops, the window is closed with it, and the licence is read after the reconnect', async () => {
  site.signal('SIGSTOP');
  try {
    open();
    await untilConnected();
    await box.stopSshd();
    await box.startSshd();
    const window = await windows().ended({ applianceId: console.entry.id });
    expect(window.finished).toMatchObject({
      result: 'failed',
      failure: { code: 'LINK_LOST' },
      installed: { sequence: 3 },
    });
    expect(window.closed).toMatchObject({ why: 'link-lost', forward: 'connection-ended' });
    await expectClosed(window);
  } finally {
    site.signal('SIGCONT');
  }
});

test('a window takes no connection but the lent port’s, and no program of the appliance reaches more than the authority', async () => {
  site.signal('SIGSTOP');
  try {
    open();
    await untilConnected();
    const port = windows().current({ applianceId: console.entry.id })?.lent?.port ?? 0;
    // Further connections of another program lead to the authority too, but only a few of them.
    const script = `for i in 1 2 3 4 5 6; do perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => ${port}) or exit 1; sysread $s, $_, 1' & done; wait`;
    const others = box.system.run(['sh', '-c', script]);
    await waitFor(
      'all permitted connections',
      async () => (await connectionsHere()).trim().split('\n').length === 4,
    );
    const here = await connectionsHere();
    expect(here.trim().split('\n')).toHaveLength(4);
    windows().cancel({ applianceId: console.entry.id });
    await others;
    await expectClosed(await windows().ended({ applianceId: console.entry.id }));
  } finally {
    site.signal('SIGCONT');
  }
});

test.each([
  ['AllowTcpForwarding no', 'FORWARD_REFUSED'],
  ['GatewayPorts yes', 'FORWARD_REFUSED'],
] as const)('when sshd has %s, nothing is opened and it says so', async (setting, code) => {
  const text = await readFile(box.sshdConfigFile, 'utf8');
  await writeFile(box.sshdConfigFile, `${setting}\n${text}`);
  await box.restartSshd();
  try {
    await waitFor(
      'the link is up',
      () => console.services.links.state(console.entry.id).state === 'connected',
    );
    const window = await openToEnd();
    expect(window).toMatchObject({ lent: null, connections: 0, finished: { failure: { code } } });
    const sockets = await box.system.mustRun(['ss', '-Hltn']);
    expect(
      sockets
        .trim()
        .split('\n')
        .every((line) => line.includes(':22 ')),
    ).toBe(true);
  } finally {
    await writeFile(box.sshdConfigFile, text);
    await box.restartSshd();
  }
});

test('when the console ends, its window is closed first', async () => {
  site.signal('SIGSTOP');
  try {
    await waitFor(
      'the link is up',
      () => console.services.links.state(console.entry.id).state === 'connected',
    );
    open();
    await untilConnected();
    const port = windows().current({ applianceId: console.entry.id })?.lent?.port ?? 0;
    await console.stop();
    expect(await isListening(port)).toBe(false);
    await expectNoConnectionHere();
  } finally {
    site.signal('SIGCONT');
    console = await startConsole();
  }
});
