import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { watchArguments } from '../../../test-support/argvWatch.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { filesHolding } from '../../../test-support/filesHolding.ts';
import { findForms, formsOf } from '../../../test-support/secretForms.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const secret = () => `s-${randomBytes(12).toString('hex')}`;
const passphrase = secret();
const nextPassphrase = secret();
const passwords = [secret(), secret()] as const;
const keyPassphrase = secret();
const secrets = [passphrase, nextPassphrase, ...passwords, keyPassphrase];
const names = ['kiln', 'mill'] as const;
const startedAt = Date.now();
let boxes: StockBox[];
let folder: string;
let data: string;
let watched: ReturnType<typeof watchArguments>;
/** Everything that the commands printed, with their log at its most detailed level. */
let printed = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-credentials-'));
  data = join(folder, 'data');
  boxes = await Promise.all(names.map((hostname) => startStockBox({ hostname })));
  watched = watchArguments(secrets);
});
afterAll(async () => {
  await Promise.all(boxes.map((box) => box.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command with `input` on standard input, and the passphrase of the vault by file descriptor 3. */
async function sallyport(argv: readonly string[], options: { input?: string; vault?: string | null } = {}) {
  const { input = '', vault = passphrase } = options;
  const unlocking = vault === null ? [] : ['--passphrase-fd', '3'];
  const child = spawn(process.execPath, [cliProgram, '--data', data, '--json', ...unlocking, ...argv], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, SALLYPORT_LOG: 'trace', SSH_AUTH_SOCK: '' },
  });
  const output = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  const [, , , vaultPipe] = child.stdio;
  if (!(vaultPipe instanceof Writable)) throw new Error('no pipe for the passphrase');
  // A command that doesn't need the vault ends without reading it.
  vaultPipe.on('error', () => undefined).end(vault === null ? '' : `${vault}\n`);
  child.stdin?.on('error', () => undefined).end(input);
  await once(child, 'close');
  printed += output.out + output.err;
  return { code: child.exitCode, ...output };
}

const statusSchema = z.object({
  items: z.array(
    z.object({
      link: z.object({ state: z.string() }),
      error: z.object({ code: z.string() }).nullable(),
    }),
  ),
});
async function signIn(vault: string | null = passphrase) {
  const { out } = await sallyport(['status', ...names], { vault });
  return statusSchema
    .parse(JSON.parse(out))
    .items.map(({ link, error }) => (error === null ? link.state : error.code));
}
const setPasswords = (password: string) =>
  Promise.all(
    boxes.map(({ system, adminUser }) =>
      system.mustRun(['sh', '-c', 'chpasswd'], { stdin: `${adminUser}:${password}\n` }),
    ),
  );

test('when a credential is rotated once, both appliances sign in with the new password', async () => {
  await setPasswords(passwords[0]);
  expect(await sallyport(['vault', 'create'])).toMatchObject({ code: 0, err: '' });
  const added = await sallyport(['credential', 'add', 'ops'], { input: `${passwords[0]}\n` });
  expect(added).toMatchObject({ code: 0, err: '' });
  for (const [index, box] of boxes.entries())
    expect(
      await sallyport([
        'appliance',
        'add',
        names[index] ?? '',
        `${box.adminUser}@${box.host}:${box.port}`,
        '--credential',
        'ops',
        '--host-key',
        box.hostKey().fingerprint,
      ]),
    ).toMatchObject({ code: 0, err: '' });
  expect(await signIn()).toEqual(['connected', 'connected']);
  expect(await signIn(null)).toEqual(['VAULT_LOCKED', 'VAULT_LOCKED']);

  await setPasswords(passwords[1]);
  expect(await signIn()).toEqual(['SECRET_NEEDED', 'SECRET_NEEDED']);
  expect(await sallyport(['credential', 'rotate', 'ops'], { input: `${passwords[1]}\n` })).toMatchObject({
    code: 0,
  });
  expect(await signIn()).toEqual(['connected', 'connected']);
});

test('when a credential has the passphrase of a key file, the key signs in', async () => {
  const [box] = boxes;
  if (box === undefined) throw new Error('no box');
  const lockedKey = join(folder, 'id_locked');
  copyFileSync(box.adminKeyFile, lockedKey);
  // ssh-keygen takes passphrases as arguments only, so it runs before the arguments are watched again.
  expect(watched.stop()).toEqual([]);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', keyPassphrase, '-f', lockedKey]);
  watched = watchArguments(secrets);
  const options = ['--kind', 'passphrase'];
  expect(
    await sallyport(['credential', 'add', 'key', ...options], { input: `${keyPassphrase}\n` }),
  ).toMatchObject({ code: 0 });
  const edited = ['appliance', 'edit', 'kiln', '--identity', lockedKey, '--credential', 'key'];
  expect(await sallyport(edited)).toMatchObject({ code: 0, err: '' });
  const { out } = await sallyport(['status', 'kiln']);
  expect(statusSchema.parse(JSON.parse(out)).items).toMatchObject([{ link: { state: 'connected' } }]);
  const { items } = z
    .object({ items: z.array(z.object({ name: z.string(), users: z.array(z.string()) })) })
    .parse(JSON.parse((await sallyport(['credential', 'list'])).out));
  expect(items.map(({ name, users }) => [name, users])).toEqual([
    ['key', ['kiln']],
    ['ops', ['mill']],
  ]);
});

test('when all this has happened, no secret is in a file, an argument, the environment, the log or an output', async () => {
  const changed = await sallyport(['vault', 'change-passphrase'], { input: `${nextPassphrase}\n` });
  expect(changed).toMatchObject({ code: 0, err: '' });
  expect(await signIn(nextPassphrase)).toEqual(['connected', 'connected']);
  expect(watched.stop()).toEqual([]);
  const forms = secrets.flatMap(formsOf);
  expect(findForms(printed, forms)).toEqual([]);
  const trail = await sallyport(['audit', 'list', '--limit', '500']);
  expect(trail.out).toContain('credential.answer');
  expect(trail.out).toContain('credential ops');
  expect(findForms(trail.out, forms)).toEqual([]);
  // `filesHolding` plants each form in each place and rejects if its search misses one.
  expect(await filesHolding([data, folder, tmpdir()], forms, startedAt)).toEqual([]);
});

test('when a secret is in an argument, a file or an output, the searches find it', async () => {
  const [planted = ''] = secrets;
  const watching = watchArguments(secrets);
  const child = spawn('sleep', ['60'], { argv0: planted });
  await waitFor('it is found', () => watching.found().length > 0);
  child.kill();
  await once(child, 'close');
  expect(watching.stop()).toEqual([planted]);
  const file = join(data, 'planted');
  writeFileSync(file, `before ${Buffer.from(`xy${planted}`).toString('base64')}`);
  const found = await filesHolding([data], formsOf(planted), startedAt);
  rmSync(file);
  expect(found).toEqual([file]);
  expect(findForms(`log ${encodeURIComponent(planted)}`, formsOf(planted))).not.toEqual([]);
});
