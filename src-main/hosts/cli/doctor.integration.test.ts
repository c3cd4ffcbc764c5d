import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { addAdministrator, makeKey, startBareBox } from '../../../test-support/bareBox.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';

const checksSchema = z.object({
  format: z.literal(1),
  items: z.array(
    z.object({
      about: z.enum(['this computer', 'appliance']),
      name: z.string(),
      state: z.enum(['ok', 'warn', 'bad', 'not checked']),
      evidence: z.string(),
      advice: z.string().nullable(),
    }),
  ),
});

let appliance: StockBox;
let folder: string;

beforeAll(async () => {
  appliance = await startStockBox();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-doctor-'));
});
afterAll(async () => {
  await appliance.stop();
  await rm(folder, { recursive: true, force: true });
});

const sallyport = (...argv: string[]) => runSallyport(['--data', join(folder, 'data'), ...argv]);

async function add(name: string, target: string, ...more: string[]) {
  const identity = ['--identity', appliance.adminKeyFile];
  expect(await sallyport('appliance', 'add', name, target, ...identity, ...more)).toMatchObject({ code: 0 });
}

async function doctor(...names: string[]) {
  const { code, out, err } = await sallyport('--json', 'doctor', ...names);
  const { items } = checksSchema.parse(JSON.parse(out));
  const states = (about: string) =>
    Object.fromEntries(items.filter((one) => one.about === about).map((one) => [one.name, one.state]));
  return { code, err, items, computer: states('this computer'), appliance: states('appliance') };
}

const here = (user = appliance.adminUser) => `${user}@${appliance.host}:${appliance.port}`;

// Runs first, because the other tests pin the host key. A pin belongs to host and port, not to the entry.
test('when the host key is unknown, login is not checked', async () => {
  await add('new', here());
  const { code, items, appliance: checks } = await doctor('new');
  expect(code).toBe(1);
  expect(checks).toMatchObject({ reachable: 'ok', 'host key': 'bad', login: 'not checked' });
  const hostKey = items.find((one) => one.name === 'host key');
  expect(hostKey?.evidence).toContain(appliance.hostKey().fingerprint);
  expect(hostKey?.advice).toContain('--host-key');
});

test('when an appliance is OK, every check has evidence and the exit code is 0', async () => {
  await sallyport('appliance', 'remove', 'new', '--yes');
  await add('kiln', here(), '--host-key', appliance.hostKey().fingerprint);
  // Both at once: only one of them has the right to keep the log's lines.
  const [{ code, err, items, computer, appliance: checks }, text] = await Promise.all([
    doctor('kiln'),
    sallyport('doctor', 'kiln'),
  ]);
  expect(err).toBe('');
  expect(computer).toMatchObject({ Node: 'ok', 'data folder': 'ok', data: 'ok', disk: 'ok', clock: 'ok' });
  expect(checks).toMatchObject({
    reachable: 'ok',
    'host key': 'ok',
    login: 'ok',
    ke_status: 'ok',
    ke_manage_remote_networks: 'ok',
    ke_manage_license_key: 'ok',
    log: 'ok',
    versions: 'ok',
    clock: 'ok',
  });
  const evidence = (name: string) => items.find((one) => one.name === name)?.evidence;
  expect(evidence('host key')).toContain(appliance.hostKey().fingerprint);
  expect(evidence('login')).toContain(appliance.adminKeyFile);
  expect(evidence('versions')).toContain(`appliance ${appliance.config.applianceVersion}`);
  expect(items.filter((one) => one.state === 'bad')).toEqual([]);
  expect(code).toBe(0);
  expect(text.code).toBe(0);
  expect(text.out).toMatch(/^kiln +ke_status +ok +Works with sudo: kit /mu);
  expect(text.out).toMatch(/^kiln +log +ok +Last line: /mu);
});

test('when an appliance does not answer, no later check is ok', async () => {
  await add('dead', 'root@127.0.0.1:1');
  const { code, items, appliance: checks } = await doctor('dead');
  expect(code).toBe(1);
  expect(checks).toMatchObject({ reachable: 'bad', 'host key': 'not checked', login: 'not checked' });
  expect(new Set(Object.values(checks))).toEqual(new Set(['bad', 'not checked']));
  expect(items.find((one) => one.name === 'reachable')?.advice).toContain('firewall');
});

test('when sudo refuses, each command says so and dependent checks are not run', async () => {
  await addAdministrator(appliance.system, { user: 'guest', keyFile: appliance.adminKeyFile });
  await add('mute', here('guest'), '--host-key', appliance.hostKey().fingerprint);
  const { code, items, appliance: checks } = await doctor('mute');
  expect(code).toBe(1);
  expect(checks).toMatchObject({
    login: 'ok',
    ke_status: 'bad',
    ke_manage_remote_networks: 'bad',
    ke_manage_license_key: 'bad',
    versions: 'not checked',
    services: 'not checked',
    clock: 'not checked',
    disk: 'not checked',
  });
  expect(items.find((one) => one.name === 'ke_status')).toMatchObject({
    evidence: expect.stringContaining('sudo: a password is required'),
    advice: 'Allow ke_status in sudo; install.sh --admin guest writes the rule.',
  });
});

test('when the jump host fails, no check of the appliance is ok', async () => {
  const jump = here('nobody');
  await add('behind', 'root@127.0.0.1:1', '--jump', jump);
  const { code, items, appliance: checks } = await doctor('behind');
  expect(code).toBe(1);
  expect(checks).toMatchObject({ [`jump host ${jump}`]: 'bad', reachable: 'not checked' });
  expect(new Set(Object.values(checks))).toEqual(new Set(['bad', 'not checked']));
  expect(items.find((one) => one.state === 'bad' && one.about === 'appliance')?.evidence).toContain(jump);
});

test('when the kit is not installed, says that and does not blame sudo', async () => {
  const bare = await startBareBox();
  try {
    const keyFile = join(folder, 'bare');
    await makeKey(keyFile);
    await addAdministrator(bare.system, { user: 'ubuntu', keyFile });
    const target = `ubuntu@${bare.host}:${bare.port}`;
    const given = ['--identity', keyFile, '--host-key', bare.sshd.hostKey().fingerprint];
    expect(await sallyport('appliance', 'add', 'bare', target, ...given)).toMatchObject({ code: 0 });
    const { code, items, appliance: checks } = await doctor('bare');
    expect(code).toBe(1);
    expect(checks).toMatchObject({ login: 'ok', ke_status: 'bad', versions: 'not checked' });
    for (const name of ['ke_status', 'ke_manage_remote_networks', 'ke_manage_license_key'])
      expect(items.find((one) => one.name === name)).toMatchObject({
        evidence: `${name} is not installed on this appliance.`,
        advice: expect.stringMatching(/install\.sh --admin ubuntu\. README\.md/u),
      });
  } finally {
    await bare.stop();
  }
});

test('when others may read the data folder, warns; an unknown appliance is NOT_FOUND', async () => {
  await chmod(join(folder, 'data'), 0o755);
  const { code, computer, items } = await doctor();
  expect(computer).toMatchObject({ 'data folder': 'warn' });
  expect(items.find((one) => one.name === 'data folder')?.evidence).toContain('had mode 0755');
  expect(items.every((one) => one.about === 'this computer')).toBe(true);
  expect(code).toBe(0);
  expect(await sallyport('doctor', 'none')).toMatchObject({ code: 3, out: '' });
});

test('when the data is from a newer Sallyport, still checks this computer', async () => {
  const { default: Database } = await import('better-sqlite3');
  const other = join(folder, 'newer');
  await runSallyport(['--data', other, 'appliance', 'list']);
  const sqlite = new Database(join(other, 'store.db'));
  sqlite.pragma('user_version = 999');
  sqlite.close();
  const { code, out } = await runSallyport(['--data', other, '--json', 'doctor']);
  const { items } = checksSchema.parse(JSON.parse(out));
  expect(code).toBe(1);
  expect(items.map((one) => [one.name, one.state])).toEqual(
    expect.arrayContaining([
      ['Node', 'ok'],
      ['data', 'bad'],
    ]),
  );
});
