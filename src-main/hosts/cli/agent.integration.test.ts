import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startSshAgent } from '../../../test-support/sshAgent.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';

const run = promisify(execFile);
const statusSchema = z.object({
  items: z.array(
    z.object({
      link: z.object({ state: z.string() }),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
});

let appliance: StockBox;
let agent: Awaited<ReturnType<typeof startSshAgent>>;
let folder: string;
/** The administrator's private key. It has a passphrase that no test enters. */
let lockedKey: string;
let fingerprint: string;

beforeAll(async () => {
  appliance = await startStockBox();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-agent-'));
  agent = await startSshAgent(folder);
  lockedKey = join(folder, 'id_locked');
  await copyFile(appliance.adminKeyFile, lockedKey);
  await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'a passphrase', '-f', lockedKey]);
  const shown = await run('ssh-keygen', ['-l', '-f', lockedKey]);
  fingerprint = shown.stdout.split(' ')[1] ?? '';
});
afterAll(async () => {
  await agent.stop();
  await appliance.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => agent.empty());

let count = 0;

/** Adds the appliance again with the options `login`, then runs `status`. */
async function logIn(login: readonly string[], env: NodeJS.ProcessEnv = agent.env) {
  const data = ['--data', join(folder, `data-${(count += 1)}`)];
  const target = `${appliance.adminUser}@${appliance.host}:${appliance.port}`;
  const pins = ['--host-key', appliance.hostKey().fingerprint];
  const added = await runSallyport([...data, 'appliance', 'add', 'kiln', target, ...login, ...pins], { env });
  if (added.code !== 0) return { ...added, status: null };
  const asked = await runSallyport([...data, '--json', 'status'], { env });
  return { ...asked, status: statusSchema.parse(JSON.parse(asked.out)).items[0] ?? null };
}

test('when the agent holds the encrypted key that --identity names, it logs in without a passphrase', async () => {
  await agent.add(appliance.adminKeyFile);
  expect(await logIn(['--identity', lockedKey])).toMatchObject({
    code: 0,
    err: '',
    status: { link: { state: 'connected' }, error: null },
  });
});

test('when --identity names a public key whose private half the agent holds, it logs in', async () => {
  await agent.add(appliance.adminKeyFile);
  const publicKey = join(folder, 'only.pub');
  await copyFile(`${appliance.adminKeyFile}.pub`, publicKey);
  expect(await logIn(['--identity', publicKey])).toMatchObject({ code: 0, err: '' });
});

test('when there is no --identity, the keys of the agent log in', async () => {
  await agent.add(appliance.adminKeyFile);
  expect(await logIn([])).toMatchObject({ code: 0, err: '' });
});

test('when the agent holds only another key, does not use it and the error says what to do', async () => {
  const other = join(folder, 'other');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
  await agent.add(other);
  const publicKey = join(folder, 'alone.pub');
  await copyFile(`${appliance.adminKeyFile}.pub`, publicKey);
  const [locked, loaded, any] = await Promise.all([
    logIn(['--identity', lockedKey]),
    logIn(['--identity', publicKey]),
    logIn([]),
  ]);
  expect(locked).toMatchObject({ code: 8, status: { error: { code: 'SECRET_NEEDED' } } });
  expect(locked.err).toContain(
    `The key file ${lockedKey} needs its passphrase; the agent does not hold ED25519 ${fingerprint}.`,
  );
  expect(locked.err).toContain(`\n  ssh-add ${lockedKey}\n`);

  expect(loaded).toMatchObject({ status: { error: { code: 'KEY_UNREADABLE' } } });
  expect(loaded.err).toContain(`it is a public key, and the agent does not hold ED25519 ${fingerprint}.`);

  expect(any).toMatchObject({ code: 8, status: { error: { code: 'AUTHENTICATION_FAILED' } } });
  expect(any.err).toMatch(/tried agent key ED25519 SHA256:\S+ \(refused\)/u);
  expect(any.err).toContain('\n  ssh-add\n');
});

test('when no agent runs, rejects an encrypted key without passphrase, and a missing --identity', async () => {
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  const [locked, none] = await Promise.all([logIn(['--identity', lockedKey], env), logIn([], env)]);
  expect(locked).toMatchObject({ code: 8, status: { error: { code: 'SECRET_NEEDED' } } });
  expect(locked.err).toContain('needs its passphrase; no agent runs (SSH_AUTH_SOCK is not set).');
  expect(none).toMatchObject({ code: 2, out: '' });
  expect(none.err).toContain('No agent is running (SSH_AUTH_SOCK is not set). Add --identity FILE');
});
