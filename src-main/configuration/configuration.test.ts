import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConfigurationDriver } from '../driver/configurationCommands.ts';
import type { Session } from '../ssh/types.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { filesHolding } from '../../test-support/filesHolding.ts';
import { startKitAppliance, type KitAppliance } from '../../test-support/kitAppliance.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { createConfiguration } from './configuration.ts';

/* The console's half with the kit's real commands, without SSH between them. */

const reason = 'OPS-4711';
const password = 'planted-database-password';
const secretKey = 'planted-secret-key';
const present = `# north office
hostname: box.example
db:
  password: ${password} # of the database
  port: 5432
api:
  secret_key: ${secretKey}
`;

let kit: KitAppliance;
let site: TestServices;
let configuration: ReturnType<typeof createConfiguration>;
let applianceId: string;
/** Runs after each change on the appliance, before the console reads it back. */
let afterChange: () => Promise<void>;
let begun: number;
/** The kit does not say that it keeps who made a change. */
let isOldKit: boolean;

const filePath = () => kit.config.configuration;

beforeEach(async () => {
  begun = Date.now();
  kit = await startKitAppliance();
  await mkdir(join(kit.folder, 'data'), { recursive: true });
  await writeFile(filePath(), present);
  site = createTestServices();
  afterChange = () => Promise.resolve();
  isOldKit = false;
  const { inventory, audit } = site.services;
  applianceId = inventory.add(anInput('kiln'), []).id;
  const run: Session['run'] = async ({ argv, stdin }) => {
    const ended = await kit.ke(argv, stdin?.toString() ?? '');
    if (!argv.includes('show') && !argv.includes('--dry-run')) await afterChange();
    const stdout = isOldKit ? ended.stdout.replace(/,"keepsCause":true/u, '') : ended.stdout;
    return { ...ended, stdout, signal: null };
  };
  const driver = { configuration: createConfigurationDriver({ run, privileged: true }) };
  const links = {
    hold: () => () => undefined,
    waitUntilSettled: () => Promise.resolve(connected),
    of: () => ({ driver }),
  };
  configuration = createConfiguration({ inventory, links, audit, clock: Date.now, operator: 'm.ivers' });
});
afterEach(async () => {
  await site.close();
  await kit.stop();
});

const connected = {
  state: 'connected' as const,
  since: '2026-11-20T09:00:00.000Z',
  latencyMs: null,
  lastHeardAt: '2026-11-20T09:00:00.000Z',
  serverSoftware: 'OpenSSH_9.2p1',
  algorithms: { kex: '', hostKey: '', cipher: '', mac: '', weak: [] },
};

async function show() {
  return (await configuration.show({ applianceId, version: null })).shown;
}
const onDisk = () => readFile(filePath(), 'utf8');
const recorded = () =>
  site.services.audit
    .list({ before: null, limit: 50, query: 'configuration' })
    .records.toReversed()
    .map(({ event, phase, errorCode, result }) => `${event} ${phase} ${errorCode ?? result}`);

test('when a masked candidate is applied, its secrets stay and its comments too', async () => {
  const { text, digest } = await show();
  for (const secret of [password, secretKey]) expect(text).not.toContain(secret);
  const candidate = text.replace('5432', '5433');
  const { output } = await configuration.check({ applianceId, text: candidate, unchangedSince: digest });
  expect(output).toMatchObject({
    outcome: 'acceptable',
    changes: [{ path: 'db.port', before: '5432', after: '5433' }],
  });
  expect(await onDisk()).toBe(present);
  expect(recorded()).toEqual([]);
  const change = { applianceId, text: candidate, unchangedSince: digest, reason };
  expect(await configuration.apply(change)).toMatchObject({
    output: { outcome: 'applied' },
    readBack: 'same',
  });
  expect(await onDisk()).toBe(present.replace('5432', '5433'));
  expect(recorded()).toEqual(['configuration.apply intent pending', 'configuration.apply outcome ok']);
});

test('when a version is rolled back, the earlier content is whole again', async () => {
  const before = await show();
  const text = before.text.replace('box.example', 'other.example');
  await configuration.apply({ applianceId, text, unchangedSince: before.digest, reason });
  const after = await show();
  const version = after.versions.find(({ digest }) => digest === before.digest);
  const rolled = await configuration.rollBack({
    applianceId,
    number: version?.number ?? 0,
    unchangedSince: after.digest,
    reason,
  });
  expect(rolled.readBack).toBe('same');
  expect(await onDisk()).toBe(present);
});

test('when a change is made, the appliance keeps who wanted it and why with each version', async () => {
  const hostile = '--dry-run $(id) \n\u202e \ufffd';
  const before = await show();
  expect(before.keepsCause).toBe(true);
  const text = before.text.replace('box.example', 'other.example');
  await configuration.apply({ applianceId, text, unchangedSince: before.digest, reason: hostile });
  const { digest } = await show();
  await configuration.rollBack({ applianceId, number: 1, unchangedSince: digest, reason: 'x'.repeat(500) });
  const cause = { account: 'test', name: 'm.ivers' };
  expect((await show()).versions.map((version) => version.cause)).toEqual([
    { ...cause, reason: 'x'.repeat(500) },
    { ...cause, reason: expect.stringMatching(/^--dry-run \$\(id\) [^\n\u202e]+\?$/u) },
    null,
  ]);
});

test('when the kit is too old to keep reasons, a change is made without its options', async () => {
  isOldKit = true;
  const { text, digest } = await show();
  const change = { applianceId, text: text.replace('5432', '5433'), unchangedSince: digest, reason };
  expect(await configuration.apply(change)).toMatchObject({ readBack: 'same' });
  expect((await show()).versions.map(({ cause }) => cause?.reason)).toEqual([null, undefined]);
});

test('when the read-back differs, rolls back and records it', async () => {
  const { text, digest } = await show();
  afterChange = async () => {
    afterChange = () => Promise.resolve();
    await writeFile(filePath(), present.replace('5432', '9999'));
  };
  const candidate = text.replace('5432', '5433');
  const change = { applianceId, text: candidate, unchangedSince: digest, reason };
  expect((await configuration.apply(change)).readBack).toBe('rolled-back');
  expect(await onDisk()).toBe(present);
  expect(recorded()).toEqual([
    'configuration.apply intent pending',
    'configuration.apply outcome ok',
    'configuration.rollback intent pending',
    'configuration.rollback outcome ok',
    'configuration.apply event VERIFICATION_FAILED',
  ]);
});

test('when the rollback does not help either, says that the content differs and records the failure', async () => {
  const { text, digest } = await show();
  let port = 9000;
  afterChange = () => writeFile(filePath(), present.replace('5432', `${(port += 1)}`));
  const change = { applianceId, text: text.replace('5432', '5433'), unchangedSince: digest, reason };
  expect((await configuration.apply(change)).readBack).toBe('different');
  expect(recorded().slice(2)).toEqual([
    'configuration.rollback intent pending',
    'configuration.rollback outcome VERIFICATION_FAILED',
    'configuration.apply event VERIFICATION_FAILED',
  ]);
});

test('when the appliance has changed since it was read, rejects with CONFLICT', async () => {
  const { text, digest } = await show();
  await writeFile(filePath(), present.replace('box.example', 'elsewhere.example'));
  const change = { applianceId, text, unchangedSince: digest, reason };
  await expect(configuration.apply(change)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await onDisk()).toContain('elsewhere.example');
});

test.each([
  ['an invalid port', 'db:\n  port: 99999\n', 'db.port'],
  ['a mask where no secret is held', 'smtp:\n  password: "••••••••"\n', 'smtp.password'],
  ['no YAML', 'db: {', ''],
])('when a candidate has %s, rejects it and records the refusal', async (_, text, path) => {
  const { digest } = await show();
  const { output } = await configuration.check({ applianceId, text, unchangedSince: digest });
  expect(output.outcome).toBe('refused');
  expect(output.problems[0]?.path).toBe(path);
  const change = { applianceId, text, unchangedSince: digest, reason };
  await expect(configuration.apply(change)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await onDisk()).toBe(present);
  expect(recorded()).toEqual([
    'configuration.apply intent pending',
    'configuration.apply outcome INVALID_INPUT',
  ]);
});

test('when an appliance is locked, rejects with APPLIANCE_LOCKED', async () => {
  const { text, digest } = await show();
  site.services.inventory.setLock(applianceId, true);
  const change = { applianceId, text, unchangedSince: digest, reason };
  await expect(configuration.apply(change)).rejects.toMatchObject({
    code: 'APPLIANCE_LOCKED',
    message: 'kiln is locked: its configuration can’t be changed.',
  });
});

test('the secrets are found nowhere in the console’s data', async () => {
  const typed = 'planted-new-password';
  const { text, digest } = await show();
  const candidate = text.replace(/password: .*/u, `password: ${typed}`);
  await configuration.apply({ applianceId, text: candidate, unchangedSince: digest, reason });
  expect(await onDisk()).toContain(typed);
  expect(site.logged()).not.toContain('planted-');
  expect(await filesHolding([site.dataFolder], [password, secretKey, typed], begun)).toEqual([]);
});
