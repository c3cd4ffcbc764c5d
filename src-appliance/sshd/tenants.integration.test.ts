import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countPorts } from '../../src-shared/model/tenants/ports.ts';
import type { TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { canConnect } from '../../test-support/canConnect.ts';
import { changeTenant, showTenant } from '../../test-support/remoteNetworks.ts';
import {
  killedReasons,
  startShoutingService,
  startTenantClient,
  writeKey,
  type TenantClient,
} from '../../test-support/tenantClient.ts';
import { sweepMs } from '../service/channels.ts';
import { freePort } from '../../test-support/freePorts.ts';
import { untilLogged } from '../../test-support/untilLogged.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const program = 'ke_manage_remote_networks';
let appliance: StockBox;
let service: Awaited<ReturnType<typeof startShoutingService>>;
const clients: TenantClient[] = [];
const added: string[] = [];

beforeAll(async () => {
  appliance = await startStockBox();
  service = await startShoutingService();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  for (const clientId of added.splice(0)) await appliance.ke([program, 'remove', clientId]);
});

afterAll(async () => {
  await service.stop();
  await appliance.stop();
});

const change = (...words: string[]) => changeTenant(appliance, ...words);

async function addTenant(clientId: string): Promise<{ keyFile: string; port: number; change: TenantChange }> {
  const made = await change('add', clientId);
  added.push(clientId);
  return {
    change: made,
    keyFile: await writeKey(appliance, made.privateKey ?? ''),
    port: made.ports[0]?.first ?? 0,
  };
}

const show = (clientId: string) => showTenant(appliance, clientId);

const signalService = (name: string) =>
  appliance.system.mustRun(['pkill', `-${name}`, '--pidfile', '/run/sallyport.pid']);

/** A busy appliance may stall its service for this long. */
async function whileServiceIsPaused(work: () => Promise<void>): Promise<void> {
  await signalService('STOP');
  try {
    await work();
  } finally {
    await signalService('CONT');
  }
}

function start(keyFile: string, ...options: string[]): TenantClient {
  const client = startTenantClient(appliance, { keyFile, options });
  clients.push(client);
  return client;
}

function forward(port: number): string[] {
  return ['-R', `${port}:127.0.0.1:${service.port}`];
}

function flows(port: number): Promise<void> {
  return waitFor(
    `traffic flows through ${port}`,
    async () => (await appliance.ask(port, 'hello')) === 'HELLO',
  );
}

describe("a tenant behind Debian's sshd", () => {
  it.each([
    ['ssh -R', []],
    ['ssh -N -R', ['-N']],
    ['ssh -R with 127.0.0.1 as its bind address', ['bind']],
  ])('can use its service through an allotted port with %s', async (_name, flags) => {
    const { keyFile, port } = await addTenant('acme');
    const isBound = flags.includes('bind');
    const target = `${isBound ? '127.0.0.1:' : ''}${port}:127.0.0.1:${service.port}`;
    start(keyFile, ...flags.filter((flag) => flag !== 'bind'), '-R', target);
    await flows(port);
    expect(await appliance.ask(port, 'once more')).toBe('ONCE MORE');
  });

  it('can hold more ports in one session than Debian’s limit of open files', async () => {
    const count = 1_200;
    const { keyFile, port } = await addTenant('acme');
    const { exitCode, stderr } = await appliance.ke([
      'ke_manage_remote_networks',
      'change',
      `${count}`,
      'acme',
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const forwards = Array.from({ length: count }, (_, index) => [
      '-R',
      `127.0.0.1:${port + index}:127.0.0.1:9`,
    ]);
    start(keyFile, '-N', ...forwards.flat());
    await waitFor('all its ports listen', async () => {
      const tenant = await show('acme');
      return tenant.forwards.filter(({ listener }) => listener !== null).length === count;
    });
  });

  it('is listed with address, start, sshd and key while connected, and with its end afterwards', async () => {
    const { keyFile, port, change: made } = await addTenant('acme');
    const before = Date.now();
    const client = start(keyFile, '-N', ...forward(port));
    await flows(port);
    const { sessions, forwards } = await show('acme');
    expect(sessions).toHaveLength(1);
    const [session] = sessions;
    expect(session).toMatchObject({
      kind: 'plain',
      peerAddress: appliance.near[0],
      keyFingerprint: made.fingerprint,
    });
    const name = await readFile(appliance.system.path(`/proc/${session?.pid ?? 0}/cmdline`), 'utf8');
    expect(name).toContain('sshd: connect');
    await untilLogged(appliance, `from ${appliance.near[0]} port ${session?.peerPort ?? 0} ssh2`);
    expect(Date.parse(session?.since ?? '')).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(session?.since ?? '')).toBeLessThanOrEqual(Date.now());
    expect(forwards).toMatchObject([
      { port, listener: { address: '127.0.0.1', pid: session?.pid }, sessionPid: session?.pid, uri: null },
    ]);
    await client.stop();
    await waitFor('the session is gone', async () => (await show('acme')).sessions.length === 0);
    const after = await show('acme');
    expect(after.forwards).toEqual([]);
    expect(after.lastSession).toMatchObject({ peerAddress: appliance.near[0] });
    await waitFor("sshd's reason", async () =>
      killedReasons.includes((await show('acme')).lastSession?.reason),
    );
  });

  it('cannot listen on another tenant’s port or on a free port', async () => {
    const { keyFile, port } = await addTenant('acme');
    const other = await addTenant('globex');
    for (const foreign of [other.port, port + 20 * 5, 8080]) {
      const client = start(keyFile, '-N', ...forward(foreign));
      expect(await client.ended).toBe(255);
      expect(client.stderr()).toContain(`remote port forwarding failed for listen port ${foreign}`);
    }
  });

  it('cannot listen on another address than loopback', async () => {
    const { keyFile, port } = await addTenant('acme');
    const client = start(keyFile, '-N', '-R', `0.0.0.0:${port}:127.0.0.1:${service.port}`);
    expect(await client.ended).toBe(255);
  });

  it("cannot reach the appliance's network with -L", async () => {
    const { keyFile, port } = await addTenant('acme');
    const local = await freePort();
    const client = start(
      keyFile,
      '-N',
      '-L',
      `127.0.0.1:${local}:127.0.0.1:${service.port}`,
      ...forward(port),
    );
    await flows(port);
    expect(await canConnect('127.0.0.1', local)).toBe(true);
    await waitFor('ssh names the refusal', () => client.stderr().includes('administratively prohibited'));
  });

  it('cannot open a terminal', async () => {
    const { keyFile, port } = await addTenant('acme');
    const client = start(keyFile, '-tt', ...forward(port));
    expect(await client.ended).toBe(255);
    expect(client.stderr()).toContain('PTY allocation request failed');
  });

  it('when suspended with `change 0`, is disconnected at once and stays out; when resumed, has the same ports', async () => {
    const { keyFile, port, change: made } = await addTenant('acme');
    await addTenant('globex');
    const client = start(keyFile, '-N', ...forward(port));
    await flows(port);
    const suspended = await change('change', '0', 'acme');
    expect(suspended).toMatchObject({ action: 'suspended', quota: 0, ports: made.ports, endedSessions: 1 });
    expect(await appliance.ask(port, 'hello')).toBeNull();
    expect(await client.ended).toBe(255);
    const again = start(keyFile, '-N', ...forward(port));
    expect(await again.ended).toBe(255);
    expect(again.stderr()).toContain('Permission denied (publickey)');
    expect(await show('acme')).toMatchObject({
      suspended: true,
      quota: 0,
      ports: made.ports,
      keys: [{ fingerprint: made.fingerprint }],
      lastSession: { reason: 'ended: the tenant was suspended' },
    });
    // Compare the appliance's own times. A busy machine starts the command slowly, but the session must still
    // end quickly.
    const { changedAt, lastSession } = await show('acme');
    expect(Date.parse(lastSession?.endedAt ?? '') - Date.parse(changedAt)).toBeLessThan(10_000);
    // Other tenants that need ports must not get those of the suspended tenant.
    const newcomer = await addTenant('initech');
    const grown = await change('change', '60', 'globex');
    const others = [...newcomer.change.ports, ...grown.ports];
    expect(countPorts(others)).toBe(20 + 60);
    for (const { first, last } of made.ports)
      expect(others.filter((range) => range.first <= last && range.last >= first)).toEqual([]);
    const resumed = await change('change', '20', 'acme');
    expect(resumed).toMatchObject({ action: 'changed', quota: 20, ports: made.ports });
    start(keyFile, '-N', ...forward(port));
    await flows(port);
  });

  it('when it is added again under its name, does not get the end of the earlier tenant’s session', async () => {
    const { keyFile, port } = await addTenant('acme');
    // Without `-N`, the session has a channel, whose end the service notices some seconds later.
    const client = start(keyFile, ...forward(port));
    await flows(port);
    await whileServiceIsPaused(async () => {
      await client.stop();
      await change('remove', 'acme');
      await change('add', 'acme');
    });
    const noticedAt = Date.now() + 3 * sweepMs;
    while (Date.now() < noticedAt) {
      expect((await show('acme')).lastSession).toBeNull();
      await delay(500);
    }
  });

  it('when removed with `remove`, is disconnected before the command returns, and stays out', async () => {
    const { keyFile, port } = await addTenant('acme');
    const client = start(keyFile, ...forward(port));
    await flows(port);
    expect(await change('remove', 'acme')).toMatchObject({ action: 'removed', endedSessions: 1, ports: [] });
    expect(await appliance.ask(port, 'hello')).toBeNull();
    await client.ended;
    const again = start(keyFile, '-N', ...forward(port));
    expect(await again.ended).toBe(255);
    expect((await appliance.ke([program, 'list', 'acme'])).exitCode).toBe(3);
  });

  it('when its key is replaced with -f, keeps its ports, and the old key is invalid at once', async () => {
    const { keyFile, port, change: made } = await addTenant('acme');
    const client = start(keyFile, '-N', ...forward(port));
    await flows(port);
    const replaced = await change('add', 'acme', '-f');
    expect(replaced).toMatchObject({ action: 'replaced', ports: made.ports, quota: 20, endedSessions: 1 });
    expect(replaced.fingerprint).not.toBe(made.fingerprint);
    expect(await client.ended).toBe(255);
    expect(await start(keyFile, '-N', ...forward(port)).ended).toBe(255);
    start(await writeKey(appliance, replaced.privateKey ?? ''), '-N', ...forward(port));
    await flows(port);
  });

  it('when it loses ports that its login permitted, is disconnected and gets the remaining ports with a new login', async () => {
    const { keyFile, port } = await addTenant('acme');
    const other = await addTenant('globex');
    const neighbour = start(other.keyFile, '-N', ...forward(other.port));
    const low = start(keyFile, '-N', ...forward(port));
    const high = start(keyFile, '-N', ...forward(port + 19));
    await Promise.all([flows(port), flows(port + 19), flows(other.port)]);
    const shrunk = await change('change', '10', 'acme');
    // Both sessions end. Otherwise stock sshd would let the first session listen on removed ports.
    expect(shrunk).toMatchObject({ ports: [{ first: port, last: port + 9 }], endedSessions: 2 });
    expect(await high.ended).toBe(255);
    expect(await low.ended).toBe(255);
    expect((await show('acme')).lastSession?.reason).toContain('lost ports');
    const beyond = start(keyFile, '-N', ...forward(port + 10));
    expect(await beyond.ended).toBe(255);
    start(keyFile, '-N', ...forward(port));
    await flows(port);
    expect(await change('change', '15', 'acme')).toMatchObject({ endedSessions: 0 });
    expect(await appliance.ask(port, 'hello')).toBe('HELLO');
    expect(neighbour.process.exitCode).toBeNull();
  });

  it('when a command was killed before it could disconnect it, is disconnected by the next change', async () => {
    const { keyFile, port } = await addTenant('acme');
    const path = join(appliance.config.stateFolder, 'tenants.json');
    const before = await readFile(path, 'utf8');
    const removed = start(keyFile, '-N', ...forward(port));
    await flows(port);
    await writeFile(path, JSON.stringify({ format: 1, tenants: [] }));
    await addTenant('globex');
    expect(await removed.ended).toBe(255);
    expect(await appliance.ask(port, 'hello')).toBeNull();
    await writeFile(path, before);
    for (const [from, to] of [
      ['"suspended": false', '"suspended": true'],
      [`"last": ${port + 19}`, `"last": ${port + 9}`],
    ] as const) {
      const left = start(keyFile, '-N', ...forward(port));
      await flows(port);
      expect(before).toContain(from);
      await writeFile(path, before.replace(from, to));
      expect((await appliance.ke([program, 'remove', 'nobody'])).exitCode).toBe(3);
      expect(await left.ended).toBe(255);
      await writeFile(path, before);
    }
  });

  it('when a killed command left incomplete records or lists run in parallel, is listed and disconnected all the same', async () => {
    const { keyFile, port } = await addTenant('acme');
    const client = start(keyFile, '-N', ...forward(port));
    await flows(port);
    const records = join(appliance.config.runFolder, 'auth');
    const monitors = (await readdir(records)).filter((name) => name.endsWith('.json'));
    for (const name of monitors) await writeFile(join(records, name.replace('.json', '.seen')), '');
    const lists = await Promise.all([show('acme'), show('acme'), show('acme')]);
    expect(lists.map((tenant) => tenant.sessions.length)).toEqual([1, 1, 1]);
    for (const name of monitors) await writeFile(join(records, name.replace('.json', '.seen')), '{"ses');
    expect(await change('change', '0', 'acme')).toMatchObject({ endedSessions: 1 });
    expect(await client.ended).toBe(255);
  });
});
