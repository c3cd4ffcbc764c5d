import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { signalAdminSessions } from '../../../test-support/adminSessions.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { holdImports } from '../../../test-support/heldImports.ts';
import { readRequest } from '../../../test-support/licenceKit.ts';
import { addAuthority } from '../../../test-support/licenceSupply.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

type Member = {
  box: StockBox;
  sign: (changes?: Partial<LicencePayload>) => Promise<string>;
  imports: Awaited<ReturnType<typeof holdImports>>;
};
const names = ['kiln', 'mill', 'quay'] as const;
type Name = (typeof names)[number];
const members = new Map<Name, Member>();
let folder: string;
let sequence = 0;

const sallyport = (...argv: string[]) => runSallyport(['--data', join(folder, 'data'), ...argv]);
function member(name: Name): Member {
  const found = members.get(name);
  if (found === undefined) throw new Error(`${name} was not started`);
  return found;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-lost-'));
  for (const name of names) {
    const box = await startStockBox();
    const sign = await addAuthority(box.config);
    await chmod(box.config.authorityKeys, 0o644);
    members.set(name, { box, sign, imports: await holdImports(box) });
    const { adminUser, host, port, adminKeyFile, hostKey } = box;
    const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
    const added = await sallyport('appliance', 'add', name, `${adminUser}@${host}:${port}`, ...identity);
    if (added.code !== 0) throw new Error(added.err);
  }
});
afterAll(async () => {
  for (const { box } of members.values()) await box.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a request to each appliance, and writes their answers into a folder. */
async function answerAll(): Promise<string> {
  sequence += 1;
  const out = await mkdtemp(join(folder, 'requests-'));
  const inbox = join(out, 'inbox');
  await mkdir(inbox);
  const made = await sallyport('--json', 'licence', 'request', ...names, '--out', out);
  expect(made).toMatchObject({ code: 0, err: '' });
  const printed = z
    .object({ items: z.array(z.object({ name: z.enum(names), request: z.string() })) })
    .parse(JSON.parse(made.out));
  for (const { name, request } of printed.items) {
    const { id, nonce } = readRequest(request);
    await writeFile(
      join(inbox, `${name}.jws`),
      await member(name).sign({ request: { id, nonce }, sequence }),
    );
  }
  return inbox;
}

const applyMany = (inbox: string, ...options: string[]) =>
  sallyport('--json', 'licence', 'apply-many', inbox, ...options);
const itemsOf = ({ out }: { out: string }): unknown => JSON.parse(out);
const cut = (name: Name) => signalAdminSessions(member(name).box, 'SIGKILL');

async function installed(name: Name): Promise<unknown> {
  const { stdout } = await member(name).box.ke(['ke_manage_license_key', 'show', '--json']);
  return z.object({ sequence: z.unknown() }).parse(JSON.parse(stdout)).sequence;
}

const importCounts = async () => Promise.all(names.map((name) => member(name).imports.count()));

/** Asserts how many imports `work` starts on each appliance. */
async function expectImports<Result>(added: readonly number[], work: () => Promise<Result>): Promise<Result> {
  const before = await importCounts();
  const result = await work();
  expect((await importCounts()).map((count, at) => count - (before[at] ?? 0))).toEqual(added);
  return result;
}

test('when one answer is lost after the import, one appliance is slow and one is dead: says what each one has, and a second run does the rest', async () => {
  const inbox = await answerAll();
  const { kiln, mill } = { kiln: member('kiln').imports, mill: member('mill').imports };
  await member('quay').box.stopSshd();
  await kiln.hold('after');
  await mill.hold('before');
  const first = await expectImports([1, 1, 0], async () => {
    const running = applyMany(inbox);
    await Promise.all([kiln.untilHeld('after'), mill.untilHeld('before')]);
    await cut('kiln');
    await kiln.release('after');
    setTimeout(() => void mill.release('before'), 4000);
    return running;
  });
  expect(first.code).toBe(exitCodes.cannotConnect);
  expect(itemsOf(first)).toMatchObject({
    items: [
      { appliance: 'kiln', outcome: 'applied', licence: 'answer', sequence, error: null },
      { appliance: 'mill', outcome: 'applied', licence: 'answer', sequence, error: null },
      { appliance: 'quay', outcome: 'failed', licence: 'not-seen', sequence: null },
    ],
  });
  expect(first.err).toContain('quay: ');
  await member('quay').box.startSshd();
  const second = await expectImports([0, 0, 1], () => sallyport('licence', 'apply-many', inbox));
  expect(second).toMatchObject({ code: exitCodes.done, err: '' });
  expect(second.out).toMatch(/kiln\.jws +kiln +already installed +new +1\n/u);
  expect(second.out).toMatch(/quay\.jws +quay +applied +new +1\n?$/u);
});

test('when the link is cut in the dry run and before the import reads the answer: the old licence is seen, and a second run applies', async () => {
  const inbox = await answerAll();
  const receipts = await mkdtemp(join(folder, 'receipts-'));
  const { kiln, mill } = { kiln: member('kiln').imports, mill: member('mill').imports };
  await kiln.hold('dry-run');
  await mill.hold('before');
  const first = await expectImports([0, 1, 1], async () => {
    const running = applyMany(inbox, '--receipts', receipts);
    await Promise.all([kiln.untilHeld('dry-run'), mill.untilHeld('before')]);
    await Promise.all([cut('kiln'), cut('mill')]);
    await mill.kill();
    await Promise.all([kiln.release('dry-run'), mill.release('before')]);
    return running;
  });
  expect(first.code).toBe(exitCodes.cannotConnect);
  const old = { outcome: 'failed', licence: 'before', sequence: 1, error: { code: 'LINK_LOST' } };
  expect(itemsOf(first)).toMatchObject({
    items: [
      { appliance: 'kiln', ...old },
      { appliance: 'mill', ...old },
      { appliance: 'quay', outcome: 'applied', licence: 'answer', sequence: 2 },
    ],
  });
  const again = () => applyMany(inbox, '--receipts', receipts);
  const second = await expectImports([1, 1, 0], again);
  expect(second).toMatchObject({ code: exitCodes.done, err: '' });
  expect(itemsOf(second)).toMatchObject({
    items: [{ outcome: 'applied' }, { outcome: 'applied' }, { outcome: 'already-installed', sequence: 2 }],
  });
  const written = await readdir(receipts);
  expect(written).toHaveLength(3);
  // The renewals have ended. The answers are known all the same, and the receipts are left as they are.
  const third = await expectImports([0, 0, 0], again);
  expect(third).toMatchObject({ code: exitCodes.done, err: '' });
  expect(await readdir(receipts)).toEqual(written);
  const single = await expectImports([0, 0, 0], () =>
    sallyport('licence', 'apply', 'kiln', join(inbox, 'kiln.jws')),
  );
  expect(single).toMatchObject({ code: exitCodes.done, err: '' });
  expect(single.out).toContain('kiln: sequence 2 was installed before and was read back. Nothing was sent.');
});

test.each(['installed', 'not installed'] as const)(
  'when an appliance stays away after its answer was sent and the licence is %s: unknown, and a second run asks first',
  async (what) => {
    const inbox = await answerAll();
    const { imports, box } = member('mill');
    const point = what === 'installed' ? 'after' : 'before';
    await imports.hold(point);
    const first = await expectImports([1, 1, 1], async () => {
      const running = sallyport('licence', 'apply-many', inbox);
      await imports.untilHeld(point);
      await box.stopSshd();
      await imports.kill();
      await imports.release(point);
      return running;
    });
    expect(first.code).toBe(exitCodes.cannotConnect);
    expect(first.out).toMatch(/mill\.jws +mill +LINK_LOST +not seen +–/u);
    expect(first.err).toContain('Not known: mill. Run the same command again');
    await box.startSshd();
    const sentAgain = what === 'installed' ? 0 : 1;
    const second = await expectImports([0, sentAgain, 0], () => applyMany(inbox));
    expect(second).toMatchObject({ code: exitCodes.done, err: '' });
    expect(itemsOf(second)).toMatchObject({
      items: [
        { appliance: 'kiln', outcome: 'already-installed' },
        { appliance: 'mill', outcome: 'applied', licence: 'answer', sequence },
        { appliance: 'quay', outcome: 'already-installed' },
      ],
    });
  },
);

test('when the command is killed while an import runs: a second run waits for it, and sends nothing twice', async () => {
  const inbox = await answerAll();
  const { imports } = member('kiln');
  await imports.hold('before');
  await expectImports([1, 1, 1], async () => {
    const argv = ['--data', join(folder, 'data'), 'licence', 'apply-many', inbox];
    const killed = spawn(process.execPath, [cliProgram, ...argv], { stdio: 'ignore' });
    await imports.untilHeld('before');
    for (const name of ['mill', 'quay'] as const)
      await waitFor(`${name} is renewed`, async () => (await installed(name)) === sequence);
    const ended = once(killed, 'close');
    killed.kill('SIGKILL');
    await ended;
    const second = applyMany(inbox);
    setTimeout(() => void imports.release('before'), 3000);
    expect(itemsOf(await second)).toMatchObject({
      items: [
        { appliance: 'kiln', outcome: 'applied', licence: 'answer', sequence },
        { appliance: 'mill', licence: 'answer', sequence, error: null },
        { appliance: 'quay', licence: 'answer', sequence, error: null },
      ],
    });
  });
});

test('when an answer that was applied is no longer installed: says so, and installs nothing', async () => {
  expect(await applyMany(await answerAll())).toMatchObject({ code: exitCodes.done });
  const old = await answerAll();
  expect(await applyMany(old)).toMatchObject({ code: exitCodes.done });
  const rollback = await sallyport('licence', 'rollback', 'kiln', String(sequence - 1), '--yes');
  expect(rollback).toMatchObject({ code: exitCodes.done });
  await rm(join(old, 'quay.jws'));
  const first = await expectImports([0, 0, 0], () => applyMany(old));
  expect(first.code).toBe(exitCodes.busy);
  expect(itemsOf(first)).toMatchObject({
    items: [
      { outcome: 'failed', licence: 'before', sequence: sequence - 1, error: { code: 'CONFLICT' } },
      { outcome: 'already-installed', licence: 'answer' },
    ],
  });
  const fresh = await answerAll();
  expect(await applyMany(fresh)).toMatchObject({ code: exitCodes.done });
  const later = await expectImports([0, 0, 0], () => applyMany(old));
  expect(later).toMatchObject({ code: exitCodes.done, err: '' });
  expect(itemsOf(later)).toMatchObject({
    items: [
      { outcome: 'superseded', licence: 'later', sequence },
      { outcome: 'superseded', licence: 'later', sequence },
    ],
  });
});

test('when another program has applied the answer: recognizes its receipt, and sends nothing', async () => {
  const inbox = await answerAll();
  const text = await readFile(join(inbox, 'kiln.jws'), 'utf8');
  const carried = await member('kiln').box.ke(['ke_manage_license_key', 'import', '-'], { stdin: text });
  expect(carried).toMatchObject({ exitCode: 0 });
  await writeFile(join(inbox, 'copy of mill.jws'), await readFile(join(inbox, 'mill.jws'), 'utf8'));
  const result = await expectImports([0, 1, 1], () => applyMany(inbox));
  expect(result).toMatchObject({ code: exitCodes.done, err: '' });
  expect(itemsOf(result)).toMatchObject({
    items: [
      { file: 'copy of mill.jws', outcome: 'applied' },
      { file: 'kiln.jws', outcome: 'already-installed', licence: 'answer', sequence },
      { file: 'mill.jws', outcome: 'already-installed' },
      { file: 'quay.jws', outcome: 'applied' },
    ],
  });
});
