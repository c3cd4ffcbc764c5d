import { mkdtemp, readdir, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLicenceRequester, type LicenceRequester } from '../../../test-support/licenceRequester.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import { maxDocumentBytes, publicKeySchema } from '../../../src-shared/model/licence/documents.ts';
import { verifyLicence } from '../../../src-shared/model/licence/verifyLicence.ts';
import { maxAnswersPerDay } from './answers.ts';
import { createAuthority, openAuthority, type Authority } from './authority.ts';
import { defaultContract } from './contract.ts';

const start = Date.parse('2026-11-24T10:00:00.000Z');
let folder: string;
let authority: Authority;
let requester: LicenceRequester;
let now: number;

const entitlements = { accounts: 5000, connectors: ['smb'], plan: 'per-user', internalDevelopment: false };
const contract = { ...defaultContract, entitlements };

const request = (changes: Parameters<LicenceRequester['request']>[0] = {}) =>
  requester.request({ madeAt: new Date(now).toISOString(), ...changes });

function snapshot() {
  const { appliances, licences, reports, log } = authority;
  return appliances
    .list()
    .map((appliance) => [
      appliance,
      licences.listOf(appliance.id),
      reports.receiptsOf(appliance.id),
      log.read({ limit: 1000 }),
    ]);
}

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'authority-')), 'data');
  now = start;
  authority = createAuthority({ folder, now: () => now });
  requester = await createLicenceRequester();
  authority.appliances.add({ id: requester.applianceId, name: 'hq', contract });
});
afterEach(async () => {
  authority.close();
  await rm(join(folder, '..'), { recursive: true });
});

describe('the answer to a request', () => {
  it('is a licence that the appliance accepts with the exported keys', async () => {
    const text = await request();
    const { document, licence, request: read } = await authority.answers.answer(`${text}\n`);
    const { accepted, checks } = await verifyLicence(document, {
      keys: publicKeySchema.array().parse(authority.keys.exportSet().keys),
      applianceId: requester.applianceId,
      applianceVersion: '1.33.0',
      request: read,
      highestSequence: null,
      configurationRevision: 0,
      now,
    });
    expect(checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(accepted).toEqual(licence);
    expect(licence).toMatchObject({
      sequence: 1,
      entitlements,
      key: authority.appliances.find('hq').licenceKey,
      expiresAt: new Date(start + 365 * dayMs).toISOString(),
    });
  });

  it('when the same request is answered again, is the same to the byte, also after a rotation and in a new process', async () => {
    const text = await request();
    const first = await authority.answers.answer(text);
    authority.keys.rotate();
    now += dayMs;
    authority.close();
    authority = openAuthority({ folder, now: () => now });
    const again = await authority.answers.answer(`${text}\r\n`);
    expect(again.document).toBe(first.document);
    expect([first.isRepeated, again.isRepeated]).toEqual([false, true]);
    expect(authority.appliances.find('hq').sequence).toBe(1);
    expect(authority.licences.listOf(requester.applianceId)).toHaveLength(1);
  });

  it('when many requests arrive at once, gives each its own sequence', async () => {
    const texts = await Promise.all(Array.from({ length: 8 }, () => request()));
    const answers = await Promise.all([...texts, ...texts].map((text) => authority.answers.answer(text)));
    expect(answers.map(({ licence }) => licence.sequence).sort((a, b) => a - b)).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8,
    ]);
  });

  it.each([
    [null, 4, 5],
    [4, 4, 5],
    [9, 4, 10],
    [2, 4, 5],
  ])('when %s is installed and %s was issued, has sequence %s', async (installed, issued, expected) => {
    const other = await createLicenceRequester();
    authority.appliances.add({ id: other.applianceId, name: 'plant', contract, sequence: issued });
    const text = await other.request({
      licence: { state: 'valid', key: null, sequence: installed, expiresAt: null, graceEndsAt: null },
    });
    expect((await authority.answers.answer(text)).licence.sequence).toBe(expected);
  });

  it.each([
    ['is right', 0, 0],
    ['is an hour behind', -3_600_000, -3_600_000],
    ['is ahead', 3_600_000, 0],
    ['is a year behind', -365 * dayMs, -dayMs],
  ])(
    'when the appliance’s clock %s, is valid from a time that it accepts',
    async (_case, clock, expected) => {
      const { licence } = await authority.answers.answer(
        await request({ madeAt: new Date(now + clock).toISOString() }),
      );
      expect(Date.parse(licence.notBefore) - now).toBe(expected);
    },
  );

  it('carries every setting that changed since the appliance’s revision, until the appliance has them', async () => {
    const { appliances, answers } = authority;
    const { id } = appliances.find('hq');
    appliances.change(id, { settings: { 'db.host': 'old', hostname: 'hq' } });
    appliances.change(id, { settings: { 'db.host': null, 'db.port': 5432 } });
    const revisionFor = async (configurationRevision: number) =>
      (await answers.answer(await request({ configurationRevision }))).licence.configuration;
    expect(await revisionFor(0)).toEqual({
      revision: 2,
      set: { 'db.host': null, hostname: 'hq', 'db.port': 5432 },
    });
    expect(await revisionFor(1)).toEqual({ revision: 2, set: { 'db.host': null, 'db.port': 5432 } });
    expect(await revisionFor(2)).toBeNull();
  });

  it.each([
    ['too many settings', Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`b.key${at}`, at]))],
    ['too long settings', { 'b.text': 'x'.repeat(4096), 'b.more': 'x'.repeat(4096) }],
  ])('when all revisions together have %s for one licence, refuses the last one', async (_what, settings) => {
    const { id } = authority.appliances.find('hq');
    const first: Record<string, string | number> = { 'a.text': 'x'.repeat(4096), 'a.more': 'x'.repeat(4096) };
    for (let at = 0; at < 100; at += 1) first[`a.key${at}`] = 'x'.repeat(80);
    authority.appliances.change(id, { settings: first });
    const before = snapshot();
    expect(() => authority.appliances.change(id, { settings })).toThrow(/One licence carries at most/u);
    expect(snapshot()).toEqual(before);
  });

  it('with the most connectors and settings, is no longer than a document may be', async () => {
    const { id } = authority.appliances.find('hq');
    const connectors = Array.from({ length: 256 }, (_, at) => `connector-${at}`.padEnd(64, 'x'));
    authority.appliances.change(id, {
      contract: { ...contract, entitlements: { ...entitlements, connectors } },
    });
    const set: Record<string, string> = {};
    for (let at = 0; at < 200; at += 1) set[`key${at}`.padEnd(64, 'x')] = 'x'.repeat(50);
    authority.appliances.change(id, { settings: set });
    const { document, licence } = await authority.answers.answer(await request());
    expect(Object.keys(licence.configuration?.set ?? {})).toHaveLength(200);
    expect(document.length).toBeGreaterThan(50_000);
    expect(document.length).toBeLessThanOrEqual(maxDocumentBytes);
  });

  it('when one appliance asks again and again, is refused after the limit of a day, and goes on the next day', async () => {
    for (let asked = 0; asked < maxAnswersPerDay; asked += 1)
      await authority.answers.answer(await request({ number: asked + 1 }));
    const [again, before] = [await request(), snapshot()];
    await expect(authority.answers.answer(again)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(snapshot()).toEqual(before);
    now += dayMs + 1;
    expect((await authority.answers.answer(again)).licence.sequence).toBe(maxAnswersPerDay + 1);
  });

  it('when the contract has a fixed end, expires then', async () => {
    const until = '2027-01-01T00:00:00.000Z';
    authority.appliances.change(requester.applianceId, { contract: { ...contract, term: { until } } });
    expect((await authority.answers.answer(await request())).licence.expiresAt).toBe(until);
  });
});

describe('a request is refused and nothing is changed', () => {
  it.each<[string, () => Promise<string> | string, object]>([
    ['it is garbage', () => '\u0000\u0001garbage', { detail: { check: 'file' } }],
    ['it is empty', () => '', { detail: { check: 'file' } }],
    ['it is huge', () => 'A'.repeat(100_000_000), { detail: { check: 'file' } }],
    ['it is cut off', async () => (await request()).slice(0, -3), { detail: { check: 'file' } }],
    [
      'it is a licence',
      () => authority.licences.issue(requester.applianceId),
      { detail: { check: 'format' } },
    ],
    [
      'it is a receipt',
      () => requester.receipt('x', { id: requester.applianceId, sequence: 1 }),
      { detail: { check: 'format' } },
    ],
    [
      'its content was changed',
      async () => {
        const [header = '', payload = '', signature = ''] = (await request()).split('.');
        const changed = Buffer.from(payload, 'base64url')
          .toString()
          .replace('"accounts":4000', '"accounts":4001');
        return [header, Buffer.from(changed).toString('base64url'), signature].join('.');
      },
      { detail: { check: 'signature' } },
    ],
    [
      'another key signed it',
      async () => requester.request({}, (await createLicenceRequester()).identity),
      { detail: { check: 'signature' } },
    ],
    [
      'another key signed it under the right key ID',
      async () =>
        requester.request(
          {},
          {
            ...(await createLicenceRequester()).identity,
            keyId: requester.identity.keyId,
          },
        ),
      { detail: { check: 'signature' } },
    ],
    [
      'its key ID is no thumbprint',
      () => requester.request({}, { ...requester.identity, keyId: 'mine' }),
      { detail: { check: 'signature' } },
    ],
    [
      'its appliance is unknown',
      async () => (await createLicenceRequester()).request(),
      { code: 'NOT_FOUND' },
    ],
    [
      'it claims an impossible sequence',
      () =>
        request({
          licence: { state: 'valid', key: null, sequence: 2 ** 40, expiresAt: null, graceEndsAt: null },
        }),
      { detail: { check: 'request' } },
    ],
  ])('because %s', async (_case, make, expected) => {
    const text = await make();
    const before = snapshot();
    await expect(authority.answers.answer(text)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      ...expected,
    });
    expect(snapshot()).toEqual(before);
  });

  it('because another machine’s key signed it, until the key is forgotten', async () => {
    await authority.answers.answer(await request());
    const reinstalled = await createLicenceRequester(requester.applianceId);
    const text = await reinstalled.request();
    const before = snapshot();
    await expect(authority.answers.answer(text)).rejects.toMatchObject({ detail: { check: 'identity' } });
    expect(snapshot()).toEqual(before);
    authority.appliances.change(requester.applianceId, { forgetIdentity: true });
    expect((await authority.answers.answer(text)).licence.sequence).toBe(2);
  });

  it('because another request with its ID was answered', async () => {
    const id = '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c003';
    await authority.answers.answer(await request({ id }));
    await expect(authority.answers.answer(await request({ id }))).rejects.toMatchObject({
      detail: { check: 'request' },
    });
  });

  it('because the contract was revoked, also if it was answered before, until it is reinstated', async () => {
    const text = await request();
    const { document } = await authority.answers.answer(text);
    authority.appliances.revoke(requester.applianceId);
    for (const refused of [text, await request()])
      await expect(authority.answers.answer(refused)).rejects.toMatchObject({ code: 'CONTRACT_ENDED' });
    authority.appliances.change(requester.applianceId, { reinstate: true });
    expect((await authority.answers.answer(text)).document).toBe(document);
  });

  it('because the contract has ended', async () => {
    const term = { until: new Date(now).toISOString() };
    authority.appliances.change(requester.applianceId, { contract: { ...contract, term } });
    await expect(authority.answers.answer(await request())).rejects.toMatchObject({ code: 'CONTRACT_ENDED' });
    expect(authority.appliances.find('hq').identity).toBeNull();
  });
});

const states = () => authority.keys.list().map(({ state }) => state);

describe('keys', () => {
  it('when they are rotated and retired, exactly one signs and all stay published', async () => {
    const { keys } = authority;
    const [first] = keys.list();
    const next = keys.add();
    expect(states()).toEqual(['signing', 'next']);
    expect(keys.rotate().id).toBe(next.id);
    expect(states()).toEqual(['replaced', 'signing']);
    keys.retire(first?.id ?? '');
    keys.rotate();
    expect(states()).toEqual(['retired', 'replaced', 'signing']);
    const { document } = await authority.answers.answer(await request());
    const signing = keys.list().find(({ state }) => state === 'signing');
    expect(JSON.parse(Buffer.from(document.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      kid: signing?.id,
    });
    const published = keys.exportSet().keys;
    expect(published.map(({ kid }) => kid)).toEqual(keys.list().map(({ id }) => id));
    expect(published[0]).toMatchObject({ retiredAt: new Date(now).toISOString() });
    expect(published.every((key) => !('d' in key))).toBe(true);
  });

  it('when the key that signs is to be retired, refuses', () => {
    const [key] = authority.keys.list();
    expect(() => authority.keys.retire(key?.id ?? '')).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  it('are in files that only their owner can read, and a retired key has no file', async () => {
    const [key] = authority.keys.list();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const file = join(folder, 'keys', `${key?.id}.pem`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const databaseFiles = (await readdir(folder)).filter((name) => name.startsWith('authority.db'));
    for (const name of databaseFiles) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
    authority.keys.rotate();
    authority.keys.retire(key?.id ?? '');
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['is missing', (file) => rm(file)],
    ['is readable for others', (file) => chmod(file, 0o644)],
    ['is damaged', (file) => writeFile(file, 'damaged')],
    ['is huge', (file) => writeFile(file, 'x'.repeat(100_000))],
  ])('when the key file %s, issues nothing', async (_case, damage) => {
    await damage(join(folder, 'keys', `${authority.keys.list()[0]?.id}.pem`));
    const text = await request();
    const before = snapshot();
    await expect(authority.answers.answer(text)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(snapshot()).toEqual(before);
  });
});

describe('the record of everything issued', () => {
  it('names each licence, and can’t be changed or deleted', async () => {
    await authority.answers.answer(await request());
    const actions = authority.log.read({ limit: 100 }).map(({ action }) => action);
    expect(actions).toEqual([
      'key-created',
      'key-signs',
      'appliance-added',
      'identity-pinned',
      'licence-issued',
    ]);
    const sqlite = new Database(join(folder, 'authority.db'));
    for (const table of ['log', 'licence', 'request']) {
      expect(() => sqlite.exec(`DELETE FROM ${table}`)).toThrow('append-only');
      expect(() => sqlite.exec(`UPDATE ${table} SET applianceId = 'x'`)).toThrow('append-only');
    }
    expect(() => sqlite.exec('UPDATE appliance SET sequence = 0')).toThrow('only grows');
    sqlite.close();
  });

  it('when a newer version wrote the data, refuses to open it', () => {
    authority.close();
    const sqlite = new Database(join(folder, 'authority.db'));
    sqlite.pragma('user_version = 99');
    sqlite.close();
    expect(() => openAuthority({ folder })).toThrow(expect.objectContaining({ code: 'STORE_FROM_FUTURE' }));
    authority = createAuthority({ folder: `${folder}2` });
  });
});

describe('receipts', () => {
  it('when the appliance signed it for a licence issued here, is recorded once', async () => {
    const { document, licence } = await authority.answers.answer(await request());
    const receipt = await requester.receipt(document, licence);
    await authority.reports.recordReceipt(receipt);
    await authority.reports.recordReceipt(`${receipt}\n`);
    expect(authority.reports.receiptsOf(requester.applianceId)).toMatchObject([
      { outcome: 'applied', licenceId: licence.id },
    ]);
  });

  it.each<[string, (document: string, licence: { id: string; sequence: number }) => Promise<string>, string]>(
    [
      [
        'another licence',
        (document, { sequence }) => requester.receipt(document, { id: requester.applianceId, sequence }),
        'licence',
      ],
      ['another sequence', (document, { id }) => requester.receipt(document, { id, sequence: 9 }), 'licence'],
      ['other bytes', (_document, licence) => requester.receipt('other', licence), 'licence'],
      [
        'another machine',
        async (document, licence) =>
          (await createLicenceRequester(requester.applianceId)).receipt(document, licence),
        'signature',
      ],
      ['nothing', async () => 'garbage', 'file'],
    ],
  )('rejects a receipt of %s with VERIFICATION_FAILED', async (_case, make, check) => {
    const { document, licence } = await authority.answers.answer(await request());
    const receipt = await make(document, licence);
    const before = snapshot();
    await expect(authority.reports.recordReceipt(receipt)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      detail: { check },
    });
    expect(snapshot()).toEqual(before);
  });
});

describe('reports', () => {
  it('keeps the newest pings of an appliance', () => {
    const { licenceKey, id } = authority.appliances.find('hq');
    const ping = { version: '1.33.0', publicIp: null, privateIp: '10.0.0.4', hostname: 'hq', licenceKey };
    authority.reports.recordPing(ping);
    expect(authority.reports.pingsOf(id)).toEqual([
      { receivedAt: new Date(now).toISOString(), content: ping },
    ]);
    expect(() => authority.reports.recordPing({ ...ping, licenceKey: 'SP-0' })).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
  });
});
