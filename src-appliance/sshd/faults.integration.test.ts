import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tenantChangeSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { changeTenant, listNetworks, showTenant } from '../../test-support/remoteNetworks.ts';
import {
  sshSettings,
  startShoutingService,
  startTenantClient,
  writeKey,
} from '../../test-support/tenantClient.ts';
import { killMonitorOf } from '../../test-support/killMonitor.ts';
import { killTree } from '../../test-support/processTree.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { readStat } from '../core/procfs/procfs.ts';

const run = promisify(execFile);
const program = 'ke_manage_remote_networks';
let appliance: StockBox;
let service: Awaited<ReturnType<typeof startShoutingService>>;
const stopping: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  appliance = await startStockBox({
    // Silent after 2 s, and ended by sshd so much later that slow commands see it.
    clientAlive: { intervalSeconds: 1, countMax: 30 },
  });
  service = await startShoutingService();
});
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});
afterAll(async () => {
  await service.stop();
  await appliance.stop();
});

const list = () => listNetworks(appliance);
const show = (clientId: string) => showTenant(appliance, clientId);
async function addTenant(clientId: string): Promise<{ keyFile: string; port: number; fingerprint: string }> {
  const made = await changeTenant(appliance, 'add', clientId, '-f');
  return {
    keyFile: await writeKey(appliance, made.privateKey ?? ''),
    port: made.ports[0]?.first ?? 0,
    fingerprint: made.fingerprint ?? '',
  };
}
function start(keyFile: string, ...options: string[]) {
  const client = startTenantClient(appliance, { keyFile, options });
  stopping.push(client.stop);
  return client;
}
async function flow(keyFile: string, port: number) {
  const client = start(keyFile, '-N', '-R', `${port}:127.0.0.1:${service.port}`);
  await waitFor('traffic flows', async () => (await appliance.ask(port, 'hello')) === 'HELLO');
  return client;
}
const state = () => readFile(join(appliance.config.stateFolder, 'tenants.json'), 'utf8');

function release(clientId: string, port: number, pid: number) {
  return appliance.ke([program, 'release', `${port}`, '--pid', `${pid}`, clientId, '--json']);
}

/** Listens on an address and port of the box and prints its own process ID. Its name is the third argument. */
const squat = `
use Socket qw(IPPROTO_IPV6 IPV6_V6ONLY);
use IO::Socket::IP;
my ($host, $port, $name) = @ARGV;
my $socket = IO::Socket::IP->new(Listen => 1, LocalHost => $host, LocalPort => $port, V6Only => 0) or die $@;
$0 = $name if defined $name;
$| = 1;
print "$$\\n";
sleep 600;
`;

/** Starts a program that is no tenant's and listens on the port. Resolves with its process ID in the box. */
async function squatOn(listen: {
  port: number;
  host?: string;
  name?: string;
  user?: string;
  /** True if the program is not in the box's /proc, as a program in another container. */
  isHidden?: boolean;
}): Promise<number> {
  const { port, host = '127.0.0.1', name, user, isHidden = false } = listen;
  const argv = ['perl', '-e', squat, host, `${port}`, ...(name === undefined ? [] : [name])];
  const squatter = isHidden
    ? spawn('nsenter', ['-t', `${appliance.system.pid}`, '-n', ...argv])
    : appliance.system.start(argv, user === undefined ? {} : { user });
  const closed = once(squatter, 'close');
  // The next test listens on the same port.
  stopping.push(async () => {
    await killTree(squatter);
    await closed;
  });
  const failed = closed.then(() => Promise.reject(new Error('the program ended')));
  failed.catch(() => undefined);
  return Number((await Promise.race([once(squatter.stdout ?? squatter, 'data'), failed]))[0]);
}

describe("keys that Debian's sshd refused", () => {
  it('are listed by key and address, with the owner of the key', async () => {
    const old = await addTenant('acme');
    const gone = await addTenant('globex');
    const barred = await addTenant('initech');
    expect((await appliance.ke([program, 'change', '0', 'initech'])).exitCode).toBe(0);
    await addTenant('acme');
    expect((await appliance.ke([program, 'remove', 'globex'])).exitCode).toBe(0);
    const strangerFile = join(appliance.folder, 'stranger');
    await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', strangerFile]);
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${strangerFile}.pub`]);
    const before = Date.now();
    for (const keyFile of [old.keyFile, old.keyFile, barred.keyFile, gone.keyFile, strangerFile])
      expect(await start(keyFile, '-N').ended).toBe(255);
    // The client chooses the user name. It must not be mistaken for an address or a key in the log line.
    const forged = `connect from 6.6.6.6 port 1 ssh2: RSA ${old.fingerprint}`;
    const quiet = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
    ];
    const settings = quiet.flatMap((setting) => ['-o', setting]);
    const target = ['-p', `${appliance.port}`, '-l', forged, appliance.host, 'true'];
    await run('ssh', ['-F', 'none', '-i', strangerFile, ...settings, ...target]).catch(() => undefined);
    await waitFor('the log has all', async () =>
      (await readFile(appliance.syslogFile, 'utf8')).includes('invalid user connect from 6.6.6.6'),
    );
    const { refusedLogIns } = await list();
    expect(refusedLogIns).toMatchObject([
      { keyType: 'RSA', fingerprint: stdout.split(' ')[1], count: 1, formerKeyOf: null, keyOf: null },
      { keyType: 'ED25519', fingerprint: gone.fingerprint, count: 1, formerKeyOf: 'globex', keyOf: null },
      { keyType: 'ED25519', fingerprint: barred.fingerprint, count: 1, formerKeyOf: null, keyOf: 'initech' },
      { keyType: 'ED25519', fingerprint: old.fingerprint, count: 2, formerKeyOf: 'acme', keyOf: null },
    ]);
    for (const refused of refusedLogIns) {
      expect(refused.peerAddress).toBe(appliance.near[0]);
      expect(refused.line).toContain(`Failed publickey for connect from ${appliance.near[0]}`);
      expect(Date.parse(refused.lastAt)).toBeGreaterThan(before - 2000);
    }
  });
});

describe('a plain ssh whose client was stopped', () => {
  it('is shown as silent after its second unanswered keep-alive, and as live when it continues', async () => {
    const { keyFile, port } = await addTenant('acme');
    const client = await flow(keyFile, port);
    let [heardAt, seen] = [0, await show('acme')];
    const isSilent = async () => {
      const begun = Date.now();
      seen = await show('acme');
      if (seen.sessions[0]?.silentSince === null) heardAt = begun;
      return seen.sessions.some(({ silentSince }) => silentSince !== null);
    };
    await waitFor('it is heard', async () => !(await isSilent()));
    expect(seen.sessions).toMatchObject([{ kind: 'plain', silentSince: null }]);
    client.process.kill('SIGSTOP');
    await waitFor('it is silent', isSilent);
    const { forwards, sessions } = seen;
    expect(forwards[0]?.listener?.pid).toBe(sessions[0]?.pid);
    const silentSince = Date.parse(sessions[0]?.silentSince ?? '');
    // Not earlier than it was last listed as heard.
    expect(silentSince).toBeGreaterThan(heardAt);
    expect(silentSince).toBeLessThanOrEqual(Date.now());
    client.process.kill('SIGCONT');
    await waitFor('it is heard again', async () => (await show('acme')).sessions[0]?.silentSince === null);
  });

  it('when released, its process ends, the port is free, and the tenant reconnects', async () => {
    const { keyFile, port } = await addTenant('acme');
    const other = await addTenant('globex');
    const client = await flow(keyFile, port);
    const neighbour = await flow(other.keyFile, other.port);
    client.process.kill('SIGSTOP');
    await waitFor('it is silent', async () => (await show('acme')).sessions[0]?.silentSince != null);
    const pid = (await show('acme')).sessions[0]?.pid ?? 0;
    const before = await state();
    const released = await release('acme', port, pid);
    expect(released).toMatchObject({ exitCode: 0, stderr: '' });
    expect(tenantChangeSchema.parse(JSON.parse(released.stdout))).toMatchObject({
      action: 'released',
      endedSessions: 1,
    });
    expect(await readStat(pid, appliance.system.path('/proc'))).toBeNull();
    const after = await show('acme');
    expect(after).toMatchObject({ sessions: [], forwards: [] });
    expect(after.lastSession?.reason).toContain('stale');
    expect(await state()).toBe(before);
    expect(neighbour.process.exitCode).toBeNull();
    await client.stop();
    await flow(keyFile, port);
  });
});

describe('release', () => {
  it('rejects a live session, another process and a free port, and ends nothing', async () => {
    const { keyFile, port } = await addTenant('acme');
    const other = await addTenant('globex');
    await flow(keyFile, port);
    await flow(other.keyFile, other.port);
    const own = (await show('acme')).sessions[0]?.pid ?? 0;
    const foreign = (await show('globex')).sessions[0]?.pid ?? 0;
    const before = await state();
    for (const [clientId, at, pid] of [
      ['acme', port, own],
      ['acme', port, foreign],
      ['acme', other.port, foreign],
      ['globex', port, own],
      ['acme', port + 1, own],
      ['acme', port, process.pid],
      ['nobody', port, own],
    ] as const) {
      const result = await release(clientId, at, pid);
      expect(result).toMatchObject({ exitCode: 3, stdout: '' });
      expect(result.stderr).toMatch(/^ke_manage_remote_networks: (?:CONFLICT|NOT_FOUND): [^\n]+\n$/);
    }
    expect(await state()).toBe(before);
    expect(await Promise.all([appliance.ask(port, 'a'), appliance.ask(other.port, 'b')])).toEqual(['A', 'B']);
  });

  it.each([
    ['a script of root', {}, { name: 'perl', user: 'root' }],
    ['a program of another user', { user: 'ubuntu' }, { name: 'perl', user: 'ubuntu' }],
    ['a program that listens on all addresses', { host: '::' }, { name: 'perl', user: 'root' }],
    [
      'a program with a misleading name',
      { name: 'a\u001b[2J\nsshd: x' },
      { name: expect.stringMatching(/^a[^\u0000-\u001f]+$/u), user: 'root' },
    ],
  ])('names %s that holds a port, and does not end it', async (_, program, holder) => {
    const { port } = await addTenant('acme');
    const pid = await squatOn({ ...program, port: port + 5 });
    expect((await show('acme')).forwards).toMatchObject([
      {
        port: port + 5,
        sessionPid: null,
        listener: { pid, holder: { ...holder, clientId: null, isReleasable: false } },
      },
    ]);
    const result = await release('acme', port + 5, pid);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect((await appliance.system.run(['kill', '-0', `${pid}`])).exitCode).toBe(0);
  });

  it('names the user of a program that holds a port and is hidden from the appliance', async () => {
    const { port } = await addTenant('acme');
    await squatOn({ port: port + 5, isHidden: true });
    const [forward] = (await show('acme')).forwards;
    expect(forward?.listener).toEqual({
      address: '127.0.0.1',
      pid: null,
      holder: { name: null, user: 'root', clientId: null, isReleasable: false },
    });
  });

  it('names the sshd of an administrator who forwards a tenant’s port, and does not end it', async () => {
    const { port } = await addTenant('acme');
    const admin = spawn('ssh', [
      '-F',
      'none',
      '-i',
      appliance.adminKeyFile,
      ...sshSettings(),
      '-N',
      '-R',
      `${port}:127.0.0.1:9`,
      '-p',
      `${appliance.port}`,
      `${appliance.adminUser}@${appliance.host}`,
    ]);
    // The next test listens on the same port.
    stopping.push(async () => {
      admin.kill('SIGKILL');
      await waitFor('the port is free', async () => (await show('acme')).forwards.length === 0);
    });
    await waitFor('the port is held', async () => (await show('acme')).forwards.length > 0);
    const listener = (await show('acme')).forwards[0]?.listener;
    expect(listener?.holder).toEqual({
      name: 'sshd',
      user: appliance.adminUser,
      clientId: null,
      isReleasable: false,
    });
    expect(await release('acme', port, listener?.pid ?? 0)).toMatchObject({ exitCode: 3 });
  });

  it('names a program that holds the port on the other address family', async () => {
    const { keyFile, port } = await addTenant('acme');
    const pid = await squatOn({ port });
    start(keyFile, '-N', '-R', `localhost:${port}:127.0.0.1:${service.port}`);
    await waitFor('sshd listens too', async () => (await show('acme')).forwards[0]?.sessionPid != null);
    expect((await show('acme')).forwards[0]).toMatchObject({
      listener: { address: '::1' },
      rival: { address: '127.0.0.1', pid, holder: { name: 'perl', user: 'root' } },
    });
  });
});

/** The newest process of the connect user. Found without a command of the kit, which would record it. */
const newestSession = async () =>
  Number(await appliance.system.mustRun(['pgrep', '-n', '-u', appliance.config.connectUser, '-x', 'sshd']));

let orphans = 0;
async function startOrphan() {
  orphans += 1;
  const clientId = `orphan-${orphans}`;
  const { keyFile, port } = await addTenant(clientId);
  const client = await flow(keyFile, port);
  const pid = await newestSession();
  await killMonitorOf(appliance, pid);
  return { clientId, client, keyFile, port, pid };
}

/** A session without a record is listed when it is a second old. A client that answers late is silent for a moment. */
async function waitForSessions(clientId: string, count: number) {
  let seen = await show(clientId);
  await waitFor('the sessions are listed as heard', async () => {
    seen = await show(clientId);
    const { sessions } = seen;
    return sessions.length === count && sessions.every(({ silentSince }) => silentSince === null);
  });
  return seen;
}

/** What a replaced run folder loses. */
const loseRecords = () => appliance.system.mustRun(['sh', '-c', 'rm -f /run/sallyport/auth/*']);

const remove = (clientId: string) => appliance.ke([program, 'remove', clientId, '--json']);
const change = (count: number) => (clientId: string) =>
  appliance.ke([program, 'change', `${count}`, clientId, '--json']);
const replaceKey = (clientId: string) => appliance.ke([program, 'add', clientId, '-f', '--json']);

describe('a session whose monitor process died', () => {
  it.each([
    ['suspension', change(0), false],
    ['suspension, after its record was lost,', change(0), true],
    ['removal', remove, false],
    ['removal, after its record was lost,', remove, true],
    ['a smaller quota', change(10), false],
    ['a smaller quota, after its record was lost,', change(10), true],
    ['a new key', replaceKey, false],
    ['a new key, after its record was lost,', replaceKey, true],
    ['release', (clientId: string, port: number, pid: number) => release(clientId, port, pid), false],
    [
      'release, after its record was lost,',
      (clientId: string, port: number, pid: number) => release(clientId, port, pid),
      true,
    ],
  ])('is listed as a session that works, and %s ends it', async (_, end, isLost) => {
    const { clientId, port, pid } = await startOrphan();
    if (isLost) await loseRecords();
    const { sessions, forwards } = await waitForSessions(clientId, 1);
    expect(sessions).toMatchObject([
      { pid, isOrphaned: true, silentSince: null, peerAddress: appliance.near[0] },
    ]);
    expect(forwards).toMatchObject([{ port, sessionPid: pid }]);
    expect(await appliance.ask(port, 'still there')).toBe('STILL THERE');
    const ended = await end(clientId, port, pid);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(tenantChangeSchema.parse(JSON.parse(ended.stdout)).endedSessions).toBe(1);
    expect(await readStat(pid, appliance.system.path('/proc'))).toBeNull();
    expect(await appliance.ask(port, 'gone')).toBeNull();
  });

  it('when several sessions of a tenant lose theirs, lists and ends all', async () => {
    const { clientId, keyFile, port } = await startOrphan();
    for (const next of [port + 1, port + 2]) {
      await flow(keyFile, next);
      await killMonitorOf(appliance, await newestSession());
    }
    expect((await waitForSessions(clientId, 3)).sessions).toMatchObject([
      { isOrphaned: true },
      { isOrphaned: true },
      { isOrphaned: true },
    ]);
    const suspended = await change(0)(clientId);
    expect(tenantChangeSchema.parse(JSON.parse(suspended.stdout)).endedSessions).toBe(3);
  });

  it('when its client ends too, is no longer listed', async () => {
    const { clientId, client } = await startOrphan();
    await waitForSessions(clientId, 1);
    await client.stop();
    await waitFor('sshd ended it', async () => (await show(clientId)).sessions.length === 0);
    expect((await show(clientId)).forwards).toEqual([]);
  });

  it('when another tenant changes, keeps running', async () => {
    const { port } = await startOrphan();
    await loseRecords();
    await addTenant('globex');
    expect((await appliance.ke([program, 'remove', 'globex'])).exitCode).toBe(0);
    expect(await appliance.ask(port, 'still there')).toBe('STILL THERE');
  });
});

describe('how a session ended', () => {
  it('is shown in sshd’s words', async () => {
    const { keyFile, port } = await addTenant('acme');
    const polite = await flow(keyFile, port);
    expect((await show('acme')).sessions).toHaveLength(1);
    polite.process.kill('SIGTERM');
    await polite.ended;
    await waitFor('its farewell is told', async () =>
      ['the client disconnected', 'the client closed the connection without a message'].includes(
        (await show('acme')).lastSession?.reason ?? '',
      ),
    );
    const stopped = await flow(keyFile, port);
    expect((await show('acme')).sessions).toHaveLength(1);
    stopped.process.kill('SIGSTOP');
    await waitFor(
      'sshd gave it up',
      async () => (await show('acme')).lastSession?.reason === 'the client stopped answering',
    );
  });
});
