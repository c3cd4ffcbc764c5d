import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tenantChangeSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { changeTenant, listNetworks, showTenant } from '../../test-support/remoteNetworks.ts';
import {
  startShoutingService,
  startTenantClient,
  writeKey,
  type TenantClient,
} from '../../test-support/tenantClient.ts';
import { killTree } from '../../test-support/processTree.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { readUptime } from '../core/licence/moment.ts';

const program = 'ke_manage_remote_networks';
let appliance: StockBox;
let service: Awaited<ReturnType<typeof startShoutingService>>;
const clients: TenantClient[] = [];

beforeAll(async () => {
  appliance = await startStockBox();
  service = await startShoutingService();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await appliance.ke([program, 'remove', 'acme']);
});
afterAll(async () => {
  await service.stop();
  await appliance.stop();
});

const statePath = () => join(appliance.config.stateFolder, 'tenants.json');
const state = () => readFile(statePath(), 'utf8');

const change = (...words: string[]) => changeTenant(appliance, ...words);
const list = () => listNetworks(appliance);
const show = () => showTenant(appliance, 'acme');
function start(keyFile: string, ...options: string[]): TenantClient {
  const client = startTenantClient(appliance, { keyFile, options });
  clients.push(client);
  return client;
}
async function flow(keyFile: string, port: number, ...options: string[]): Promise<TenantClient> {
  const client = start(keyFile, ...options, '-R', `${port}:127.0.0.1:${service.port}`);
  await waitFor(
    `traffic flows through ${port}`,
    async () => (await appliance.ask(port, 'hello')) === 'HELLO',
  );
  return client;
}

/** Creates a tenant and replaces its key with an overlap of one hour. */
async function rotate() {
  const first = await change('add', 'acme');
  const second = await change('add', 'acme', '-f', '--overlap', '1');
  return {
    first,
    second,
    port: first.ports[0]?.first ?? 0,
    oldKey: await writeKey(appliance, first.privateKey ?? ''),
    newKey: await writeKey(appliance, second.privateKey ?? ''),
  };
}

const stateSchema = z.looseObject({
  tenants: z.array(
    z.looseObject({
      keys: z.array(
        z.looseObject({
          expiresAt: z.string().nullable(),
          whileRunning: z.object({ bootId: z.string(), uptimeMs: z.number() }).nullable(),
        }),
      ),
    }),
  ),
});
type Deadline = { expiresAt: string; whileRunning: { bootId: string; uptimeMs: number } | null };

/** Changes the stored deadline of the old key. */
async function setDeadline(deadline: Partial<Deadline>): Promise<void> {
  const content = stateSchema.parse(JSON.parse(await state()));
  for (const tenant of content.tenants)
    for (const key of tenant.keys) if (key.expiresAt !== null) Object.assign(key, deadline);
  await writeFile(statePath(), JSON.stringify(content));
}
const inMs = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

describe('a rotation with an overlap', () => {
  it('accepts both keys until the old one expires, and does not end any session before', async () => {
    const made = await change('add', 'acme');
    const port = made.ports[0]?.first ?? 0;
    const oldKey = await writeKey(appliance, made.privateKey ?? '');
    const before = await flow(oldKey, port, '-N');
    const begun = Date.now();
    const replaced = await change('add', 'acme', '-f', '--overlap', '2');
    expect(replaced).toMatchObject({ action: 'replaced', endedSessions: 0 });
    const newKey = await writeKey(appliance, replaced.privateKey ?? '');
    await flow(newKey, port + 1, '-N');
    await flow(oldKey, port + 2, '-N');
    expect(before.process.exitCode).toBeNull();
    const { keys, sessions } = await show();
    expect(keys.map((key) => key.fingerprint)).toEqual([replaced.fingerprint, made.fingerprint]);
    expect(keys[0]?.expiresAt).toBeNull();
    const expiresAt = Date.parse(keys[1]?.expiresAt ?? '') - 2 * 3_600_000;
    expect(expiresAt).toBeGreaterThanOrEqual(begun);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 1000);
    expect(sessions).toHaveLength(3);
  });

  it('when the old key has expired, the next list ends its sessions and keeps the key out for good', async () => {
    const { first, oldKey, newKey, port } = await rotate();
    const old = await flow(oldKey, port, '-N');
    const current = await flow(newKey, port + 1, '-N');
    await setDeadline({ expiresAt: inMs(-1000) });
    const tenant = await show();
    expect(tenant.keys).toHaveLength(1);
    expect(await old.ended).toBe(255);
    await waitFor(
      'the reason is listed',
      async () => (await show()).lastSession?.reason === 'ended: its old key expired',
    );
    expect(current.process.exitCode).toBeNull();
    expect(await state()).not.toContain('"expiresAt": "');
    expect(await start(oldKey, '-N').ended).toBe(255);
    await waitFor('it is known as a former key', async () =>
      (await list()).refusedLogIns.some(
        (refused) => refused.fingerprint === first.fingerprint && refused.formerKeyOf === 'acme',
      ),
    );
  });

  it('ends a session that uses the registrar without any command', async () => {
    const { oldKey, port } = await rotate();
    const old = await flow(oldKey, port);
    await setDeadline({ expiresAt: inMs(300) });
    expect(await old.ended).toBe(255);
    expect(await appliance.ask(port, 'hello')).toBeNull();
    await waitFor(
      'the reason is listed',
      async () => (await show()).lastSession?.reason === 'ended: its old key expired',
    );
  });

  it('when the clock is set back, does not become longer', async () => {
    const { oldKey } = await rotate();
    const { bootId, uptimeMs } = readUptime();
    // As if the clock was set back by an hour: the deadline is far in the future, but the uptime is already
    // past it.
    await setDeadline({ expiresAt: inMs(3_600_000), whileRunning: { bootId, uptimeMs: uptimeMs - 1 } });
    const refused = start(oldKey, '-N');
    expect(await refused.ended).toBe(255);
    expect(refused.stderr()).toContain('Permission denied');
    // The same after a restart of the machine. Then only the high-water mark of the clock is known.
    await setDeadline({ expiresAt: inMs(3_600_000), whileRunning: { bootId: randomUUID(), uptimeMs: 0 } });
    const clock = join(appliance.config.stateFolder, 'clock.json');
    const kept = await readFile(clock, 'utf8');
    await writeFile(clock, JSON.stringify({ format: 1, highWater: inMs(2 * 3_600_000) }));
    expect(await start(oldKey, '-N').ended).toBe(255);
    expect((await show()).keys).toHaveLength(1);
    await writeFile(clock, kept);
    expect(await start(oldKey, '-N').ended).toBe(255);
  });

  it('when replaced again without an overlap, ends old keys at once; with an overlap, keeps an earlier deadline', async () => {
    const { first, second } = await rotate();
    const before = (await show()).keys.find((key) => key.fingerprint === first.fingerprint)?.expiresAt;
    await change('add', 'acme', '-f', '--overlap', '5');
    const { keys } = await show();
    expect(keys.find((key) => key.fingerprint === first.fingerprint)?.expiresAt).toBe(before);
    expect(
      Date.parse(keys.find((key) => key.fingerprint === second.fingerprint)?.expiresAt ?? ''),
    ).toBeGreaterThan(Date.parse(before ?? ''));
    await change('add', 'acme', '-f', '--overlap', '5');
    await change('add', 'acme', '-f', '--overlap', '5');
    const full = await state();
    const tooMany = await appliance.ke([program, 'add', 'acme', '-f', '--overlap', '5']);
    expect(tooMany).toMatchObject({ exitCode: 3, stdout: '' });
    expect(await state()).toBe(full);
    await change('add', 'acme', '-f');
    expect((await show()).keys).toHaveLength(1);
  });

  it.each([['0'], ['-1'], ['1.5'], ['2161'], ['1e2'], [''], ['$(id)']])(
    'rejects %j hours, and changes nothing',
    async (hours) => {
      await change('add', 'acme');
      const before = await state();
      const result = await appliance.ke([program, 'add', 'acme', '-f', `--overlap=${hours}`]);
      expect(result).toMatchObject({ exitCode: 2, stdout: '' });
      expect(await state()).toBe(before);
      expect((await appliance.ke([program, 'add', 'acme', '--overlap', '5'])).exitCode).toBe(2);
    },
  );

  it('when killed at any time, leaves a consistent state', async () => {
    await change('add', 'acme');
    const begun = performance.now();
    await change('add', 'acme', '-f', '--overlap', '1');
    const duration = performance.now() - begun;
    const attempts = 15;
    let wereKilled = 0;
    for (let index = 0; index < attempts; index += 1) {
      await change('add', 'acme', '-f');
      const rotation = appliance.startKe([program, 'add', 'acme', '-f', '--overlap', '1', '--json']);
      let printed = '';
      rotation.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
      const ended = once(rotation, 'close');
      await Promise.race([delay((index / attempts) * duration * 1.5), ended]);
      await killTree(rotation);
      await ended;
      const { keys } = await show();
      const told = printed.endsWith('\n') ? tenantChangeSchema.parse(JSON.parse(printed)).fingerprint : null;
      if (told === null) wereKilled += 1;
      expect([null, keys[0]?.fingerprint]).toContain(told);
      // Either only the old key, or the new key and the old key with a deadline. Never a state in between.
      expect(keys.map((key) => key.expiresAt === null)).toEqual(keys.length === 1 ? [true] : [true, false]);
    }
    expect(wereKilled).toBeGreaterThan(0);
  });
});

describe('a state in the previous format', () => {
  it('is read, its tenants can log in, and the next change rewrites it', async () => {
    const made = await change('add', 'acme');
    const port = made.ports[0]?.first ?? 0;
    const keyFile = await writeKey(appliance, made.privateKey ?? '');
    const content = z
      .looseObject({ tenants: z.array(z.looseObject({ keys: z.array(z.looseObject({})) })) })
      .parse(JSON.parse(await state()));
    const tenants = content.tenants.map((tenant) => ({
      ...tenant,
      keys: tenant.keys.map(({ expiresAt: _expiresAt, whileRunning: _whileRunning, ...key }) => key),
    }));
    const old = JSON.stringify({ format: 1, tenants });
    await writeFile(statePath(), old);
    await flow(keyFile, port, '-N');
    expect((await show()).keys).toMatchObject([{ fingerprint: made.fingerprint, expiresAt: null }]);
    expect(await state()).toBe(old);
    await change('change', '21', 'acme');
    expect(JSON.parse(await state())).toMatchObject({ format: 2, formerKeys: [] });
  });
});

describe('--unchanged-since', () => {
  it('accepts a change based on the present state, and rejects one based on an earlier state', async () => {
    expect(await change('add', 'acme', '--unchanged-since', 'none')).toMatchObject({ action: 'added' });
    const { changedAt } = await show();
    await change('change', '21', 'acme', '--unchanged-since', changedAt);
    const before = await state();
    for (const words of [
      ['add', 'acme', '-f', '--unchanged-since', 'none'],
      ['add', 'acme', '-f', '--unchanged-since', changedAt],
      ['add', 'newcomer', '--unchanged-since', changedAt],
      ['change', '0', 'acme', '--unchanged-since', changedAt],
      ['change', '0', 'acme', '--unchanged-since', 'none'],
      ['remove', 'acme', '--unchanged-since', changedAt],
      [
        'release',
        `${appliance.config.portRange.first}`,
        '--pid',
        '2',
        'acme',
        '--unchanged-since',
        changedAt,
      ],
    ]) {
      const result = await appliance.ke([program, ...words]);
      expect(result).toMatchObject({ exitCode: 3, stdout: '' });
      expect(result.stderr).toMatch(/^ke_manage_remote_networks: CONFLICT: [^\n]+\n$/);
    }
    for (const instant of ['yesterday', '', '2026-11-20', "'; id"])
      expect(
        (await appliance.ke([program, 'change', '0', 'acme', `--unchanged-since=${instant}`])).exitCode,
      ).toBe(2);
    expect(await state()).toBe(before);
    await change('remove', 'acme', '--unchanged-since', (await show()).changedAt);
  });

  it('when two changes are based on the same state, accepts one of them', async () => {
    await change('add', 'acme');
    const { changedAt } = await show();
    const results = await Promise.all(
      ['22', '23', '24', '25'].map((quota) =>
        appliance.ke([program, 'change', quota, 'acme', '--unchanged-since', changedAt]),
      ),
    );
    const exitCodes = results.map((result) => result.exitCode ?? -1);
    expect(exitCodes.toSorted((a, b) => a - b)).toEqual([0, 3, 3, 3]);
  });
});

describe('hostile arguments', () => {
  it.each([
    ['a line end', 'a\nb'],
    ['quotes', `a"b'c`],
    ['a command', '$(touch /tmp/owned)'],
    ['backquotes', '`id`'],
    ['a path', '../../etc/passwd'],
    ['an option', '--json=x'],
    ['an escape', 'a\u001b[2J'],
    ['a direction override', 'a\u202eb'],
    ['120,000 letters', 'a'.repeat(120_000)],
    ['nothing', ''],
  ])('when CLIENT_ID is %s, change nothing and print one short line', async (_what, clientId) => {
    await change('add', 'acme');
    const before = await state();
    for (const words of [
      ['add', clientId],
      ['add', clientId, '-f', '--overlap', '1'],
      ['change', '5', clientId],
      ['remove', clientId],
      ['list', clientId],
      ['release', `${appliance.config.portRange.first}`, '--pid', '2', clientId],
    ]) {
      const { exitCode, stdout, stderr } = await appliance.ke([program, ...words]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^ke_manage_remote_networks: INVALID_INPUT: [\x20-\x7e…]{1,1100}\n$/u);
    }
    expect(await state()).toBe(before);
  });

  it('when stdin is a megabyte, reject it as a key without waiting for its end', async () => {
    const before = await state().catch(() => '');
    const add = appliance.startKe([program, 'add', 'acme', '--pub-key', '/dev/stdin']);
    add.stdin?.on('error', () => undefined);
    add.stdin?.write('a'.repeat(1024 * 1024));
    const [code] = await once(add, 'close');
    expect(code).toBe(2);
    expect(await state().catch(() => '')).toBe(before);
  });

  it('when the key file is a link to a secret, reveal nothing of its content', async () => {
    const secret = join(appliance.folder, 'shadow');
    await writeFile(secret, 'root:$y$j9T$hiddenhash:20000:0:99999:7:::\n', { mode: 0o600 });
    const link = join(appliance.folder, 'link.pub');
    await symlink(secret, link);
    const result = await appliance.ke([program, 'add', 'acme', '--pub-key', link]);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).not.toMatch(/root:|hidden|20000/);
    // The log keeps the order of lines.
    await appliance.logger('after the refusal');
    const log = () => readFile(appliance.syslogFile, 'utf8');
    await waitFor('the log is written', async () => (await log()).includes('after the refusal'));
    expect(await log()).not.toContain('hiddenhash');
  });
});
