import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applianceStatusSchema } from '../../src-shared/model/appliance/applianceStatus.ts';
import { joinBoxes } from '../../test-support/boxNetwork.ts';
import { documentedBlocks } from '../../test-support/documentedCommands.ts';
import { startBoxSystem, type BoxSystem } from '../../test-support/boxSystem.ts';
import { createConnectSite, type ConnectSite } from '../../test-support/connectSite.ts';
import { listNetworks } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService, startTenantClient } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { killMonitorOf } from '../../test-support/killMonitor.ts';

const program = 'ke_manage_remote_networks';
const guide = join(import.meta.dirname, '../../docs/cluster.md');
const started: { stop: () => Promise<unknown> }[] = [];
let member: StockBox;
let other: StockBox;
let stranger: BoxSystem;
let site: ConnectSite;
let address: string;
let otherAddress: string;
let upstreamPort: number;

beforeAll(async () => {
  for (const start of [
    async () => (member = await startStockBox({ hostname: 'member-a', licence: {} })),
    async () => (other = await startStockBox({ hostname: 'member-b' })),
    async () => (stranger = await startBoxSystem({ hostname: 'stranger' })),
  ])
    started.push(await start());
  [address = '', otherAddress = ''] = await joinBoxes([member.system, other.system, stranger]);
  const service = await startShoutingService();
  started.push(service);
  upstreamPort = service.port;
  site = await createConnectSite(member, { clientId: 'northwind', upstreamPort });
  await site.configure(['east', 'west']);
}, 240_000);
afterAll(async () => {
  for (const one of started.toReversed()) await one.stop();
});

const askProgram = `
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 2) or exit 1;
$socket->syswrite("hello");
my $answer;
$socket->sysread($answer, 100) or exit 1;
print $answer;
`;

/** What another computer reads from a port of the first member. Null if it can't connect. */
async function reachFrom(box: BoxSystem, port: number): Promise<string | null> {
  const { exitCode, stdout } = await box.run(['perl', '-e', askProgram, address, `${port}`]);
  return exitCode === 0 ? stdout : null;
}

async function reachFromAll(port: number) {
  return {
    itself: await reachFrom(member.system, port),
    loopback: await member.ask(port, 'hello'),
    member: await reachFrom(other.system, port),
    stranger: await reachFrom(stranger, port),
  };
}

/** Runs the commands of the guide on a member. The bundle was removed before, as the README says. */
async function followGuide(box: StockBox, own: string): Promise<void> {
  const [block] = documentedBlocks(guide, "Let members reach each other's ports", 'appliance');
  const commands = block?.commands.replace('10.77.0.1', own) ?? '';
  expect(commands).toContain(own);
  await box.system.mustRun(['sh', '-e', '-c', `rm -rf /home/ubuntu/kit\n${commands}`]);
}

async function loadFirewall(box: StockBox): Promise<void> {
  const text = await readFile(guide, 'utf8');
  const [, rules = ''] = /^```\n(table inet .*?)^```$/msu.exec(text) ?? [];
  const ours = rules.replace('10.77.0.1, 10.77.0.2', `${address}, ${otherAddress}`);
  expect(ours).toContain(otherAddress);
  await box.system.mustRun(['nft', '-f', '-'], { stdin: ours });
}

const port = (index: number): number => site.ports[index] ?? 0;
const forwardOf = async (index: number) =>
  (await site.tenant()).forwards.find((forward) => forward.port === port(index));

/** Starts plain OpenSSH with one forward and returns whether sshd opens or refuses it. */
async function tryForward(listen: string): Promise<'up' | 'refused'> {
  const pids = async () => (await site.tenant()).sessions.map(({ pid }) => pid);
  const others = await pids();
  const client = startTenantClient(member, {
    keyFile: site.keyFile,
    options: ['-v', '-N', '-R', `${listen}:127.0.0.1:${upstreamPort}`],
  });
  let isOver = false;
  void client.ended.then(() => (isOver = true));
  const isUp = () => client.stderr().includes('remote forward success');
  await waitFor(`an answer for ${listen}`, () => isOver || isUp());
  await client.stop();
  // Until sshd ends the session, it holds the port, and counts as one of the tenant's sessions.
  await waitFor('its session is over', async () => (await pids()).every((pid) => others.includes(pid)));
  if (isUp()) return 'up';
  if (/remote port forwarding failed|remote forward failure/u.test(client.stderr())) return 'refused';
  throw new Error(`ssh ended without an answer: ${client.stderr()}`);
}

describe('an appliance that is not in a cluster', () => {
  it('when a forward is open, only the appliance itself can reach it', async () => {
    const connected = site.connect();
    await site.waitUntilForwarded(['east', 'west']);
    expect(await reachFromAll(port(0))).toStrictEqual({
      itself: null,
      loopback: 'HELLO',
      member: null,
      stranger: null,
    });
    expect(await forwardOf(0)).not.toHaveProperty('memberListener');
    connected.process.kill('SIGTERM');
    await connected.ended;
  });

  it('when a client requests another address, refuses it', async () => {
    expect(await tryForward(`${address}:${port(5)}`)).toBe('refused');
  });
});

describe('a cluster member', () => {
  beforeAll(async () => {
    await followGuide(member, address);
    await followGuide(other, otherAddress);
  });

  it('when Connect logs in, lets it listen for the other members too, and shows this', async () => {
    site.connect();
    await site.waitUntilForwarded(['east', 'west']);
    await waitFor('the listeners for members', async () =>
      (await site.tenant()).forwards.every(({ memberListener }) => memberListener != null),
    );
    const { sessions, forwards } = await site.tenant();
    expect(forwards.map(({ listener, memberListener }) => [listener, memberListener])).toStrictEqual(
      forwards.map(() => ['127.0.0.1', address].map((one) => ({ address: one, pid: sessions[0]?.pid }))),
    );
    expect((await listNetworks(member)).listenAddress).toBe(address);
    expect((await member.ke([program, 'list'])).stdout).toContain(
      `port ${port(0)} listening on 127.0.0.1 and ${address} `,
    );
    const status = applianceStatusSchema.parse(JSON.parse((await member.ke(['ke_status', '--json'])).stdout));
    expect(status.listenAddress).toBe(address);
    expect((await member.ke(['ke_status'])).stdout).toContain(
      `forwards listen on loopback and on ${address}`,
    );
  });

  it('when it has no firewall, every computer can reach it, as the guide warns', async () => {
    expect(await reachFromAll(port(0))).toStrictEqual({
      itself: 'HELLO',
      loopback: 'HELLO',
      member: 'HELLO',
      stranger: 'HELLO',
    });
  });

  it("when it has the guide's firewall, only members can reach it", async () => {
    await loadFirewall(member);
    for (const index of [0, 1])
      expect(await reachFromAll(port(index))).toStrictEqual({
        itself: 'HELLO',
        loopback: 'HELLO',
        member: 'HELLO',
        stranger: null,
      });
  });

  it('when a repository is removed, closes both listeners of its port', async () => {
    await site.configure(['east']);
    expect(await site.connect('reload', '--config', site.config).ended).toBe(0);
    await site.waitUntilForwarded(['east']);
    expect(await reachFromAll(port(1))).toStrictEqual({
      itself: null,
      loopback: null,
      member: null,
      stranger: null,
    });
    expect((await reachFromAll(port(0))).member).toBe('HELLO');
  });

  it.each([
    [() => `${address}:${port(5)}`],
    [() => `127.0.0.1:${port(5)}`],
    [() => `localhost:${port(5)}`],
    [() => `${port(5)}`],
  ])('when plain OpenSSH requests a permitted address, opens the forward', async (listen) => {
    expect(await tryForward(listen())).toBe('up');
  });

  it.each([
    ['all addresses', () => `*:${port(5)}`],
    ['no address', () => `:${port(5)}`],
    ['the IPv4 wildcard', () => `0.0.0.0:${port(5)}`],
    ['the short IPv4 wildcard', () => `0:${port(5)}`],
    ['the IPv6 wildcard', () => `[::]:${port(5)}`],
    ['another address of the appliance', () => `${member.host}:${port(5)}`],
    ["another member's address", () => `${otherAddress}:${port(5)}`],
    ['an address written as a number', () => `${Number.parseInt('0a4d0001', 16)}:${port(5)}`],
    ['a port of another tenant', () => `${address}:2300`],
    ['a port outside of the range', () => `${address}:8080`],
    ['any port', () => `${address}:0`],
  ])('rejects a forward on %s', async (_, listen) => {
    expect(await tryForward(listen())).toBe('refused');
  });

  it('when the session of a dead monitor is released, both addresses are free', async () => {
    const [session] = (await site.tenant()).sessions;
    if (session === undefined) throw new Error('the tenant has no session');
    await killMonitorOf(member, session.pid);
    await waitFor('its session', async () => (await site.tenant()).sessions[0]?.isOrphaned === true);
    const { pid } = session;
    expect(await forwardOf(0)).toMatchObject({ sessionPid: pid, memberListener: { address, pid } });
    const release = [program, 'release', `${port(0)}`, '--pid', `${pid}`, 'northwind'];
    expect((await member.ke(release)).exitCode).toBe(0);
    const isBack = async () => ![null, undefined, pid].includes((await forwardOf(0))?.sessionPid);
    await waitFor('Connect is back', isBack);
    await waitFor('members reach it', async () => (await reachFrom(other.system, port(0))) === 'HELLO');
  });

  it('when another program holds the port on the member address, keeps the loopback listener and says so', async () => {
    const taken = port(2);
    const holder = member.system.start([
      'perl',
      '-e',
      `
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => "${address}", LocalPort => ${taken}, Listen => 1) or die;
print "up\\n"; $| = 1; sleep 1000;
`,
    ]);
    await waitFor('the program listens', async () => (await forwardOf(2))?.memberListener != null);
    await site.configure(['east', 'north', 'south']);
    expect(await site.connect('reload', '--config', site.config).ended).toBe(0);
    await waitFor('the forward', async () => (await forwardOf(2))?.sessionPid != null);
    const forward = await forwardOf(2);
    expect(forward?.listener?.pid).toBe(forward?.sessionPid);
    expect(forward?.memberListener?.pid).not.toBe(forward?.sessionPid);
    expect(await member.ask(taken, 'hello')).toBe('HELLO');
    await waitFor('Connect says so', async () =>
      ((await site.health())?.lastError?.message ?? '').includes(`port ${taken} on ${address}`),
    );
    holder.kill('SIGKILL');
  });

  it('when the address is removed from the settings, listens only on loopback after the next login', async () => {
    await site.clear();
    await followGuide(member, 'none');
    site = await createConnectSite(member, { clientId: 'southwind', upstreamPort });
    await site.configure(['east']);
    site.connect();
    await site.waitUntilForwarded(['east']);
    expect(await reachFromAll(port(0))).toMatchObject({ itself: null, loopback: 'HELLO', member: null });
    expect(await tryForward(`${address}:${port(5)}`)).toBe('refused');
  });
});
