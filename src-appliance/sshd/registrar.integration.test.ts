import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRegistrar } from '../../test-support/registrarClient.ts';
import { changeTenant, findTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { killedReasons, startTenantClient, writeKey } from '../../test-support/tenantClient.ts';
import { killMonitorOf } from '../../test-support/killMonitor.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { readStat } from '../core/procfs/procfs.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { ClientMessage } from '../core/sessions/registrarProtocol.ts';

const program = 'ke_manage_remote_networks';
let appliance: StockBox;
const sessions: ChildProcess[] = [];
let quiet: ChildProcess;
let quietSince: number;

beforeAll(async () => {
  appliance = await startStockBox();
  quietSince = await startQuietConnect();
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.kill('SIGKILL');
});
afterAll(async () => {
  quiet.kill('SIGKILL');
  await appliance.stop();
});

async function addTenant(clientId: string): Promise<{ keyFile: string; port: number }> {
  const change = await changeTenant(appliance, 'add', clientId, '-f');
  return { keyFile: await writeKey(appliance, change.privateKey ?? ''), port: change.ports[0]?.first ?? 0 };
}

const show = (clientId: string) => findTenant(appliance, clientId);

async function open(keyFile: string, ...options: string[]) {
  const opened = await openRegistrar(appliance, keyFile, ...options);
  sessions.push(opened.client);
  return opened;
}

/**
 * Starts a Connect that says hello and then nothing, so that it counts as silent after the other tests.
 * Resolves with the time of the hello.
 */
async function startQuietConnect(): Promise<number> {
  const { keyFile } = await addTenant('initech');
  const { client, send } = await openRegistrar(appliance, keyFile);
  quiet = client;
  send({ type: 'hello', connectVersion: '1.2.3' });
  await waitFor('hello is taken in', async () => (await show('initech'))?.sessions[0]?.kind === 'connect');
  const [session] = (await show('initech'))?.sessions ?? [];
  return Date.parse(session?.lastHeartbeatAt ?? '');
}

const quietSilentSince = async () => (await show('initech'))?.sessions[0]?.silentSince;

function announce(...ports: number[]): ClientMessage {
  const forwards = ports.map((port) => ({ port, group: 'g', repository: 'r', uri: 'smb://nas:445' }));
  return { type: 'announce', forwards };
}

describe("the registrar behind Debian's sshd", () => {
  it('when Connect connects, sends it its ports and lists its announcement', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { welcome, send, receive } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    expect(welcome).toEqual({
      type: 'welcome',
      protocol: 1,
      clientId: 'acme',
      ports: [{ first: port, last: port + 19 }],
      heartbeatSeconds: 5,
      applianceVersion: '1.34.2',
      reconnectSpreadSeconds: 1,
      accepts: ['dial-failures'],
    });
    send({ type: 'hello', connectVersion: '1.2.3' });
    const files = { port, group: 'office', repository: 'files', uri: 'smb://10.0.0.5:445' };
    const wiki = { port: port + 1, group: 'office', repository: 'wiki', uri: 'webdav+https://wiki:443/dav' };
    send({ type: 'announce', forwards: [files, wiki] });
    expect(await receive()).toEqual({ type: 'accepted' });
    const tenant = await show('acme');
    const [session] = tenant?.sessions ?? [];
    expect(session).toMatchObject({ kind: 'connect', connectVersion: '1.2.3', silentSince: null });
    expect(session?.lastHeartbeatAt).not.toBeNull();
    expect(tenant?.forwards).toMatchObject([
      { ...files, sessionPid: session?.pid, listener: { address: '127.0.0.1', pid: session?.pid } },
      { ...wiki, sessionPid: null, listener: null },
    ]);
  });

  it('when Connect announces a new group, creates its key, which the API’s group verifies and only root shows', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { send, receive } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    send({ type: 'hello', connectVersion: '1.2.3' });
    send({ type: 'announce', forwards: [{ port, group: 'R & D', repository: 'r', uri: 'smb://nas:445' }] });
    expect(await receive()).toEqual({ type: 'accepted' });
    const shown = await appliance.ke([program, 'group-key', 'show', 'acme', 'R & D']);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    await appliance.system.mustRun(['useradd', '--system', '--groups', 'sallyport-api', 'ke-api']);
    const asApi = (verb: string, stdin = '') =>
      appliance.system.run([program, 'group-key', verb, 'acme', 'R & D'], { user: 'ke-api', stdin });
    expect(await asApi('verify', shown.stdout)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await asApi('verify', 'sgk_wrong')).toMatchObject({ exitCode: 7 });
    expect(await asApi('show')).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: expect.stringContaining('NOT_PERMITTED'),
    });
    const rotated = await appliance.ke([program, 'group-key', 'rotate', 'acme', 'R & D']);
    expect(rotated).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await asApi('verify', shown.stdout)).toMatchObject({ exitCode: 7 });
    const state = '/var/lib/sallyport';
    const modes = await appliance.system.mustRun([
      'stat',
      '--format=%a %U:%G',
      `${state}/secrets/public.pem`,
      `${state}/secrets/private.pem`,
      `${state}/group-keys`,
    ]);
    expect(modes.trim().split('\n')).toEqual([
      '640 root:sallyport-api',
      '640 root:sallyport-workers',
      '2750 sallyport:sallyport-api',
    ]);
  });

  it('when a client is killed, keeps its announcement and the reason of the end', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { client, send, receive } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    send({ type: 'hello', connectVersion: '1.2.3' });
    send({
      type: 'announce',
      forwards: [{ port, group: 'office', repository: 'files', uri: 'smb://nas:445' }],
    });
    expect(await receive()).toEqual({ type: 'accepted' });
    client.kill('SIGKILL');
    await waitFor('the session is gone', async () => (await show('acme'))?.sessions.length === 0);
    await waitFor('its end is known', async () =>
      killedReasons.includes((await show('acme'))?.lastSession?.reason),
    );
    expect(await show('acme')).toMatchObject({
      sessions: [],
      forwards: [{ port, uri: 'smb://nas:445', listener: null, sessionPid: null }],
      lastSession: { peerAddress: appliance.near[0] },
    });
  });

  it('when a plain session takes over the port of an earlier Connect, does not show the announcement for it', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { client, send, receive } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    send({ type: 'hello', connectVersion: '1.2.3' });
    send(announce(port));
    expect(await receive()).toEqual({ type: 'accepted' });
    client.kill('SIGKILL');
    await waitFor('the session is gone', async () => (await show('acme'))?.sessions.length === 0);
    const plain = startTenantClient(appliance, { keyFile, options: ['-N', '-R', `${port}:127.0.0.1:9`] });
    await waitFor('the port is held', async () => (await show('acme'))?.forwards[0]?.sessionPid != null);
    expect((await show('acme'))?.forwards).toMatchObject([
      { port, group: null, uri: null, announcedAt: null },
    ]);
    await plain.stop();
  });

  it('when two Connects use one key, keeps what the first announced, also after the second has ended', async () => {
    const { keyFile, port } = await addTenant('acme');
    const first = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    first.send({ type: 'hello', connectVersion: '1.2.3' });
    first.send(announce(port));
    expect(await first.receive()).toEqual({ type: 'accepted' });
    const second = await open(keyFile);
    second.send({ type: 'hello', connectVersion: '1.2.3' });
    const uri = 'cmis+http://other.corp:9999/x';
    second.send({ type: 'announce', forwards: [{ port, group: 'other', repository: 'x', uri }] });
    expect(await second.receive()).toEqual({ type: 'accepted' });
    const kept = { port, repository: 'r', uri: 'smb://nas:445' };
    expect(await show('acme')).toMatchObject({ sessions: [{}, {}], forwards: [kept] });
    second.client.kill('SIGKILL');
    await waitFor('the second is gone', async () => (await show('acme'))?.sessions.length === 1);
    expect((await show('acme'))?.forwards).toMatchObject([kept]);
  });

  it('when a client keeps sending refused lines, ends its session', async () => {
    const { keyFile } = await addTenant('acme');
    const { client } = await open(keyFile);
    client.stdin.on('error', () => undefined);
    client.stdin.write('nonsense\n'.repeat(1000));
    client.stdout.resume();
    await once(client, 'exit');
    await waitFor('its end is listed', async () =>
      ((await show('acme'))?.lastSession?.reason ?? '').includes('refuses'),
    );
    await waitFor('it is over', async () => (await show('acme'))?.sessions.length === 0);
    expect((await show('acme'))?.lastSession?.reason).toContain('refuses');
  });

  it('rejects a message with HELLO_FIRST, MALFORMED, LINE_TOO_LONG, PORT_NOT_ALLOTTED or PORT_TWICE and keeps the session', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { client, send, receive } = await open(keyFile);
    send({ type: 'heartbeat' });
    expect(await receive()).toMatchObject({ type: 'refused', code: 'HELLO_FIRST' });
    client.stdin.write('not json\n');
    expect(await receive()).toMatchObject({ type: 'refused', code: 'MALFORMED' });
    client.stdin.write(`{"type":"hello","connectVersion":"${'9'.repeat(70_000)}"}\n`);
    expect(await receive()).toMatchObject({ type: 'refused', code: 'LINE_TOO_LONG' });
    send({ type: 'hello', connectVersion: '1.2.3' });
    send(announce(port + 20));
    expect(await receive()).toMatchObject({ type: 'refused', code: 'PORT_NOT_ALLOTTED' });
    send(announce(port, port));
    expect(await receive()).toMatchObject({ type: 'refused', code: 'PORT_TWICE' });
    send(announce(port + 1));
    expect(await receive()).toEqual({ type: 'accepted' });
  });

  it('when the allotment of a live session changes, sends it the new ports', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { send, receive } = await open(keyFile);
    send({ type: 'hello', connectVersion: '1.2.3' });
    await appliance.ke([program, 'change', '25', 'acme']);
    expect(await receive()).toMatchObject({ type: 'ports', ports: [{ first: port, last: port + 24 }] });
    await appliance.ke([program, 'change', '20', 'acme']);
    expect(await receive()).toMatchObject({ type: 'ports', ports: [{ first: port, last: port + 19 }] });
  });

  it('when a Connect loses the monitor of its sshd, lists it with its announcement, and suspension ends it', async () => {
    const { keyFile, port } = await addTenant('globex');
    const { send, receive } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    send({ type: 'hello', connectVersion: '1.2.3' });
    send(announce(port));
    expect(await receive()).toEqual({ type: 'accepted' });
    // Else a slow machine shows the session as silent too.
    const heart = setInterval(() => send({ type: 'heartbeat' }), secondMs);
    onTestFinished(() => clearInterval(heart));
    const before = (await show('globex'))?.sessions[0];
    if (before === undefined) throw new Error('globex has no session');
    // Whether bytes wait to be confirmed is different at each moment.
    const { isSendingPending: _pending, ...session } = before;
    await killMonitorOf(appliance, session.pid);
    await waitFor('its loss is seen', async () => (await show('globex'))?.sessions[0]?.isOrphaned === true);
    expect(await show('globex')).toMatchObject({
      sessions: [{ ...session, isOrphaned: true, lastHeartbeatAt: expect.any(String) }],
      forwards: [{ port, repository: 'r', sessionPid: session.pid }],
    });
    clearInterval(heart);
    await appliance.ke([program, 'change', '0', 'globex']);
    expect((await show('globex'))?.forwards).toMatchObject([{ port, listener: null, sessionPid: null }]);
    expect(await readStat(session.pid, appliance.system.path('/proc'))).toBeNull();
  });

  it('when a tenant is suspended during logins, refuses them', async () => {
    const { keyFile, port } = await addTenant('acme');
    for (let round = 0; round < 3; round += 1) {
      await appliance.ke([program, 'change', '20', 'acme']);
      const clients = Array.from({ length: 6 }, (_, index) =>
        startTenantClient(appliance, { keyFile, options: ['-N', '-R', `${port + index}:127.0.0.1:9`] }),
      );
      await Promise.race(clients.map((client) => once(client.process.stderr ?? client.process, 'data')));
      await appliance.ke([program, 'change', '0', 'acme']);
      await Promise.all(clients.map((client) => client.ended));
      expect((await show('acme'))?.sessions).toEqual([]);
    }
  });

  it('when Connect misses three heartbeats, shows since when it is silent', async () => {
    const due = quietSince + 15_000;
    const lookedAt: number[] = [];
    await waitFor('the Connect is shown as silent', async () => {
      const begun = Date.now();
      if ((await quietSilentSince()) !== null) return true;
      lookedAt.push(begun);
      return false;
    });
    expect(Date.now()).toBeGreaterThan(due);
    expect(lookedAt.filter((instant) => instant > due)).toEqual([]);
    expect(await quietSilentSince()).toBe(new Date(due).toISOString());
  });
});
