import { once } from 'node:events';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { importOutputSchema, requestOutputSchema } from '../../src-shared/model/licence/licenceCommands.ts';
import { aclFor, attributeArgv } from '../../test-support/extendedAttributes.ts';
import { filesHolding } from '../../test-support/filesHolding.ts';
import { readRequest } from '../../test-support/licenceKit.ts';
import { addAuthority } from '../../test-support/licenceSupply.ts';
import { killTree } from '../../test-support/processTree.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const program = 'ke_manage_license_key';
const secret = 'planted-database-password';
const configurationOf = (name: string) => `# North office.\nhostname: ${name}\ndb:\n  password: ${secret}\n`;
let box: StockBox;
const begun = Date.now();
let sign: (changes?: Partial<LicencePayload>) => Promise<string>;

beforeAll(async () => {
  box = await startStockBox();
  sign = await addAuthority(box.config);
  await mkdir(join(box.config.configuration, '..'), { recursive: true });
  await writeFile(box.config.configuration, configurationOf('host-0'), { mode: 0o600 });
});
afterAll(() => box.stop());

async function answer(changes: Partial<LicencePayload>): Promise<string> {
  const { stdout } = await box.ke([program, 'request', '--json']);
  const { id, nonce } = readRequest(requestOutputSchema.parse(JSON.parse(stdout)).request);
  return sign({ request: { id, nonce }, ...changes });
}

const show = async () => (await box.ke([program, 'show'])).stdout;

describe('the administrator of a stock box', () => {
  it('renews the licence offline with files, as documented', async () => {
    const asAdmin = { user: box.adminUser };
    const home = (name: string) => join(box.adminHome, name);
    const run = (line: string) => box.system.run(['sh', '-c', `cd && ${line}`], asAdmin);
    expect(await run(`sudo -n ${program} request > request.jws`)).toMatchObject({ exitCode: 0, stderr: '' });
    const { id, nonce } = readRequest(await readFile(home('request.jws'), 'utf8'));
    await writeFile(home('answer.jws'), await sign({ sequence: 1, request: { id, nonce } }));
    for (const verb of ['verify', 'import --dry-run', 'import'])
      expect(await run(`sudo -n ${program} ${verb} answer.jws`)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await show()).toMatch(/^State {4}valid: .+\n.+\nSequence 1\n/u);
    expect(await run(`sudo -n ${program} receipt > receipt.jws`)).toMatchObject({ exitCode: 0 });
    const again = await run(`sudo -n ${program} import --json < answer.jws`);
    expect(again).toMatchObject({ exitCode: 7, stderr: expect.stringMatching(/request .+ sequence /u) });
    expect(importOutputSchema.parse(JSON.parse(again.stdout)).outcome).toBe('refused');
    for (const name of ['identity.pem', 'licence-record.json']) {
      const file = await stat(join(box.config.stateFolder, name));
      expect([file.mode & 0o777, file.uid]).toEqual([0o600, 0]);
    }
    const unprivileged = await box.system.run([program, 'request'], asAdmin);
    expect(unprivileged).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: expect.stringContaining('use sudo'),
    });
  });

  it.each(['/etc/shadow', '/dev/zero'])('can’t import %s, and learns nothing of it', async (path) => {
    for (const argv of [
      [program, 'import', path],
      ['ke_update_configuration', '--offline', path],
    ]) {
      const refused = await box.ke(argv);
      expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
      expect(refused.stderr).toMatch(/cannot be read: EACCES|is not a regular file/u);
    }
  });

  it('when a bundle is 100 MB of garbage, gets a refusal while most of it is unread', async () => {
    const line = `head -c 100000000 /dev/zero | sudo -n ${program} import`;
    const refused = await box.system.run(['sh', '-c', line], { user: box.adminUser });
    expect(refused).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('larger than 65536 bytes'),
    });
  });

  it('changes the configuration by either name of the command, and its secrets stay on the box', async () => {
    const shown = await box.ke(['ke_update_configuration', 'show']);
    expect(shown.stdout).toContain('hostname: host-0');
    const candidate = shown.stdout.replace('host-0', 'host-1');
    expect(await box.ke(['ke_update_configuraton', '--offline', '-'], { stdin: candidate })).toMatchObject({
      exitCode: 0,
    });
    expect(await readFile(box.config.configuration, 'utf8')).toBe(configurationOf('host-1'));
    expect((await stat(box.config.configuration)).mode & 0o777).toBe(0o600);
    expect(shown.stdout + shown.stderr).not.toContain(secret);
    // The search finds the secret where it belongs, and nowhere else.
    const places = [dirname(box.config.configuration), box.config.stateFolder, ...box.sharedPlaces];
    expect(await filesHolding(places, [secret], begun)).toEqual([box.config.configuration]);
    await waitFor('the syslog tells', async () =>
      (await readFile(box.syslogFile, 'utf8')).includes('configuration applied by ubuntu via sudo: hostname'),
    );
  });

  it('when an ACL lets one more user read the configuration, that user still can after each kind of change', async () => {
    const path = '/data/kloudless.yml';
    const { adminUser } = box;
    const uid = Number(await box.system.mustRun(['id', '-u', adminUser]));
    await box.system.mustRun(attributeArgv(path, 'system.posix_acl_access', aclFor(uid)));
    const readAs = (user: string) => box.system.run(['cat', path], { user });
    const configuration = { revision: 1, set: { hostname: 'host-4' } };
    const licence = await answer({ configuration, sequence: 2 });
    const changes = [
      [['--offline', '-'], 'host-2', configurationOf('host-2')],
      [['--offline', '-'], 'host-3', configurationOf('host-3')],
      [['rollback'], 'host-2', ''],
      [['--offline', '-'], 'host-4', licence],
    ] as const;
    for (const [argv, name, stdin] of changes) {
      expect(await box.ke(['ke_update_configuration', ...argv], { stdin })).toMatchObject({ exitCode: 0 });
      expect(await readAs(adminUser)).toMatchObject({ exitCode: 0, stdout: configurationOf(name) });
      expect(await readAs('nobody')).toMatchObject({ exitCode: 1, stdout: '' });
    }
  });

  it('when an import with a configuration is killed at any time, finds the old or the new one whole', async () => {
    /** Resolves with how long the import ran, ms. */
    const importOnce = async (sequence: number, killAfterMs: number | null) => {
      const set = { hostname: `host-${sequence}` };
      const text = await answer({ sequence, configuration: { revision: sequence, set } });
      const path = join(box.folder, 'answer.jws');
      await writeFile(path, text);
      const started = performance.now();
      const child = box.startKe([program, 'import', path]);
      const ended = once(child, 'close');
      await (killAfterMs === null ? ended : Promise.race([delay(killAfterMs), ended]));
      await killTree(child);
      await ended;
      return performance.now() - started;
    };
    const durationMs = await importOnce(10, null);
    const outcomes: boolean[] = [];
    const runs = 7;
    // From its start, so that one is killed in time however slow the measured one was. The last one completes.
    for (let index = 0; index <= runs; index += 1) {
      const sequence = 11 + index;
      const before = await readFile(box.config.configuration, 'utf8');
      await importOnce(sequence, index === runs ? null : (index / runs) * durationMs * 1.2);
      const isNew = (await show()).includes(`Sequence ${sequence}\n`);
      outcomes.push(isNew);
      const expected = isNew ? configurationOf(`host-${sequence}`) : before;
      expect(await readFile(box.config.configuration, 'utf8')).toBe(expected);
    }
    expect(outcomes).toContain(true);
    expect(outcomes).toContain(false);
    await box.ke([program, 'request']);
    const folders = [box.config.stateFolder, join(box.config.configuration, '..')];
    const names = (await Promise.all(folders.map((folder) => readdir(folder)))).flat();
    expect(names.filter((name) => /\.staged$|^journal/u.test(name))).toEqual([]);
  });
});
