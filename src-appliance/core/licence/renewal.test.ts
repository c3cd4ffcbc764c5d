import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dayMs } from '../../../src-shared/base/time.ts';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import {
  historyOutputSchema,
  importOutputSchema,
  receiptOutputSchema,
  setKeyOutputSchema,
} from '../../../src-shared/model/licence/licenceCommands.ts';
import { licenceReceiptSchema } from '../../../src-shared/model/licence/licenceRequest.ts';
import { isSignedBy, readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import { readRequest, startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';
import { licencePayload } from '../../../test-support/licenceSupply.ts';
import { stateFiles as readStateFiles } from '../../../test-support/stateFiles.ts';
import { createAuthorityKey, issueLicence } from '../../authority/issue.ts';
import { readLicenceRecord } from './licenceRecord.ts';

let kit: LicenceKit;
let now = Date.now();

beforeEach(async () => {
  now = Date.now();
  kit = await startLicenceKit({ now: () => now });
});
afterEach(() => kit.stop());

const stateFiles = () => readStateFiles(kit.config.stateFolder);

/** The kept versions, newest first. */
const history = async () => (await kit.run(['history'], historyOutputSchema)).output.versions;

async function announce(clientId: string, port: number, uri: string) {
  expect(await kit.ke(['ke_manage_remote_networks', 'add', clientId])).toMatchObject({ exitCode: 0 });
  const folder = join(kit.config.runFolder, 'announcements');
  await mkdir(folder, { recursive: true });
  const announcement = {
    announcedAt: new Date().toISOString(),
    forwards: [{ port, group: 'docs', repository: 'files', uri }],
  };
  await writeFile(join(folder, `${clientId}.json`), JSON.stringify(announcement));
}

describe('request', () => {
  test('is signed by the appliance’s own key, which only root may read', async () => {
    const made = await kit.request();
    const payload = readRequest(made.request);
    const { publicKey: x } = payload;
    const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
    expect(readDocument(made.request, 'request')).toMatchObject({ keyId: kid });
    expect(await isSignedBy(made.request, { kty: 'OKP', crv: 'Ed25519', x, kid })).toBe(true);
    expect(payload).toMatchObject({
      applianceId: kit.config.applianceId,
      number: 1,
      configurationRevision: 0,
      licence: { state: 'missing', key: null },
    });
    expect(made).toMatchObject({ number: 1, voided: null, highestSequence: null });
    expect(made.authorityKeys).toHaveLength(1);
    for (const name of ['identity.pem', 'licence-record.json'])
      expect((await stat(join(kit.config.stateFolder, name))).mode & 0o777).toBe(0o600);
  });

  test('when another request is open, voids it, and only the last one can be answered', async () => {
    const first = readRequest((await kit.request()).request);
    const ended = await kit.ke(['ke_manage_license_key', 'request']);
    expect(ended.stderr).toContain('request 1 is void now; only request 2 can be answered.');
    const second = readRequest(ended.stdout);
    expect(second.publicKey).toBe(first.publicKey);
    const answer = await kit.sign({ request: { id: first.id, nonce: first.nonce } });
    expect(await kit.importText(answer)).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('request (Answers this request)'),
    });
  });

  test('with the longest possible values, has less than 1,200 bytes', async () => {
    const longKey = Array.from({ length: 8 }, () => 'K'.repeat(15)).join('-');
    await kit.renew({ key: longKey, sequence: Number.MAX_SAFE_INTEGER });
    for (const [index, uri] of [
      'smb://a:1',
      'webdav+https://a:1',
      'cmis+http://a:1',
      'alfresco+http://a:1',
      'cq5+http://a:1',
    ].entries())
      await announce(`tenant-${index}`, 2200 + 20 * index, uri);
    // The clock was set back, and the version is the longest that the format permits.
    now += 400 * dayMs;
    await kit.ke(['ke_status']);
    now -= 800 * dayMs;
    kit.config.applianceVersion = '9999999999.9999999999.9999999999';
    const made = await kit.request();
    const payload = readRequest(made.request);
    expect(payload.usage.connectors).toEqual(['smb', 'webdav', 'cmis', 'alfresco', 'cq5']);
    expect(payload.licence.sequence).toBe(Number.MAX_SAFE_INTEGER);
    expect(payload.licence.key).toBe('KKKKKKKK-…-KKKKKKKK');
    expect(Buffer.byteLength(made.request)).toBeLessThan(1200);
  });

  test('when its own key is damaged, fails and does not replace it', async () => {
    const path = join(kit.config.stateFolder, 'identity.pem');
    await writeFile(path, 'damaged');
    const ended = await kit.ke(['ke_manage_license_key', 'request', '--json']);
    expect(ended).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('is damaged') });
    expect(await readFile(path, 'utf8')).toBe('damaged');
  });
});

describe('import', () => {
  test('installs the answer once, with a receipt that the appliance signed', async () => {
    const answer = await kit.answer({ sequence: 5 });
    const dry = await kit.importText(answer, '--dry-run');
    expect(dry).toMatchObject({ exitCode: 0, output: { outcome: 'acceptable', receipt: null } });
    expect((await kit.run(['verify'], importOutputSchema, answer)).output).toEqual(dry.output);
    expect(await kit.ke(['ke_manage_license_key', 'receipt'])).toMatchObject({ exitCode: 3 });

    const { exitCode, output } = await kit.importText(`${answer}\n`);
    expect(exitCode).toBe(0);
    expect(output).toMatchObject({ outcome: 'applied', current: { state: 'valid', sequence: 5 } });
    expect(output.checks.every(({ outcome }) => outcome === 'passed')).toBe(true);
    const read = readDocument(output.receipt ?? '', 'receipt');
    const receipt = licenceReceiptSchema.parse('problem' in read ? null : read.payload);
    expect(receipt).toMatchObject({ outcome: 'applied', sequence: 5, previousSequence: null });
    const sum = execFileSync('sha256sum', [join(kit.config.stateFolder, 'licence.jws')]).toString();
    expect(receipt.licenceSha256).toBe(sum.split(' ')[0]);
    const again = await kit.run(['receipt'], receiptOutputSchema);
    expect(again.output.receipt).toBe(output.receipt);

    expect(await kit.importText(answer)).toMatchObject({
      exitCode: 7,
      stderr: expect.stringMatching(/no request is open.+sequence/u),
    });
  });

  const wrong: Record<string, Partial<LicencePayload>> = {
    appliance: { applianceId: '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002' },
    request: { request: null },
    sequence: { sequence: 3 },
    notBefore: { notBefore: new Date(Date.now() + dayMs).toISOString() },
    expiry: { expiresAt: new Date(Date.now() - 1000).toISOString() },
    version: { minVersion: '1.15.0' },
  };
  test.each(Object.entries(wrong))(
    'rejects a licence that fails the check %s and changes nothing',
    async (check, changes) => {
      await kit.renew({ sequence: 3 });
      const answer = await kit.answer({ sequence: 4, ...changes });
      const before = await stateFiles();
      const refused = await kit.importText(answer);
      expect(refused).toMatchObject({
        exitCode: 7,
        output: { outcome: 'refused', current: { sequence: 3 }, receipt: null },
        stderr: expect.stringContaining(
          `ke_manage_license_key: VERIFICATION_FAILED: nothing was changed; ${check} (`,
        ),
      });
      const failed = refused.output.checks.filter(({ outcome }) => outcome === 'failed');
      expect(failed.map((result) => result.check)).toEqual([check]);
      expect(await stateFiles()).toEqual(before);
      expect(kit.logged.at(-1)).toContain(`refused import by test: nothing was changed; ${check}`);
    },
  );

  test('rejects the signature of an untrusted key, of a retired key, and of no authority at all', async () => {
    const { id, nonce } = readRequest((await kit.request()).request);
    const payload = licencePayload(kit.config.applianceId, { request: { id, nonce } });
    const foreign = issueLicence(payload, createAuthorityKey());
    const own = await kit.sign({ request: { id, nonce } });
    const keySet: { keys: object[] } = JSON.parse(await readFile(kit.config.authorityKeys, 'utf8'));
    const retired = keySet.keys.map((key) => ({ ...key, retiredAt: '2026-01-01T00:00:00.000Z' }));
    for (const [text, keys, reason] of [
      [foreign, keySet.keys, 'does not trust'],
      [own, retired, 'retired at 2026-01-01'],
      [own, [], 'does not trust'],
    ] as const) {
      await kit.writeKeySet(JSON.stringify({ keys }));
      const refused = await kit.importText(text);
      expect(refused).toMatchObject({ exitCode: 7, stderr: expect.stringContaining(reason) });
    }
  });

  test.each([
    ['100 MB', Buffer.alloc(100 * 1024 * 1024, 'x'), 'file (File): it is larger than 65536 bytes'],
    ['nothing', Buffer.from(''), 'file (File)'],
    ['other text', Buffer.from('no licence'), 'file (File)'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), 'file (File)'],
  ])('rejects %s as a file and on stdin', async (_what, content, reason) => {
    const path = join(kit.folder, 'answer');
    await writeFile(path, content);
    const refusal = { exitCode: 7, stderr: expect.stringContaining(reason) };
    expect(await kit.ke(['ke_manage_license_key', 'import', path])).toMatchObject(refusal);
    expect(await kit.ke(['ke_manage_license_key', 'verify'], content.toString('latin1'))).toMatchObject(
      refusal,
    );
  });

  test('rejects a pipe, a device and a folder without waiting', async () => {
    const pipe = join(kit.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', kit.folder])
      expect(await kit.ke(['ke_manage_license_key', 'import', path])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('not a regular file'),
      });
  });

  test('forecasts what the appliance expects, naming tenant and port of a connector that would be lost', async () => {
    await kit.renew({ sequence: 1 });
    await announce('acme', 2200, 'webdav+https://files.example:443');
    const { output } = await kit.importText(await kit.answer({ sequence: 2 }), '--dry-run');
    expect(output.forecast).toEqual([
      { item: 'accounts', outcome: 'unknown', detail: expect.stringContaining('100 accounts') },
      {
        item: 'connectors',
        outcome: 'warning',
        detail: 'not permitted, but in use: webdav of acme on port 2200',
      },
      { item: 'clock', outcome: 'fits', detail: expect.stringContaining('UTC') },
      { item: 'disk', outcome: 'fits', detail: 'there is space for the licence' },
      { item: 'lock', outcome: 'fits', detail: expect.any(String) },
    ]);
  });

  test('when the clock’s mark is damaged, the forecast refuses and nothing is installed', async () => {
    const answer = await kit.answer();
    await writeFile(join(kit.config.stateFolder, 'clock.json'), 'damaged');
    expect(await kit.importText(answer)).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('clock: '),
      output: { current: { state: 'unverifiable' } },
    });
  });
});

/** A restart of the machine: what was recorded before belongs to an earlier boot. */
async function restart() {
  for (const name of ['clock.json', 'licence-record.json']) {
    const path = join(kit.config.stateFolder, name);
    const content = await readFile(path, 'utf8');
    await writeFile(path, content.replaceAll(/"bootId":"[^"]*"/gu, '"bootId":"earlier"'));
  }
}

describe('the clock', () => {
  test('when set back a year, is reported, and an expired licence stays refused', async () => {
    const expiresAt = new Date(now + 10 * dayMs).toISOString();
    const answer = await kit.answer({ expiresAt, notBefore: new Date(now - 700 * dayMs).toISOString() });
    now += 20 * dayMs;
    await restart();
    await kit.ke(['ke_status']);
    now -= 365 * dayMs;
    const refused = await kit.importText(answer);
    expect(refused).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('expiry (Not expired)'),
      output: { current: { clockRanBackFrom: expect.any(String) } },
    });
    expect(refused.output.forecast).toContainEqual({
      item: 'clock',
      outcome: 'warning',
      detail: expect.stringContaining('the clock was set back from'),
    });
  });

  test('when set back a year after a restart, an installed licence that expired stays expired', async () => {
    await kit.renew({ sequence: 1, notBefore: new Date(now - 700 * dayMs).toISOString() });
    const expiresAt = new Date(now + 10 * dayMs).toISOString();
    await kit.renew({
      sequence: 2,
      expiresAt,
      graceDays: 0,
      notBefore: new Date(now - 700 * dayMs).toISOString(),
    });
    await restart();
    now += 20 * dayMs;
    await kit.ke(['ke_status']);
    now -= 365 * dayMs;
    const show = await kit.ke(['ke_manage_license_key', 'show']);
    expect(show.stdout).toMatch(
      /^State {4}expired: .+\n(?:.+\n)+Clock {4}A-2003 its clock was set back from /u,
    );
    expect(await kit.ke(['ke_manage_remote_networks', 'add', 'late'])).toMatchObject({ exitCode: 6 });
    expect(readRequest((await kit.request()).request)).toMatchObject({
      clockRanBackFrom: expect.any(String),
      licence: { state: 'expired' },
    });
  });

  test('when set forward ten years and then corrected, the licence is valid again', async () => {
    await kit.renew({ sequence: 1 });
    now += 3650 * dayMs;
    expect((await kit.ke(['ke_manage_license_key', 'show'])).stdout).toMatch(/^State {4}expired/u);
    now -= 3650 * dayMs;
    expect((await kit.ke(['ke_manage_license_key', 'show'])).stdout).toMatch(/^State {4}valid/u);
  });

  test('when set forward ten years, an installed licence expires and an answer is refused', async () => {
    await kit.renew({ sequence: 1 });
    const answer = await kit.answer({ sequence: 2 });
    now += 3650 * dayMs;
    const refused = await kit.importText(answer);
    expect(refused).toMatchObject({ exitCode: 7, output: { current: { state: 'expired' } } });
    expect(refused.stderr).toContain('expiry (Not expired)');
  });
});

describe('rollback', () => {
  test('installs a kept version, and the highest sequence stays', async () => {
    for (const sequence of [3, 5, 8]) await kit.renew({ sequence });
    const done = await kit.run(['rollback'], receiptOutputSchema);
    expect(done.output.current).toMatchObject({ sequence: 5, state: 'valid' });
    const read = readDocument(done.output.receipt, 'receipt');
    expect('problem' in read ? null : read.payload).toMatchObject({
      outcome: 'rolled-back',
      previousSequence: 8,
      requestId: null,
    });
    expect((await history()).map(({ sequence, isInstalled }) => [sequence, isInstalled])).toEqual([
      [8, false],
      [5, true],
      [3, false],
    ]);
    expect((await kit.request()).highestSequence).toBe(8);
    expect((await kit.renew({ sequence: 7 })).stderr).toContain('sequence (Newer than installed)');
    await kit.run(['rollback', '--to', '8'], receiptOutputSchema);
    expect((await history())[0]).toMatchObject({ sequence: 8, isInstalled: true });
  });

  test('keeps the last ten versions, also a licence that was copied here without the command', async () => {
    const licence = await kit.sign({ sequence: 1 });
    await writeFile(join(kit.config.stateFolder, 'licence.jws'), licence);
    expect(await history()).toMatchObject([{ sequence: 1, isInstalled: true }]);
    for (let sequence = 2; sequence <= 10; sequence += 1) await kit.renew({ sequence });
    expect((await history()).map(({ sequence }) => sequence)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    await kit.renew({ sequence: 11 });
    expect((await history()).at(-1)?.sequence).toBe(2);
  });

  test.each([
    ['that expired', ['rollback'], 'VERIFICATION_FAILED: sequence 1 is not valid now: expired'],
    ['that is not kept', ['rollback', '--to', '7'], 'NOT_FOUND: sequence 7'],
    [
      'that is installed already',
      ['rollback', '--to', '2'],
      'INVALID_INPUT: sequence 2 is installed already',
    ],
    ['of no number', ['rollback', '--to', '0'], 'INVALID_INPUT: SEQUENCE must be'],
  ])('rejects a version %s', async (_what, argv, reason) => {
    await kit.renew({ sequence: 1, expiresAt: new Date(now + dayMs).toISOString(), graceDays: 0 });
    await kit.renew({ sequence: 2 });
    now += 2 * dayMs;
    const before = await stateFiles();
    const ended = await kit.ke(['ke_manage_license_key', ...argv]);
    expect(ended).toMatchObject({ stdout: '', stderr: expect.stringContaining(reason) });
    expect(ended.exitCode).toBeGreaterThan(0);
    expect(await stateFiles()).toEqual(before);
  });

  test('allows a version in its grace period', async () => {
    await kit.renew({ sequence: 1, expiresAt: new Date(now + dayMs).toISOString() });
    await kit.renew({ sequence: 2 });
    now += 2 * dayMs;
    const done = await kit.run(['rollback'], receiptOutputSchema);
    expect(done.output.current).toMatchObject({ sequence: 1, state: 'grace' });
  });
});

describe('set', () => {
  test('stores the key of the connected mode and prints and logs it masked', async () => {
    for (const [argv, stdin] of [
      [['set', 'SP-1111-2222-3333'], ''],
      [['set', '-'], 'SP-1111-2222-3333\n'],
    ] as const) {
      const done = await kit.run(argv, setKeyOutputSchema, stdin);
      expect(done.output.key).toBe('SP-••••-••••-3333');
      expect(kit.logged.at(-1)).toBe('licence key SP-••••-••••-3333 set by test');
      // Only a key in the arguments may have been seen.
      expect(done.stderr.includes('pass it on stdin')).toBe(stdin === '');
    }
    expect(JSON.stringify(await stateFiles())).not.toContain('1111-2222');
  });

  test('when no KEY is given, reads it from stdin', async () => {
    const done = await kit.run(['set'], setKeyOutputSchema, 'SP-1111-2222-3333\n');
    expect(done).toMatchObject({ exitCode: 0, stderr: '', output: { key: 'SP-••••-••••-3333' } });
  });

  test.each([
    ['too long', 'A'.repeat(257)],
    ['endless', 'A'.repeat(1_000_000)],
    ['empty', ''],
    ['several lines', 'SP-1111\nSP-2222\n'],
  ])('when stdin is %s, stores nothing', async (_what, stdin) => {
    const refused = await kit.ke(['ke_manage_license_key', 'set', '-'], stdin);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    const { licenceKey } = await readLicenceRecord(kit.config.stateFolder);
    expect(licenceKey).toBeNull();
  });

  test.each(['', 'with space', 'a'.repeat(129), 'a\nb'])('rejects the key %j', async (key) => {
    expect(await kit.ke(['ke_manage_license_key', 'set', key])).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

test('when the record is damaged, every change fails and show still works', async () => {
  await kit.renew();
  await writeFile(join(kit.config.stateFolder, 'licence-record.json'), '{"format":1}');
  for (const verb of ['request', 'import', 'rollback', 'receipt', 'history'])
    expect(await kit.ke(['ke_manage_license_key', verb])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('licence-record.json is damaged; nothing was changed'),
    });
  expect(await kit.ke(['ke_manage_license_key', 'show'])).toMatchObject({ exitCode: 0 });
});
