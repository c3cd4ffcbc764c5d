import Database from 'better-sqlite3';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { tenantChangeSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { startApplianceConsole, type ApplianceConsole } from '../../test-support/applianceConsole.ts';
import { showTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import {
  killedReasons,
  startTenantClient,
  writeKey,
  type TenantClient,
} from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { cliProgram } from '../../test-support/cliProgram.ts';

const run = promisify(execFile);
let kiln: StockBox;
let mill: StockBox;
let operator: ApplianceConsole;
let keyFile: string;
let port: number;
let client: TenantClient | null = null;
const watching = new AbortController();
/** How far the console's clock is ahead. */
let ahead = 0;
const rowCodeSchema = z.object({ row: z.object({ code: z.string() }) });
let watch: Promise<void>;

const place = (asked: number | null = port) => ({
  applianceId: operator.entry.id,
  clientId: 'acme',
  port: asked,
});
const detail = (asked?: number | null) => operator.services.ports.detail(place(asked));

function connect(): TenantClient {
  const options = ['-N', '-R', `127.0.0.1:${port}:127.0.0.1:9`];
  client = startTenantClient(kiln, { keyFile, options });
  return client;
}

beforeAll(async () => {
  [kiln, mill] = await Promise.all([startStockBox(), startStockBox({ hostname: 'mill-01' })]);
  operator = await startApplianceConsole(kiln, { clock: () => Date.now() + ahead });
  const { stdout } = await kiln.ke(['ke_manage_remote_networks', 'add', 'acme', '--json']);
  const added = tenantChangeSchema.parse(JSON.parse(stdout));
  keyFile = await writeKey(kiln, added.privateKey ?? '');
  port = added.ports[0]?.first ?? 0;
  watch = (async () => {
    for await (const _ of operator.services.watchFleet(watching.signal));
  })();
});

afterAll(async () => {
  watching.abort();
  await watch;
  await client?.stop();
  await operator.stop();
  await Promise.all([kiln.stop(), mill.stop()]);
});

test('when a client is killed, shows a drop in the row and in the history, with sshd’s log lines', async () => {
  const { services } = operator;
  const running = connect();
  await waitFor('the tunnel is up and remembered', () => {
    const [row] = services.ports.list(null);
    return (
      row?.port === port &&
      row.chain.startsWith('oooo') &&
      detail().history.spans.some((one) => one.tone === 'ok')
    );
  });
  expect(services.ports.list(null)[0]?.lastDrop).toBeNull();

  await running.stop();
  const sshdReason = () => detail().view.tenant.lastSession?.reason;
  // The session may be gone before sshd has logged why.
  await waitFor('the drop is written down with sshd’s reason', () => {
    const { tunnel, history } = detail();
    const [drop] = history.drops;
    const isDrop = drop?.code === 'T-3001' && tunnel.port === null;
    return isDrop && killedReasons.includes(sshdReason()) && drop.reason === sshdReason();
  });
  const { tunnel, history } = detail();
  expect(tunnel).toMatchObject({ port: null, code: 'T-3001' });
  const reason = sshdReason();
  expect(history.drops).toMatchObject([{ code: 'T-3001', reason }]);
  const tones = history.spans.map((span) => span.tone);
  expect([tones[0], tones[1], tones.at(-1)]).toEqual(['unknown', 'ok', 'warn']);
  expect(services.ports.list(null)[0]?.lastDrop).toEqual({ at: detail(null).history.drops[0]?.at, reason });

  const diagnosis = await services.ports.diagnose(place());
  expect(diagnosis).toMatchObject({
    linesError: null,
    side: 'tenant',
    layer: { layer: 'session', code: 'T-3001' },
  });
  const said = diagnosis.lines.map((line) => line.text);
  const accepted = `Accepted publickey for connect from ${kiln.near[0]} `;
  expect(said.some((text) => text.includes('sshd') && text.includes(accepted))).toBe(true);
  expect(
    said.some((text) => /sshd.*(?:Disconnected|Connection (?:closed|reset)|Received disconnect)/u.test(text)),
  ).toBe(true);
  expect(diagnosis.linesFrom).not.toBeNull();
});

test('when a watch is killed, its history has a gap; a single request writes none', async () => {
  const { services, entry } = operator;
  // Uses another data folder, because the console of the other tests writes history into its own.
  const other = await startApplianceConsole(kiln, { name: 'forge' });
  const startWatch = async (): Promise<ChildProcess> => {
    const argv = ['--data', other.dataFolder, '--json', 'port', 'list', 'forge', '--watch'];
    const child = spawn(process.execPath, [cliProgram, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    for await (const line of lines) if (rowCodeSchema.parse(JSON.parse(line)).row.code === 'T-3001') break;
    return child;
  };
  const spans = () =>
    other.services.ports
      .detail({ applianceId: other.entry.id, clientId: 'acme', port: null })
      .history.spans.map((span) => span.tone);
  const database = new Database(join(other.dataFolder, 'store.db'), { readonly: true });
  const lasting = database.prepare('SELECT count(*) FROM watch_span WHERE to_ms > from_ms').pluck();
  const isWatched = (times: number) => () => lasting.get() === times;
  try {
    await other.services.fleet.refresh([other.entry.id]);
    expect(spans()).toEqual(['unknown']);
    const killed = await startWatch();
    await waitFor('the first watch is written down', isWatched(1));
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const second = await startWatch();
    await waitFor('the second watch is told apart from the first', isWatched(2));
    second.kill('SIGTERM');
    await once(second, 'close');
    expect(second.exitCode).toBe(0);
    expect(spans().slice(0, 4)).toEqual(['unknown', 'warn', 'unknown', 'warn']);
    const spansBefore = lasting.get();
    const asked = (...argv: string[]) =>
      run(process.execPath, [cliProgram, '--data', other.dataFolder, ...argv]);
    const [{ stdout: diagnosis }, { stdout: forCustomer }, { stdout: capacity }] = await Promise.all([
      asked('diagnose', 'forge', 'acme'),
      asked('diagnose', 'forge', 'acme', '--customer'),
      asked('--json', 'port', 'capacity', 'forge'),
      expect(asked('diagnose', 'forge', 'nobody')).rejects.toMatchObject({ code: 3 }),
    ]);
    expect(diagnosis).toMatch(/^forge acme –: T-3001 no session\n/u);
    expect(diagnosis).toMatch(/Matching log lines since .*:\n.*Accepted publickey for connect/u);
    expect(forCustomer).toContain('Your site is not connected to us.');
    for (const own of ['forge', 'sshd', kiln.host, kiln.near[0]]) expect(forCustomer).not.toContain(own);
    expect(JSON.parse(capacity).items).toMatchObject([
      { applianceName: 'forge', ports: 3000, allotted: 20, tenants: 1, largestFreeBlock: 2980 },
    ]);
    // A single request must not count as watching the appliance.
    expect(lasting.get()).toBe(spansBefore);
    // This console has not seen the drop, because the tunnel was down at its first poll. The reason comes
    // from the appliance.
    await waitFor(
      'both consoles tell the same reason',
      () =>
        other.services.ports.list(null)[0]?.lastDrop?.reason ===
        services.ports.tenants(entry.id)[0]?.tenant.lastSession?.reason,
    );
  } finally {
    database.close();
    await other.stop();
  }
});

test('when a tunnel is down, raises a notification, and clears it when the client is back', async () => {
  const { services } = operator;
  const open = () => services.notifications.list().notifications.filter((one) => one.clearedAt === null);
  await services.notifications.setRules({ ...services.notifications.rules(), downMinutes: 120 });
  // The tunnel was down for a shorter time than the rule requires.
  expect(open()).toEqual([]);
  ahead = 121 * 60_000;
  await waitFor('the outage is raised', () => open().length > 0);
  expect(open()).toMatchObject([
    { kind: 'tunnel-down', clientId: 'acme', port: null, applianceName: 'kiln' },
  ]);
  connect();
  await waitFor('it is over', () => open().length === 0);
  expect(
    detail()
      .tunnel.layers.slice(0, 4)
      .every((layer) => layer.state === 'ok'),
  ).toBe(true);
});

test('when two appliances are a cluster, lists the tenant once, with what they disagree on', async () => {
  const { services } = operator;
  const cluster = 'east';
  const { id: _, createdAt: __, locked: ___, ...input } = operator.entry;
  await services.appliances.edit(operator.entry.id, { ...input, cluster });
  const authentication = { ...input.target.authentication, keyFile: mill.adminKeyFile };
  const target = { ...input.target, host: mill.host, authentication };
  const other = await services.appliances.add({ ...input, name: 'mill', target, cluster }, mill.hostKey());
  const only = () => services.ports.tenants(null);
  const isAnswered = () => only()[0]?.cluster?.members.every((member) => member.state !== 'unknown') === true;
  await waitFor('both answer', isAnswered);
  expect(only()).toHaveLength(1);
  expect(only()[0]).toMatchObject({
    applianceName: 'kiln',
    cluster: {
      name: 'east',
      members: [
        { applianceName: 'kiln', state: 'here', sessions: 1 },
        { applianceName: 'mill', state: 'absent', sessions: 0 },
      ],
      disagreements: ['It is missing on mill.'],
    },
  });
  await mill.ke(['ke_manage_remote_networks', 'add', 'acme', '--json']);
  await mill.ke(['ke_manage_remote_networks', 'change', '40', 'acme']);
  await services.fleet.refresh([other.id]);
  const said = only()[0]?.cluster?.disagreements ?? [];
  expect(said[0]).toBe('The members report different quotas: kiln 20, mill 40.');
  expect(said.some((sentence) => sentence.startsWith('The members report different keys: '))).toBe(true);
  expect(services.ports.list(null)).toMatchObject([
    { applianceName: 'kiln', port, cluster, disagrees: true },
  ]);
  expect(services.ports.tenants(other.id)).toMatchObject([{ applianceName: 'mill', tenant: { quota: 40 } }]);

  const { stdout: publicKey } = await run('ssh-keygen', ['-y', '-f', keyFile]);
  const add = ['ke_manage_remote_networks', 'add', 'acme', '-f', '--pub-key', '-'];
  expect(await mill.ke(add, { stdin: publicKey })).toMatchObject({ exitCode: 0 });
  const [range] = (await showTenant(mill, 'acme')).ports;
  // The console's clock is two hours ahead, so both sessions count as settled.
  const second = startTenantClient(mill, {
    keyFile,
    options: ['-N', '-R', `127.0.0.1:${range?.first ?? 0}:127.0.0.1:9`],
  });
  await waitFor('the shared key is named', async () => {
    await services.fleet.refresh([operator.entry.id, other.id]);
    return (only()[0]?.cluster?.disagreements ?? []).some((sentence) =>
      /^Two clients use the same key at the same time: from .* on kiln .* and from .* on mill /u.test(
        sentence,
      ),
    );
  });
  await second.stop();

  await mill.stopSshd();
  await waitFor('mill is told to be unknown, and claims nothing', () => {
    const [view] = only();
    return view?.cluster?.members[1]?.state === 'unknown' && view.cluster.disagreements.length === 0;
  });
  expect(only()[0]?.applianceName).toBe('kiln');
});
