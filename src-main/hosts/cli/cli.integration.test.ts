import Database from 'better-sqlite3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import packageFile from '../../../package.json' with { type: 'json' };
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { expectWithin } from '../../../test-support/expectWithin.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { untilLogged } from '../../../test-support/untilLogged.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { readBuildRecord } from '../../base/buildRecord.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
let appliance: StockBox;
let folder: string;
let target: string;
let identity: string;

beforeAll(async () => {
  appliance = await startStockBox();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-cli-'));
  target = `${appliance.adminUser}@${appliance.host}:${appliance.port}`;
  identity = appliance.adminKeyFile;
});
afterAll(async () => {
  await appliance.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cliProgram, ...dataArgv(...argv)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const dataArgv = (...argv: string[]) => ['--data', join(folder, 'data'), ...argv];
const sallyport = (...argv: string[]) => runSallyport(dataArgv(...argv));

const coloured = async (...argv: string[]) =>
  (await runSallyport(dataArgv(...argv), { env: { ...process.env, FORCE_COLOR: '1' } })).out;

function add(name: string, ...more: string[]) {
  return sallyport('appliance', 'add', name, target, '--identity', identity, '--sudo', 'nopasswd', ...more);
}

const statusSchema = z.array(
  z.object({
    name: z.string(),
    link: z.object({ state: z.string() }),
    tone: z.string(),
    versions: z.object({ appliance: z.string() }).nullable(),
    licence: z.object({ state: z.string() }).nullable(),
    tenants: z.object({ total: z.number() }).nullable(),
    ports: z.object({ allotted: z.number(), listening: z.number() }).nullable(),
    problems: z.array(z.object({ code: z.string() })),
    observedAt: z.string().nullable(),
    error: z.object({ code: z.string() }).nullable(),
  }),
);

/** Returns the `items` in the output of a command with `--json`. */
function itemsOf<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  return schema.parse(z.object({ format: z.literal(1), items: z.unknown() }).parse(JSON.parse(text)).items);
}

async function status(...names: string[]) {
  const { code, out, err } = await sallyport('--json', 'status', ...names);
  return { code, err, all: itemsOf(statusSchema, out) };
}

test('rejects invalid arguments with exit code 2, in one line, and changes nothing', async () => {
  const cases = [
    ['nonsense'],
    ['appliance', 'add', 'kiln', target],
    ['appliance', 'add', 'kiln', 'no-user.example', '--identity', identity],
    ['appliance', 'add', 'kiln', 'root@-oProxyCommand=x', '--identity', identity],
    ['appliance', 'add', 'kiln', 'root@h:99999', '--identity', identity],
    ['appliance', 'add', 'Kiln!', target, '--identity', identity],
    ['appliance', 'add', 'kiln', target, '--identity', identity, '--host-key', 'MD5:00'],
    ['appliance', 'add', 'kiln', target, '--identity', join(folder, 'nothing')],
    ['syslog', 'tail', 'kiln', '--lines', '-1'],
  ];
  for (const argv of cases) {
    const { code, out, err } = await sallyport(...argv);
    expect([argv, code, out]).toEqual([argv, 2, '']);
    expect(err.trim().split('\n')).toHaveLength(1);
  }
  expect(JSON.parse((await sallyport('--json', 'appliance', 'list')).out)).toEqual({ format: 1, items: [] });
});

test('when help or the version is asked for, it is printed and the exit code is 0', async () => {
  const usage = /^Usage: sallyport tenant add /u;
  for (const argv of [
    ['help', 'tenant', 'add'],
    ['tenant', 'help', 'add'],
    ['tenant', 'add', '--help'],
  ])
    expect([argv, await sallyport(...argv)]).toEqual([
      argv,
      { code: 0, err: '', out: expect.stringMatching(usage) },
    ]);
  expect(await sallyport('help')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('doctor') });
  expect(await sallyport('help', 'tenant', 'nonsense')).toMatchObject({ code: 2, out: '' });
  const { version } = packageFile;
  for (const argv of [['--version'], ['-V'], ['version']]) {
    expect(await sallyport(...argv)).toEqual({
      code: 0,
      err: '',
      out: expect.stringMatching(
        new RegExp(String.raw`^sallyport ${version}(?: \(commit [0-9a-f]{12}, [^\n()]+\))?\n$`, 'u'),
      ),
    });
    const { out } = await sallyport(...argv, '--json');
    expect(JSON.parse(out)).toEqual({
      format: 1,
      version,
      node: process.versions.node,
      build: readBuildRecord(join(cliProgram, '..')),
    });
  }
});

test('when there are no appliances, each list says so and how to add one', async () => {
  const sentence = 'No appliances yet. Add one: sallyport appliance add NAME USER@HOST --identity FILE\n';
  for (const argv of [['appliance', 'list'], ['status'], ['port', 'list'], ['port', 'capacity']])
    expect([argv, await sallyport(...argv)]).toEqual([argv, { code: 0, err: '', out: sentence }]);
});

test('when the host key is unknown, exits with 9, the fingerprint and the command that pins it', async () => {
  expect(await add('kiln')).toMatchObject({ code: 0, err: '' });
  const { code, err, all } = await status();
  const { fingerprint } = appliance.hostKey();
  expect(code).toBe(9);
  expect(err).toContain(`--host-key ${fingerprint}`);
  expect(all).toMatchObject([
    { name: 'kiln', tone: 'warn', versions: null, error: { code: 'HOST_KEY_UNKNOWN' } },
  ]);
  expect(await sallyport('appliance', 'remove', 'kiln')).toMatchObject({ code: 2, out: '' });
  expect(await sallyport('appliance', 'show', 'kiln')).toMatchObject({ code: 0 });
  expect(await sallyport('appliance', 'remove', 'kiln', '--yes')).toMatchObject({ code: 0 });
  expect(await add('kiln', '--host-key', fingerprint)).toMatchObject({ code: 0 });
  expect(await status()).toMatchObject({ code: 0, err: '' });
});

test('when a name is taken or unknown, exits with 3', async () => {
  expect(await add('kiln')).toMatchObject({ code: 3 });
  for (const argv of [
    ['appliance', 'show', 'none'],
    ['appliance', 'remove', 'none'],
    ['status', 'none'],
    ['tenant', 'list', 'none'],
    ['port', 'list', 'none'],
    ['syslog', 'tail', 'none'],
  ])
    expect([argv, (await sallyport(...argv)).code]).toEqual([argv, 3]);
});

test('when an appliance can’t be reached, still lists the others', async () => {
  const refused = ['appliance', 'add', 'dead', 'root@127.0.0.1:1', '--identity', identity];
  expect(await sallyport(...refused)).toMatchObject({ code: 0 });
  const wrongKey = join(folder, 'wrong');
  const keygen = spawn('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', wrongKey]);
  await once(keygen, 'exit');
  // The entry uses the appliance as its own jump host, because two entries with the same address are refused.
  await sallyport('appliance', 'add', 'locked', target, '--jump', target, '--identity', wrongKey);
  const { code, err, all } = await status();
  expect(code).toBe(8);
  expect(all.map((one) => [one.name, one.error?.code ?? null])).toEqual([
    ['dead', 'CONNECT_FAILED'],
    ['kiln', null],
    ['locked', 'AUTHENTICATION_FAILED'],
  ]);
  expect(all[1]).toMatchObject({
    link: { state: 'connected' },
    tone: 'ok',
    versions: { appliance: appliance.config.applianceVersion },
    licence: { state: 'not-required' },
    problems: [],
  });
  expect(err).toContain('dead: ');
  expect(err).toContain('locked: ');
  expect((await status('kiln')).code).toBe(0);
  // An appliance without an answer fails `--fail-on` for monitoring; a healthy appliance does not.
  for (const level of ['warn', 'bad']) {
    expect(await sallyport('status', 'kiln', '--fail-on', level)).toMatchObject({ code: 0, err: '' });
    const { code: failed, err: names } = await sallyport('status', '--fail-on', level);
    expect(failed).toBe(1);
    expect(names.trimEnd().split('\n').at(-1)).toBe(
      `sallyport: --fail-on ${level}: dead (no answer), locked (no answer)`,
    );
  }
  for (const name of ['dead', 'locked']) await sallyport('appliance', 'remove', name, '--yes');
});

test('verifies a jump host like the appliance', async () => {
  const { fingerprint } = appliance.hostKey();
  // Gives the appliance a second address, so that its sshd can also be the jump host.
  const other = appliance.host.replace(/\d+$/u, (last) => `${Number(last) + 1}`);
  await appliance.system.mustRun([
    'ip',
    'addr',
    'add',
    `${other}/28`,
    'dev',
    appliance.system.cable.devices[1],
  ]);
  const through = ['--jump', `${appliance.adminUser}@${other}:${appliance.port}`];
  expect(await add('far', '--host-key', fingerprint, ...through)).toMatchObject({ code: 0 });
  const unknown = await status('far');
  expect(unknown.code).toBe(9);
  expect(unknown.err).toContain(`--jump-host-key ${fingerprint}`);
  await sallyport('appliance', 'remove', 'far', '--yes');
  const wrong = `SHA256:${'A'.repeat(43)}`;
  await add('far', ...through, '--jump-host-key', wrong);
  expect(await status('far')).toMatchObject({ code: 9, all: [{ error: { code: 'HOST_KEY_CHANGED' } }] });
  await sallyport('appliance', 'remove', 'far', '--yes');
  await add('far', ...through, '--jump-host-key', fingerprint);
  expect(await status('far')).toMatchObject({ code: 0, all: [{ link: { state: 'connected' } }] });
  await sallyport('appliance', 'remove', 'far', '--yes');
});

test('lists the tenants and ports of the appliance', async () => {
  await appliance.ke(['ke_manage_remote_networks', 'add', 'acme', '--json']);
  const tenants = itemsOf(z.array(z.unknown()), (await sallyport('--json', 'tenant', 'list', 'kiln')).out);
  expect(tenants).toMatchObject([
    { applianceName: 'kiln', tenant: { clientId: 'acme', quota: 20 }, tunnels: [{ code: 'T-3004' }] },
  ]);
  expect((await sallyport('tenant', 'list', 'kiln', 'acme')).out).toMatch(
    /^TENANT .*\nacme +20 +20 +2200–2219/u,
  );
  expect(await sallyport('tenant', 'list', 'kiln', 'nobody')).toMatchObject({ code: 3, out: '' });
  expect(itemsOf(z.array(z.unknown()), (await sallyport('--json', 'port', 'list')).out)).toMatchObject([
    { applianceName: 'kiln', clientId: 'acme', port: null, code: 'T-3004', chain: 'oouuuu' },
  ]);
});

test('when colours are shown, a state has that of its tone, and one that is only remembered is never green', async () => {
  const state = 'No licence required';
  expect(await coloured('tenant', 'list', 'kiln')).toMatch(/\u001b\[\d+mT-3004 [^\u001b]+\u001b\[39m/u);
  expect(await coloured('licence', 'show', 'kiln')).toContain(`\u001b[32m${state}\u001b[39m`);
  expect((await sallyport('licence', 'show', 'kiln')).out).toContain(`  ${state}  `);
  await appliance.stopSshd();
  try {
    expect(await coloured('licence', 'show', 'kiln')).toContain(`\u001b[90m${state}\u001b[39m`);
  } finally {
    await appliance.startSshd();
  }
});

test('when an appliance refuses to answer, exits with an error instead of an empty list', async () => {
  const { fingerprint } = appliance.hostKey();
  // The entry needs the sudo password for ke_ commands. The test never enters it, so these commands fail.
  const given = [
    target,
    '--jump',
    target,
    '--identity',
    identity,
    '--sudo',
    'password',
    '--host-key',
    fingerprint,
  ];
  expect(await sallyport('appliance', 'add', 'mute', ...given)).toMatchObject({ code: 0 });
  for (const argv of [
    ['tenant', 'list', 'mute'],
    ['port', 'list', 'mute'],
    ['status', 'mute'],
  ]) {
    const { code, out, err } = await sallyport(...argv);
    expect([argv, code]).not.toEqual([argv, 0]);
    expect(err).toMatch(/^sallyport: mute: .*\([A-Z_]+\)\n$/u);
    expect(out).not.toContain('no tenants');
  }
  await sallyport('appliance', 'remove', 'mute', '--yes');
});

test('prints the last lines of the log without terminal control characters', async () => {
  await appliance.logger('red \u001b[31mherring');
  await untilLogged(appliance, 'herring');
  const { code, out } = await sallyport('syslog', 'tail', 'kiln', '--lines', '40');
  expect(code).toBe(0);
  expect(out).not.toContain('\u001b');
  expect(out).toContain('herring');
  expect(out.trim().split('\n').length).toBeLessThanOrEqual(40);
});

test('follows the log as JSON lines and ends at a signal', async () => {
  const child = start(['--json', 'syslog', 'tail', 'kiln', '--lines', '1', '--follow']);
  if (child.stdout === null) throw new Error('no output');
  const messages: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) =>
    messages.push(z.object({ message: z.string() }).parse(JSON.parse(line)).message),
  );
  await waitFor('the last line', () => messages.length > 0);
  await expectWithin(5000, async () => {
    await appliance.logger('news of the day');
    await waitFor('the new line', () => messages.includes('news of the day'));
  });
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
});

test('when the reader of --follow closes the pipe, ends without waiting for the next line', async () => {
  const words = [
    cliProgram,
    '--data',
    join(folder, 'data'),
    'syslog',
    'tail',
    'kiln',
    '--lines',
    '2',
    '--follow',
  ];
  // `head` ends after one line and closes the pipe. The exit code is printed on stderr, outside the pipe.
  const script = `{ "$@"; echo "exit $?" >&2; } | head -n 1`;
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await waitFor('it has ended', () => err.includes('exit'));
  expect(err).toBe('exit 0\n');
});

test('when a host key has changed, exits with 9 and names both keys', async () => {
  const before = appliance.hostKey().fingerprint;
  const after = (await appliance.rotateHostKey()).fingerprint;
  const { code, err } = await status();
  expect(code).toBe(9);
  expect(err).toContain(before);
  expect(err).toContain(after);
  expect(await sallyport('syslog', 'tail', 'kiln')).toMatchObject({ code: 9, out: '' });
  expect(await sallyport('tenant', 'list', 'kiln')).toMatchObject({ code: 9, out: '' });
});

test('verifies the trail, and exits with 7 after a record was changed', async () => {
  const good = await sallyport('--json', 'audit', 'verify');
  expect(good.code).toBe(0);
  expect(JSON.parse(good.out)).toMatchObject({ format: 1, ok: true, unfinished: [] });
  const listed = itemsOf(
    z.array(z.object({ event: z.string() })),
    (await sallyport('--json', 'audit', 'list', '--limit', '500')).out,
  );
  expect(listed.map((record) => record.event)).toEqual(
    expect.arrayContaining(['appliance.add', 'appliance.remove', 'link.up', 'link.stopped', 'syslog.tail']),
  );
  const sqlite = new Database(join(folder, 'data/store.db'));
  sqlite.exec("DROP TRIGGER audit_no_update; UPDATE audit SET object = 'mill' WHERE seq = 2");
  sqlite.close();
  const bad = await sallyport('audit', 'verify');
  expect(bad).toMatchObject({ code: 7, out: expect.stringContaining('Broken at record 2') });
});

test('when the data is from a newer Sallyport, rejects it in one line', async () => {
  const other = join(folder, 'other');
  await sallyport('--data', other, 'appliance', 'list');
  const sqlite = new Database(join(other, 'store.db'));
  sqlite.pragma('user_version = 999');
  sqlite.close();
  const { code, err } = await sallyport('--data', other, 'appliance', 'list');
  expect(code).toBe(1);
  expect(err).toMatch(/^sallyport: The data was written by a newer Sallyport .*\(STORE_FROM_FUTURE\)\n$/u);
});
