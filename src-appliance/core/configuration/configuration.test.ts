import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  configurationHistorySchema,
  configurationOutputSchema,
  configurationShowSchema,
  type ConfigurationOutput,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { secretMask } from '../../../src-shared/model/configuration/configurationKeys.ts';
import { aclFor, readAttribute, setAttribute } from '../../../test-support/extendedAttributes.ts';
import { startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';

const program = 'ke_update_configuration';
const secret = 'planted-secret-value';
const text = `# Of the north office.
hostname: old.example
db:
  host: db.example
  password: ${secret} # rotate yearly
custom: ${secret}-custom
`;

let kit: LicenceKit;

beforeEach(async () => {
  kit = await startLicenceKit();
  await writeFile(kit.config.configuration, text);
});
afterEach(() => kit.stop());

const content = () => readFile(kit.config.configuration, 'utf8');
async function show(...options: string[]) {
  const { stdout } = await kit.ke([program, 'show', '--json', ...options]);
  return configurationShowSchema.parse(JSON.parse(stdout));
}
async function history() {
  const { stdout } = await kit.ke([program, 'history', '--json']);
  return configurationHistorySchema.parse(JSON.parse(stdout)).versions;
}
async function update(
  candidate: string,
  ...options: string[]
): Promise<{ exitCode: number; stderr: string; output: ConfigurationOutput }> {
  const ended = await kit.ke([program, '--offline', '-', '--json', ...options], candidate);
  return { ...ended, output: configurationOutputSchema.parse(JSON.parse(ended.stdout)) };
}

describe('show', () => {
  test('masks secrets, and what it prints is a candidate that changes nothing', async () => {
    const shown = await show();
    expect(shown).toMatchObject({
      path: kit.config.configuration,
      revision: 0,
      drift: null,
      secrets: [
        { path: 'db.password', mark: expect.any(String), setAt: null },
        { path: 'custom', mark: expect.any(String), setAt: null },
      ],
      versions: [],
    });
    expect(shown.text).toContain('hostname: old.example');
    expect(shown.text).not.toContain(secret);
    const printed = await kit.ke([program, 'show']);
    expect(printed.stdout).toBe(shown.text);
    const path = join(kit.folder, 'candidate.yml');
    await writeFile(path, printed.stdout);
    const same = await kit.ke([program, '--offline', path]);
    expect(same).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is the same already') });
    expect(await content()).toBe(text);
  });

  test('also by the misspelt name of the documentation', async () => {
    const shown = await kit.ke(['ke_update_configuraton', 'show', '--json']);
    expect(JSON.parse(shown.stdout)).toEqual(await show());
  });

  test('when the file is no YAML, shows no part of it', async () => {
    await writeFile(kit.config.configuration, `db: {password: ${secret}\n`);
    const shown = await kit.ke([program, 'show', '--json']);
    expect(shown).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('not valid YAML'),
    });
    expect(shown.stderr).not.toContain(secret);
  });

  test.each([['show'], ['rollback'], ['--offline', '-']])(
    'when there is no configuration, %s says so',
    async (...argv) => {
      await rm(kit.config.configuration);
      expect(await kit.ke([program, ...argv], 'hostname: x\n')).toMatchObject({
        exitCode: 3,
        stdout: '',
        stderr: expect.stringContaining(
          `this appliance has no configuration: ${kit.config.configuration} does not exist`,
        ),
      });
    },
  );

  test('reports a change that was made without the commands', async () => {
    await update('hostname: a.example\n');
    expect((await show()).drift).toBeNull();
    const begun = Date.now();
    await writeFile(kit.config.configuration, `hostname: by.hand\napi:\n  aes_key: ${secret}\n`);
    const { drift } = await show();
    expect(drift?.changes).toEqual([
      { path: 'hostname', kind: 'changed', before: 'a.example', after: 'by.hand' },
      { path: 'api.aes_key', kind: 'added', before: null, after: secretMask },
    ]);
    expect(Math.abs(Date.parse(drift?.changedAt ?? '') - begun)).toBeLessThan(60_000);
    const { stderr } = await kit.ke([program, 'show']);
    expect(stderr).toContain('was changed without this command');
    expect(stderr).toContain('hostname, api.aes_key');
  });

  test('marks a secret, so that versions with the same one and with another one can be told apart', async () => {
    await update(text.replace('old.example', 'new.example'));
    await update(text.replace(`password: ${secret}`, 'password: another'));
    const marksOf = async (...options: string[]) =>
      new Map((await show(...options)).secrets.map(({ path, mark }) => [path, mark]));
    const [first, second, third] = [
      await marksOf('--version', '1'),
      await marksOf('--version', '2'),
      await marksOf(),
    ];
    expect(second).toEqual(first);
    expect(third.get('custom')).toBe(first.get('custom'));
    expect(third.get('db.password')).not.toBe(first.get('db.password'));
    // The same secret at another path has another mark.
    expect(new Set(first.values()).size).toBe(first.size);
    const { secrets, versions } = await show();
    expect(secrets.map(({ path, setAt }) => [path, setAt])).toEqual([
      ['db.password', versions[0]?.keptAt],
      ['custom', null],
    ]);
  });
});

describe('--offline', () => {
  test('installs a candidate with the present secrets instead of its masks, and keeps comments', async () => {
    const candidate = (await show()).text.replace('old.example', 'new.example');
    const dry = await update(candidate, '--dry-run');
    const changes = [{ path: 'hostname', kind: 'changed', before: 'old.example', after: 'new.example' }];
    expect(dry).toMatchObject({ exitCode: 0, output: { outcome: 'acceptable', changes } });
    expect(await content()).toBe(text);
    const done = await update(candidate);
    expect(done).toMatchObject({ exitCode: 0, output: { outcome: 'applied', changes, problems: [] } });
    expect(await content()).toBe(text.replace('old.example', 'new.example'));
    expect(done.output.digest).toBe((await show()).digest);
    expect(kit.logged.at(-1)).toBe('configuration applied by test: hostname');
  });

  test('when a secret changes, lists it masked, and writes it nowhere but into the file', async () => {
    const done = await kit.ke([program, '--offline', '-', '--json'], text.replace(secret, 'another-planted'));
    expect(JSON.parse(done.stdout)).toMatchObject({
      changes: [{ path: 'db.password', before: secretMask, after: secretMask }],
    });
    const files = await readdir(kit.config.stateFolder, { recursive: true, withFileTypes: true });
    const stored = files
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
    const places = [done.stdout, done.stderr, ...kit.logged, ...(await Promise.all(stored))];
    expect(await content()).toContain('another-planted');
    expect(places.filter((place) => place.includes('planted'))).toEqual([]);
  });

  test.each([
    ['a mask of no secret', `smtp:\n  password: "${secretMask}"\n`, 'smtp.password is a mask'],
    ['duplicate keys', `hostname: a\nhostname: ${secret}\n`, 'hostname is there twice'],
    ['a wrong type', `db:\n  port: ${secret}\n`, 'db.port'],
    ['an alias', `a: &x ${secret}\nb: *x\n`, 'aliases and anchors'],
    ['no YAML', `a: [${secret}\n`, 'not valid YAML'],
    ['an empty file', '', 'not a map'],
  ])('rejects %s and changes nothing', async (_what, candidate, reason) => {
    const refused = await update(candidate);
    expect(refused).toMatchObject({
      exitCode: 2,
      output: { outcome: 'refused' },
      stderr: expect.stringContaining(reason),
    });
    expect(refused.stderr + JSON.stringify(refused.output)).not.toContain(secret);
    expect(await content()).toBe(text);
    expect(await history()).toEqual([]);
  });

  test.each([
    ['Windows-1252', Buffer.from('hostname: b\xfcro.example\n', 'latin1')],
    ['UTF-16', Buffer.from('\ufeffhostname: a.example\n', 'utf16le')],
    ['a NUL', Buffer.from('hostname: a\0.example\n')],
  ])('rejects a candidate in %s and changes nothing', async (_what, candidate) => {
    const path = join(kit.folder, 'candidate.yml');
    await writeFile(path, candidate);
    expect(await kit.ke([program, '--offline', path])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/not UTF-8|NUL byte/u),
    });
    expect(await content()).toBe(text);
  });

  test('when the present file is not UTF-8, nothing changes its other bytes', async () => {
    const present = Buffer.from(`${text}# B\xfcro\n`, 'latin1');
    await writeFile(kit.config.configuration, present);
    const configuration = { revision: 1, set: { hostname: 'signed.example' } };
    for (const [argv, input] of [
      [['show'], ''],
      [['--offline', '-'], 'hostname: a.example\n'],
      [['--offline', '-'], await kit.answer({ configuration })],
      [['rollback'], ''],
    ] as const)
      expect(await kit.ke([program, ...argv], input)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('line 7 is not UTF-8'),
      });
    expect(await readFile(kit.config.configuration)).toEqual(present);
  });

  test('rejects 100 MB, a pipe and a device without reading them', async () => {
    const pipe = join(kit.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const large = join(kit.folder, 'large');
    await writeFile(large, Buffer.alloc(100 * 1024 * 1024, 'x'));
    for (const path of [pipe, '/dev/zero', large])
      expect(await kit.ke([program, '--offline', path])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test.each([
    ['at the top', `hostname: a\n? ${'n'.repeat(3000)}\n: 1\n`],
    ['beside a duplicate', `hostname: a\n? ${'n'.repeat(3000)}\n: {a: 1, a: 2}\n`],
    ['below other names', `? ${'n'.repeat(400)}\n: ? ${'m'.repeat(400)}\n  : {x: 1}\n`],
    ['with a name that may be a secret', `? ${'n'.repeat(3000)}\n: {a1b2c3d4e5f6a7b8c9: 1}\n`],
  ])(
    'when a name is too long for an answer %s, refuses it with an answer that can be read',
    async (_, candidate) => {
      const refused = await update(candidate);
      expect(refused).toMatchObject({ exitCode: 2, output: { outcome: 'refused' } });
      expect(await content()).toBe(text);
      await writeFile(kit.config.configuration, candidate);
      const shown = await kit.ke([program, 'show', '--json']);
      expect(shown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('name') });
    },
  );

  test('rejects a change with CONFLICT if the file is not the one that was seen', async () => {
    const { digest } = await show();
    await writeFile(kit.config.configuration, `${text}# by hand\n`);
    const refused = await kit.ke([program, '--offline', '-', '--unchanged-since', digest], 'hostname: a\n');
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('CONFLICT') });
    const { digest: present } = await show();
    expect(await update('hostname: a\n', '--unchanged-since', present)).toMatchObject({ exitCode: 0 });
  });

  test('keeps mode and a link to the file', async () => {
    const real = join(kit.folder, 'data', 'real.yml');
    await rename(kit.config.configuration, real);
    await symlink(real, kit.config.configuration);
    await update('hostname: a\n');
    expect((await lstat(kit.config.configuration)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toBe('hostname: a\n');
    expect((await stat(real)).mode & 0o777).toBe(0o644);
  });

  test('keeps the ACL and the extended attributes of the file, also in a rollback', async () => {
    const path = kit.config.configuration;
    const attributes = { 'system.posix_acl_access': aclFor(4321), 'user.owner': 'c0ffee' };
    for (const [name, value] of Object.entries(attributes)) setAttribute(path, name, value);
    const { mode } = await stat(path);
    await update('hostname: a\n');
    expect(await kit.ke([program, 'rollback'])).toMatchObject({ exitCode: 0 });
    await update(await kit.answer({ configuration: { revision: 1, set: { hostname: 'b' } } }));
    expect(await content()).toContain('hostname: b');
    for (const [name, value] of Object.entries(attributes)) expect(readAttribute(path, name)).toBe(value);
    expect((await stat(path)).mode).toBe(mode);
  });

  test('when the access rules can’t be kept, says so and changes nothing', async () => {
    const before = await content();
    const searched = process.env['PATH'] ?? '';
    await writeFile(join(kit.folder, 'cp'), '#!/bin/sh\necho no space for attributes >&2; exit 1\n', {
      mode: 0o755,
    });
    process.env['PATH'] = `${kit.folder}:${searched}`;
    try {
      expect(await kit.ke([program, '--offline', '-'], 'hostname: a\n')).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('can’t be kept, so nothing was changed'),
      });
    } finally {
      process.env['PATH'] = searched;
    }
    expect(await content()).toBe(before);
    expect(await readdir(join(kit.folder, 'data'))).toEqual(['kloudless.yml']);
  });

  test('installs a signed licence with its configuration, and refuses it with the licence’s checks', async () => {
    const configuration = { revision: 1, set: { hostname: 'signed.example' } };
    const answer = await kit.answer({ configuration });
    expect(await update(answer, '--dry-run')).toMatchObject({ output: { outcome: 'acceptable' } });
    expect(await update(answer)).toMatchObject({
      exitCode: 0,
      output: { outcome: 'applied', revision: 1, licence: { outcome: 'applied' } },
    });
    expect(await content()).toBe(text.replace('old.example', 'signed.example'));
    expect(await update(answer)).toMatchObject({
      exitCode: 7,
      output: { outcome: 'refused', licence: { outcome: 'refused' } },
      stderr: expect.stringContaining('no request is open'),
    });
    const without = await kit.ke([program, '--offline', '-'], await kit.answer({ sequence: 2 }));
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has no configuration') });
  });
});

describe('who made a version and why', () => {
  const named = { name: 'm.ivers', reason: 'OPS-4711: mail relay' };
  const options = [`--by=${named.name}`, `--reason=${named.reason}`];

  test('is kept with it and printed', async () => {
    await update('hostname: a.example\n', ...options);
    await update('hostname: b.example\n');
    await kit.ke([program, 'rollback', '--to', '2', ...options]);
    const kept = (await history()).map(({ origin, cause }) => ({ origin, cause }));
    const account = 'test';
    expect(kept).toEqual([
      { origin: 'rollback', cause: { account, ...named } },
      { origin: 'file', cause: { account, name: null, reason: null } },
      { origin: 'file', cause: { account, ...named } },
      { origin: 'found', cause: null },
    ]);
    const { stdout } = await kit.ke([program, 'history']);
    expect(stdout).toContain('by m.ivers (test), reason: OPS-4711: mail relay');
    expect(stdout).toContain('by test, reason: none given');
    expect(stdout).toContain('by unknown, reason: unknown');
  });

  test('is unknown for versions that an older kit kept', async () => {
    await update('hostname: a.example\n', ...options);
    const path = join(kit.config.stateFolder, 'configuration-record.json');
    const record = await readFile(path, 'utf8');
    await writeFile(path, record.replace(/,"cause":\{[^}]*\}/u, ''));
    expect((await history()).map(({ cause }) => cause)).toEqual([null, null]);
  });

  test('is kept for a licence that changes the configuration too', async () => {
    const answer = await kit.answer({ configuration: { revision: 1, set: { hostname: 'c.example' } } });
    const { output } = await update(answer, ...options);
    // The authority gets the receipt, and nothing of who wanted the change.
    const [, signed = ''] = output.licence?.receipt?.split('.') ?? [];
    const receipt = Buffer.from(signed, 'base64url').toString();
    expect(receipt).toContain('"outcome":"applied"');
    expect(receipt).not.toMatch(/OPS-4711|m\.ivers/u);
    expect((await history()).map(({ origin, cause }) => [origin, cause?.reason])).toEqual([
      ['licence', named.reason],
      ['found', undefined],
    ]);
  });

  test.each([
    ['an empty name', '--by= '],
    ['a name that is too long', `--by=${'n'.repeat(129)}`],
    ['a reason that is too long', `--reason=${'n'.repeat(501)}`],
    ['a reason of two lines', '--reason=a\nb'],
    ['a reason with a terminal sequence', '--reason=\u001b[2J'],
    ['a reason that reverses the text', '--reason=\u202eab'],
  ])('%s is refused, and nothing is changed', async (_what, option) => {
    for (const argv of [['--offline', '-'], ['rollback']])
      expect(await kit.ke([program, ...argv, option], 'hostname: x\n')).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining('needs one line of 1 to'),
      });
    expect(await content()).toBe(text);
  });
});

describe('history and rollback', () => {
  test('keeps the last ten contents, encrypted, and installs one of them again', async () => {
    for (let index = 1; index <= 11; index += 1) await update(`hostname: host-${index}\n`);
    const versions = await history();
    expect(versions.map(({ number }) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect(versions[0]).toMatchObject({ origin: 'file', isInstalled: true });
    const kept = await show('--version', '5');
    expect(kept.text).toBe('hostname: host-4\n');
    const back = await kit.ke([program, 'rollback', '--json']);
    expect(configurationOutputSchema.parse(JSON.parse(back.stdout))).toMatchObject({
      outcome: 'applied',
      changes: [{ path: 'hostname', before: 'host-11', after: 'host-10' }],
    });
    expect((await kit.ke([program, 'rollback', '--to', '5'])).exitCode).toBe(0);
    expect(await content()).toBe('hostname: host-4\n');
    expect(await kit.ke([program, 'rollback', '--to', '1'])).toMatchObject({ exitCode: 3 });
    const after = await history();
    expect(after[0]).toMatchObject({ origin: 'rollback', isInstalled: true });
    expect(after.filter(({ isInstalled }) => isInstalled)).toHaveLength(1);
    expect(after.find(({ number }) => number === 5)?.digest).toBe(after[0]?.digest);
  });

  test('the first change keeps the content that was found, with its secrets', async () => {
    await update('hostname: a\n');
    expect((await history()).map(({ origin }) => origin)).toEqual(['file', 'found']);
    await kit.ke([program, 'rollback']);
    expect(await content()).toBe(text);
  });

  test('when the folder of the file can’t be written, changes nothing', async () => {
    await rm(join(kit.folder, 'data'), { recursive: true });
    await mkdir(join(kit.folder, 'elsewhere'));
    await symlink('/proc/self/status', join(kit.folder, 'elsewhere', 'kloudless.yml'));
    kit.config.configuration = join(kit.folder, 'elsewhere', 'kloudless.yml');
    const failed = await kit.ke([program, '--offline', '-'], 'hostname: a\n');
    expect(failed.exitCode).toBeGreaterThan(0);
    expect(await history()).toEqual([]);
  });
});
