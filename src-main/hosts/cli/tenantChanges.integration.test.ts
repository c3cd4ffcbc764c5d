import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { tenantOutcomeSchema, tenantPlanSchema } from '../../../src-shared/model/tenants/tenantPlan.ts';
import { temporaryFiles, tenantState } from '../../../test-support/applianceConsole.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { filesHolding, secretLinesOf, sharedPlaces } from '../../../test-support/filesHolding.ts';
import { makeKey } from '../../../test-support/plainSshd.ts';
import { changeTenant, listNetworks, showTenant } from '../../../test-support/remoteNetworks.ts';
import { startShoutingService, startTenantClient, writeKey } from '../../../test-support/tenantClient.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
let appliance: StockBox;
let folder: string;

beforeAll(async () => {
  appliance = await startStockBox();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-cli-tenants-'));
  const added = await addAppliance('kiln', appliance);
  if (added.code !== 0) throw new Error(added.err);
});
afterAll(async () => {
  await appliance.stop();
  await rm(folder, { recursive: true, force: true });
});

async function sallyport(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [cliProgram, '--data', join(folder, 'data'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

function addAppliance(name: string, { adminUser, host, port, adminKeyFile, hostKey }: StockBox) {
  const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
  return sallyport('appliance', 'add', name, `${adminUser}@${host}:${port}`, ...identity);
}

const tenant = (verb: string, ...argv: string[]) => sallyport('tenant', verb, 'kiln', ...argv);
const because = ['--reason', 'TICKET-7', '--yes'] as const;

/** Runs the command that plans a change. Resolves with its exit code and its errors. */
async function endOfPlan(...words: string[]): Promise<{ code: number | null; err: string }> {
  const { code, err } = await sallyport('tenant', 'plan', ...words);
  return { code, err };
}

const tenants = async () => (await listNetworks(appliance)).tenants;

const stateFile = () => tenantState(appliance);

describe('sallyport tenant', () => {
  test('plans without changing anything, then adds, changes, suspends, resumes and removes', async () => {
    const key = makeKey(folder, 'acme');
    const before = await stateFile();
    const add = ['acme', '--pub-key', `${key.path}.pub`, '--quota', '30'];
    const planned = await sallyport('tenant', 'plan', 'add', 'kiln', ...add);
    expect(planned).toMatchObject({ code: 0, err: '' });
    expect(planned.out).toContain('ke_manage_remote_networks add acme --pub-key PATH --unchanged-since none');
    expect(planned.out).toContain(key.fingerprint);
    const json = await sallyport('--json', 'tenant', 'plan', 'add', 'kiln', ...add);
    expect(tenantPlanSchema.parse(JSON.parse(json.out)).after).toEqual({
      quota: 30,
      ports: [{ first: 2200, last: 2229 }],
    });
    expect(await stateFile()).toBe(before);
    expect(await tenants()).toEqual([]);

    expect(await tenant('add', ...add, ...because)).toMatchObject({
      code: 0,
      out: 'acme was added with 30 ports: 2200–2229.\n',
    });
    expect(await tenant('change', 'acme', '40', ...because)).toMatchObject({ code: 0 });
    expect(await tenant('suspend', 'acme', ...because)).toMatchObject({ code: 0 });
    expect(await tenants()).toMatchObject([{ suspended: true, ports: [{ first: 2200, last: 2239 }] }]);
    expect(JSON.parse((await sallyport('--json', 'tenant', 'list', 'kiln')).out).items).toMatchObject([
      { tenant: { clientId: 'acme', suspended: true }, quotaBefore: 40 },
    ]);
    expect(await tenant('resume', 'acme', ...because)).toMatchObject({
      code: 0,
      out: 'acme is resumed with 40 ports: 2200–2239.\n',
    });
    const wrong = await tenant('remove', 'acme', '--confirm', 'acm', ...because);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(await tenants()).toHaveLength(1);
    expect(await tenant('remove', 'acme', '--confirm', 'acme', ...because)).toMatchObject({
      code: 0,
      out: 'acme was removed.\n',
    });
    expect(await tenants()).toEqual([]);
  });

  test('when any change is planned, changes nothing', async () => {
    await changeTenant(appliance, 'add', 'stark');
    await changeTenant(appliance, 'add', 'wayne');
    await changeTenant(appliance, 'change', '0', 'wayne');
    const before = await stateFile();
    for (const words of [
      ['add', 'kiln', 'globex', '--generate'],
      ['rotate', 'kiln', 'stark', '--generate', '--overlap-hours', '24'],
      ['change', 'kiln', 'stark', '40'],
      ['suspend', 'kiln', 'stark'],
      ['resume', 'kiln', 'wayne', '--quota', '20'],
      ['remove', 'kiln', 'stark'],
    ])
      expect([words, await endOfPlan(...words)]).toEqual([words, { code: 0, err: '' }]);
    expect(await stateFile()).toBe(before);
    expect(await temporaryFiles(appliance)).toEqual([]);
    for (const clientId of ['stark', 'wayne']) await changeTenant(appliance, 'remove', clientId);
  });

  test('prints a generated key once, to a program or into a new file', async () => {
    const begun = Date.now();
    const everywhere = [folder, appliance.folder, ...sharedPlaces, ...appliance.sharedPlaces];
    vi.stubEnv('SALLYPORT_LOG', 'trace');
    onTestFinished(() => void vi.unstubAllEnvs());
    const piped = await tenant('add', 'hooli', '--generate', ...because);
    expect(piped).toMatchObject({ code: 0 });
    const first = secretLinesOf(piped.out);
    expect(await filesHolding(everywhere, first, begun)).toEqual([]);
    const keyFile = join(folder, 'hooli');
    await writeFile(keyFile, piped.out, { mode: 0o600 });
    const shown = spawn('ssh-keygen', ['-y', '-f', keyFile], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(shown, 'exit');
    expect(shown.exitCode).toBe(0);

    const path = join(folder, 'hooli-2');
    const rotate = ['hooli', '--generate', '--private-key-out', path, '--overlap-hours', '24', ...because];
    const filed = await sallyport('--json', 'tenant', 'rotate', 'kiln', ...rotate);
    expect(filed.code).toBe(0);
    expect(filed.out).not.toContain('PRIVATE KEY');
    expect(tenantOutcomeSchema.parse(JSON.parse(filed.out)).tenant?.keys).toHaveLength(2);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const inFile = await readFile(path, 'utf8');
    expect(inFile).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----/u);
    const second = secretLinesOf(inFile);
    expect(await filesHolding(everywhere, second, begun)).toEqual([path]);
    for (const line of [...first, ...second]) expect(piped.err + filed.out + filed.err).not.toContain(line);

    const [known] = await tenants();
    const again = await tenant('rotate', ...rotate);
    expect(again).toMatchObject({ code: 3, out: '' });
    expect(again.err).toContain('already exists; the private key must go to a file that does not exist yet');
    expect((await tenants())[0]).toMatchObject({ keys: known?.keys });
    await tenant('remove', 'hooli', '--confirm', 'hooli', ...because);
  });

  test('adds the tenants of a file, or none if a line is invalid', async () => {
    const keys = ['one', 'two', 'three'].map((name) => makeKey(folder, name).publicKey.trim());
    const good = join(folder, 'good.csv');
    await writeFile(good, `client_id;public_key;quota\r\none;"${keys[0]}";10\r\ntwo;${keys[1]};\r\n`);
    const bad = join(folder, 'bad.csv');
    await writeFile(bad, `client_id,public_key\nthree,${keys[2]}\n$(reboot),${keys[2]}\n`);
    const refused = await tenant('add-many', bad, ...because);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err.split('\n')).toEqual([
      `${bad}: line 3: the client_id must have 1 to 63 characters (a-z, 0-9, dot, dash or underscore) and start with a letter or digit; line 2 has the same key`,
      `sallyport: 1 row of ${bad} can’t be added. Nothing was changed. (INVALID_INPUT)`,
      '',
    ]);
    expect(await tenants()).toEqual([]);
    const added = await sallyport('--json', 'tenant', 'add-many', 'kiln', good, ...because);
    expect(added.code).toBe(0);
    expect(added.err).toBe('');
    expect(JSON.parse(added.out)).toMatchObject({
      format: 1,
      total: 2,
      added: 2,
      skipped: 0,
      items: [
        { index: 0, clientId: 'one', outcome: { state: 'done' } },
        { index: 1, clientId: 'two', outcome: { state: 'done' } },
      ],
    });
    expect((await tenants()).map(({ clientId, quota }) => [clientId, quota])).toEqual([
      ['one', 10],
      ['two', 20],
    ]);
    const again = await tenant('add-many', good, ...because);
    expect(again).toMatchObject({ code: 3 });
    expect(again.out).toContain('1/2 not added: one already exists on the appliance');
    expect(again.err).toContain('0 of 2 tenants were added');
    const third = join(folder, 'third.csv');
    await writeFile(third, `client_id,public_key\none,${keys[0]}\nthree,${keys[2]}\n`);
    const on = await tenant('add-many', third, '--skip-existing', '--progress', ...because);
    expect(on).toMatchObject({ code: 0, out: expect.stringContaining('1/1 added: three was added') });
    expect(on.err).toContain('1 of 2 tenants already exist.');
    expect(on.err).toMatch(/^1\/1 added: three$/mu);
    expect(await tenant('add-many', third, '--skip-existing', ...because)).toMatchObject({
      code: 0,
      out: '',
    });
    const other = join(folder, 'other.csv');
    await writeFile(other, `client_id,public_key\none,${makeKey(folder, 'other').publicKey.trim()}\n`);
    const differs = await tenant('add-many', other, '--skip-existing', ...because);
    expect(differs).toMatchObject({ code: 2, out: '' });
    expect(differs.err).toContain('line 2: one exists with another key');
  });

  test('with --json, prints usage errors as JSON; the help lists the required options', async () => {
    for (const argv of [
      ['change', 'kiln', 'one'],
      ['add', 'kiln', 'x', '--generate'],
      ['nothing'],
      ['add', '--no'],
    ]) {
      const { code, out, err } = await sallyport('--json', 'tenant', ...argv);
      expect([code, out]).toEqual([2, '']);
      expect(JSON.parse(err)).toMatchObject({
        error: { code: 'INVALID_INPUT', message: expect.any(String) },
      });
    }
    expect((await sallyport('tenant', 'add', '--help')).out).toMatch(
      /--reason <text> .*\n? *.*\(required\)/u,
    );
    expect((await sallyport('tenant', 'plan', 'add', '--help')).out).not.toContain('(required)');
  });

  test('when a client is silent, releases the process that the appliance lists', async () => {
    const forge = await startStockBox({
      clientAlive: { intervalSeconds: 1, countMax: 60 },
    });
    onTestFinished(forge.stop);
    const service = await startShoutingService();
    onTestFinished(service.stop);
    expect(await addAppliance('forge', forge)).toMatchObject({ code: 0 });
    const { ports, privateKey } = await changeTenant(forge, 'add', 'acme');
    const port = ports[0]?.first ?? 0;
    const client = startTenantClient(forge, {
      keyFile: await writeKey(forge, privateKey ?? ''),
      options: ['-N', '-T', '-R', `127.0.0.1:${port}:127.0.0.1:${service.port}`],
    });
    onTestFinished(client.stop);
    await waitFor('the tunnel carries traffic', async () => (await forge.ask(port, 'hi\n')) === 'HI\n');
    const release = ['forge', 'acme', `${port}`] as const;
    expect(await sallyport('tenant', 'release', ...release, ...because)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('belongs to a live session'),
    });
    expect(await forge.ask(port, 'there\n')).toBe('THERE\n');

    client.process.kill('SIGSTOP');
    const listed = () => showTenant(forge, 'acme');
    await waitFor('it is silent', async () => (await listed()).sessions[0]?.silentSince != null);
    const pid = (await listed()).forwards.find((forward) => forward.port === port)?.listener?.pid ?? 0;
    expect(await endOfPlan('release', ...release)).toEqual({ code: 0, err: '' });
    expect((await listed()).forwards[0]?.listener?.pid).toBe(pid);
    expect(await sallyport('tenant', 'release', ...release, ...because)).toMatchObject({
      code: 0,
      out: `Process ${pid} was ended; port ${port} is free.\n`,
    });
    expect(await listed()).toMatchObject({ sessions: [], forwards: [] });
    expect(await forge.ask(port, 'gone\n')).toBeNull();
  });

  test('when no process is known, says that nothing can be released', async () => {
    const { code, err } = await sallyport('tenant', 'plan', 'release', 'kiln', 'one', '2200');
    expect([code, err]).toEqual([3, expect.stringContaining('No known process holds port 2200 of one')]);
  });

  test('rejects invalid input with the exit code of its error, and changes nothing', async () => {
    const key = makeKey(folder, 'odd');
    const withOptions = join(folder, 'options.pub');
    await writeFile(withOptions, `command="sh" ${key.publicKey}`);
    const huge = join(folder, 'huge.pub');
    await writeFile(huge, 'A'.repeat(1024 * 1024));
    const before = await stateFile();
    const given = ['--pub-key', `${key.path}.pub`];
    const cases: [number, string[]][] = [
      [2, ['add', 'kiln', 'odd\nroot', ...given, ...because]],
      [2, ['add', 'kiln', '$(reboot)', ...given, ...because]],
      [2, ['add', 'kiln', `"'; true`, ...given, ...because]],
      [2, ['add', 'kiln', 'a'.repeat(100_000), ...given, ...because]],
      [2, ['add', 'kiln', 'odd', '--pub-key', withOptions, ...because]],
      [2, ['add', 'kiln', 'odd', '--pub-key', huge, ...because]],
      [2, ['add', 'kiln', 'odd', '--pub-key', key.path, ...because]],
      [2, ['add', 'kiln', 'odd', '--pub-key', join(folder, 'nothing'), ...because]],
      [2, ['add', 'kiln', 'odd', '--generate', ...given, ...because]],
      [2, ['add', 'kiln', 'odd', ...because]],
      [2, ['add', 'kiln', 'odd', ...given, '--quota', '2990', ...because]],
      [2, ['add', 'kiln', 'odd', ...given, '--yes']],
      [2, ['add', 'kiln', 'odd', ...given, '--reason', 'x']],
      [3, ['add', 'kiln', 'one', '--pub-key', join(folder, 'one.pub'), ...because]],
      [3, ['suspend', 'kiln', 'nobody', ...because]],
      [3, ['change', 'kiln', 'two', '20', ...because]],
      [3, ['suspend', 'mill', 'one', ...because]],
      [2, ['resume', 'kiln', 'nobody', ...because]],
      [2, ['remove', 'kiln', 'one', ...because]],
      [2, ['release', 'kiln', 'one', '2200', '--pid', '1', ...because]],
      [2, ['release', 'kiln', 'one', '2200', '--pid', '4000', ...because]],
    ];
    for (const [code, argv] of cases) {
      const ended = await sallyport('tenant', ...argv);
      const name = argv.join(' ').slice(0, 80);
      expect([name, ended.code, ended.out]).toEqual([name, code, '']);
      expect(ended.err).not.toContain('PRIVATE KEY');
    }
    expect(await stateFile()).toBe(before);
  });
});
