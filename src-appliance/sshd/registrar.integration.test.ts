import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDebianAppliance, type DebianAppliance } from '../../test-support/debianSshd.ts';
import { takePortRange } from '../../test-support/freePorts.ts';
import { openRegistrar } from '../../test-support/registrarClient.ts';
import { changeTenant, findTenant } from '../../test-support/remoteNetworks.ts';
import { startTenantClient, writeKey } from '../../test-support/tenantClient.ts';
import { killMonitorOf } from '../../test-support/killMonitor.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { readStat } from '../core/procfs.ts';
import { createProcfsRuntime } from '../core/procfsRuntime.ts';
import type { ClientMessage } from '../core/registrarProtocol.ts';

const program = 'ke_manage_remote_networks';
let appliance: DebianAppliance;
const sessions: ChildProcess[] = [];

beforeAll(async () => {
  appliance = await startDebianAppliance({ config: { portRange: await takePortRange(100) } });
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.kill('SIGKILL');
});
afterAll(() => appliance.stop());

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

function announce(...ports: number[]): ClientMessage {
  const forwards = ports.map((port) => ({ port, group: 'g', repository: 'r', uri: 'smb://nas:445' }));
  return { type: 'announce', forwards };
}

/** What an observation at `now` says of the one session there is. */
async function silentSince(now: number): Promise<string | null | undefined> {
  const { observe } = createProcfsRuntime({ config: appliance.config, now: () => now });
  return (await observe()).sessions[0]?.silentSince;
}

describe("the registrar behind Debian's sshd", () => {
  it('welcomes a Connect with its ports, and lists what it announces', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { welcome, tell, hear } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    expect(welcome).toEqual({
      type: 'welcome',
      protocol: 1,
      clientId: 'acme',
      ports: [{ first: port, last: port + 19 }],
      heartbeatSeconds: 5,
      applianceVersion: '1.14.4',
      reconnectSpreadSeconds: 1,
    });
    tell({ type: 'hello', connectVersion: '1.2.3' });
    const files = { port, group: 'office', repository: 'files', uri: 'smb://10.0.0.5:445' };
    const wiki = { port: port + 1, group: 'office', repository: 'wiki', uri: 'webdav+https://wiki:443/dav' };
    tell({ type: 'announce', forwards: [files, wiki] });
    expect(await hear()).toEqual({ type: 'accepted' });
    const tenant = await show('acme');
    const [session] = tenant?.sessions ?? [];
    expect(session).toMatchObject({ kind: 'connect', connectVersion: '1.2.3', silentSince: null });
    expect(session?.lastHeartbeatAt).not.toBeNull();
    expect(tenant?.forwards).toMatchObject([
      { ...files, sessionPid: session?.pid, listener: { address: '127.0.0.1', pid: session?.pid } },
      { ...wiki, sessionPid: null, listener: null },
    ]);
  });

  it('keeps the announcement and the end of a session whose client was killed', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { client, tell, hear } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    tell({ type: 'hello', connectVersion: '1.2.3' });
    tell({
      type: 'announce',
      forwards: [{ port, group: 'office', repository: 'files', uri: 'smb://nas:445' }],
    });
    expect(await hear()).toEqual({ type: 'accepted' });
    client.kill('SIGKILL');
    await waitFor('the session is gone', async () => (await show('acme'))?.sessions.length === 0);
    const told = 'the client’s end closed the connection without a word';
    await waitFor('its end is known', async () => (await show('acme'))?.lastSession?.reason === told);
    expect(await show('acme')).toMatchObject({
      sessions: [],
      forwards: [{ port, uri: 'smb://nas:445', listener: null, sessionPid: null }],
      lastSession: { peerAddress: '127.0.0.1' },
    });
  });

  it('does not credit a plain session with what an earlier Connect announced on its port', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { client, tell, hear } = await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    tell({ type: 'hello', connectVersion: '1.2.3' });
    tell(announce(port));
    expect(await hear()).toEqual({ type: 'accepted' });
    client.kill('SIGKILL');
    await waitFor('the session is gone', async () => (await show('acme'))?.sessions.length === 0);
    const plain = startTenantClient(appliance, { keyFile, options: ['-N', '-R', `${port}:127.0.0.1:9`] });
    await waitFor('the port is held', async () => (await show('acme'))?.forwards[0]?.sessionPid != null);
    expect((await show('acme'))?.forwards).toMatchObject([
      { port, group: null, uri: null, announcedAt: null },
    ]);
    await plain.stop();
  });

  it('ends the session of who keeps sending what it refuses', async () => {
    const { keyFile } = await addTenant('acme');
    const { client } = await open(keyFile);
    client.stdin.on('error', () => undefined);
    client.stdin.write('nonsense\n'.repeat(1000));
    client.stdout.resume();
    await once(client, 'exit');
    await waitFor('its end is told', async () =>
      ((await show('acme'))?.lastSession?.reason ?? '').includes('refuses'),
    );
    expect((await show('acme'))?.sessions).toEqual([]);
  });

  it('refuses what is no message, too long, too early, or not allotted, and stays up', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { client, tell, hear } = await open(keyFile);
    tell({ type: 'heartbeat' });
    expect(await hear()).toMatchObject({ type: 'refused', code: 'HELLO_FIRST' });
    client.stdin.write('not json\n');
    expect(await hear()).toMatchObject({ type: 'refused', code: 'MALFORMED' });
    client.stdin.write(`{"type":"hello","connectVersion":"${'9'.repeat(70_000)}"}\n`);
    expect(await hear()).toMatchObject({ type: 'refused', code: 'LINE_TOO_LONG' });
    tell({ type: 'hello', connectVersion: '1.2.3' });
    tell(announce(port + 20));
    expect(await hear()).toMatchObject({ type: 'refused', code: 'PORT_NOT_ALLOTTED' });
    tell(announce(port, port));
    expect(await hear()).toMatchObject({ type: 'refused', code: 'PORT_TWICE' });
    tell(announce(port + 1));
    expect(await hear()).toEqual({ type: 'accepted' });
  });

  it('tells a live session when its allotment changes', async () => {
    const { keyFile, port } = await addTenant('acme');
    const { tell, hear } = await open(keyFile);
    tell({ type: 'hello', connectVersion: '1.2.3' });
    await appliance.ke([program, 'change', '25', 'acme']);
    expect(await hear()).toEqual({ type: 'ports', ports: [{ first: port, last: port + 24 }] });
    await appliance.ke([program, 'change', '20', 'acme']);
    expect(await hear()).toEqual({ type: 'ports', ports: [{ first: port, last: port + 19 }] });
  });

  it('counts a Connect as silent from its third missed heartbeat', async () => {
    const { keyFile } = await addTenant('acme');
    const { tell } = await open(keyFile);
    tell({ type: 'hello', connectVersion: '1.2.3' });
    await waitFor('hello is taken in', async () => (await show('acme'))?.sessions[0]?.kind === 'connect');
    const heard = Date.parse((await show('acme'))?.sessions[0]?.lastHeartbeatAt ?? '');
    expect(await silentSince(heard + 15_000)).toBeNull();
    expect(await silentSince(heard + 15_001)).toBe(new Date(heard + 15_000).toISOString());
  });

  it('shows a listener whose session lost its sshd as held by no session, and suspension still ends it', async () => {
    const { keyFile, port } = await addTenant('globex');
    await open(keyFile, '-R', `${port}:127.0.0.1:9`);
    const session = (await show('globex'))?.sessions[0];
    await killMonitorOf(session?.pid ?? 0);
    await waitFor('the session is none any more', async () => (await show('globex'))?.sessions.length === 0);
    expect((await show('globex'))?.forwards).toMatchObject([
      { port, sessionPid: null, listener: { address: '127.0.0.1', pid: session?.pid } },
    ]);
    await appliance.ke([program, 'change', '0', 'globex']);
    expect((await show('globex'))?.forwards).toEqual([]);
    expect(await readStat(session?.pid ?? 0)).toBeNull();
  });

  it('lets no log-in slip through that was under way when the tenant was suspended', async () => {
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
});
