import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { readRequest } from '../../../test-support/licenceKit.ts';
import { addAuthority } from '../../../test-support/licenceSupply.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';

const names = ['kiln', 'mill'] as const;
type Member = { box: StockBox; sign: (changes?: Partial<LicencePayload>) => Promise<string> };
const members = new Map<string, Member>();
let folder: string;

const sallyport = (...argv: string[]) => runSallyport(['--data', join(folder, 'data'), ...argv]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-cluster-'));
  for (const name of names) {
    const box = await startStockBox();
    members.set(name, { box, sign: await addAuthority(box.config) });
    await chmod(box.config.authorityKeys, 0o644);
    const { adminUser, host, port, adminKeyFile, hostKey } = box;
    const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
    const target = `${adminUser}@${host}:${port}`;
    const added = await sallyport('appliance', 'add', name, target, ...identity, '--cluster', 'west');
    if (added.code !== 0) throw new Error(added.err);
  }
});
afterAll(async () => {
  for (const { box } of members.values()) await box.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a request to each member and writes their answers into a folder. */
async function answerAll(changes: (name: string) => Partial<LicencePayload>): Promise<string> {
  const out = await mkdtemp(join(folder, 'requests-'));
  const inbox = join(out, 'inbox');
  await mkdir(inbox);
  const made = await sallyport('--json', 'licence', 'request', ...names, '--out', out);
  expect(made).toMatchObject({ code: 0, err: '' });
  const printed = z
    .object({ items: z.array(z.object({ appliance: z.string().optional(), file: z.string() }).loose()) })
    .parse(JSON.parse(made.out));
  for (const [index, name] of names.entries()) {
    const { id, nonce } = readRequest(await readFile(printed.items[index]?.file ?? '', 'utf8'));
    const signed = await members.get(name)?.sign({ request: { id, nonce }, ...changes(name) });
    await writeFile(join(inbox, `${name}.jws`), signed ?? '');
  }
  return inbox;
}

async function showCluster(command: 'show' | 'calendar'): Promise<unknown> {
  const { out } = await sallyport('--json', 'licence', command);
  const { items } = z.object({ items: z.array(z.object({ cluster: z.unknown() })) }).parse(JSON.parse(out));
  return items[0]?.cluster;
}

const expiresAt = '2027-12-10T00:00:00.000Z';

test('when all answers are good, the members are renewed and have equal licences', async () => {
  const inbox = await answerAll(() => ({ sequence: 1, expiresAt }));
  const applied = await sallyport('licence', 'apply-many', inbox);
  expect(applied).toMatchObject({ code: 0, err: '' });
  for (const command of ['show', 'calendar'] as const)
    expect(await showCluster(command)).toMatchObject({
      name: 'west',
      state: 'equal',
      differences: [],
      members: names.map((name) => ({ name, state: 'valid', sequence: 1, expiresAt })),
    });
});

test('when the answer of the second member is refused, says which member has the new licence', async () => {
  const later = '2028-12-10T00:00:00.000Z';
  const inbox = await answerAll((name) => ({
    sequence: name === 'mill' ? 1 : 2,
    expiresAt: later,
  }));
  const applied = await sallyport('--json', 'licence', 'apply-many', inbox);
  expect(applied.code).toBe(7);
  expect(JSON.parse(applied.out)).toMatchObject({
    items: [
      { appliance: 'kiln', cluster: 'west', outcome: 'applied', licence: 'answer', sequence: 2 },
      {
        appliance: 'mill',
        cluster: 'west',
        outcome: 'failed',
        licence: 'before',
        sequence: 1,
        error: { code: 'VERIFICATION_FAILED' },
      },
    ],
  });
  expect(applied.err).toContain(
    'Cluster west stopped at its first failure; licence new: kiln; licence as before: mill.',
  );
  expect(await showCluster('show')).toMatchObject({
    state: 'different',
    differences: [
      'Different expiry: kiln 2028-12-10 00:00:00 UTC, mill 2027-12-10 00:00:00 UTC.',
      expect.stringContaining('Different end of grace'),
      'Different sequence: kiln 2, mill 1.',
    ],
  });
  expect((await sallyport('licence', 'show')).out).toContain('Cluster west: different licences.');
});

test('when the answer of the first member is refused, the second keeps its old licence', async () => {
  const inbox = await answerAll((name) => ({ sequence: name === 'kiln' ? 1 : 3, expiresAt }));
  const applied = await sallyport('licence', 'apply-many', inbox);
  expect(applied.code).toBe(7);
  expect(applied.out).toMatch(/mill\.jws +mill +skipped +as before +1/u);
  expect(applied.err).toContain('licence as before: kiln, mill.');
  expect(await showCluster('show')).toMatchObject({
    members: [
      { name: 'kiln', sequence: 2 },
      { name: 'mill', sequence: 1 },
    ],
  });
});
