import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLicenceRequester, type LicenceRequester } from '../../../test-support/licenceRequester.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import {
  formatAccountLine,
  formatPerUserHead,
  formatPerUserTail,
} from '../../../src-shared/model/usage/usageLines.ts';
import { createAuthority, openAuthority, type Authority } from './authority.ts';
import type { ApplianceRecord } from './appliances.ts';
import { defaultContract } from './contract.ts';
import { hashOf } from './readStatement.ts';

let folder: string;
let authority: Authority;
let hq: LicenceRequester;
let appliance: ApplianceRecord;
let now: number;
const usageLimits = { reports: 3, statements: 4, bytes: 5000 };

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'usage-store-')), 'data');
  now = Date.parse('2026-11-24T10:00:00.000Z');
  authority = createAuthority({ folder, now: () => now, usageLimits });
  hq = await createLicenceRequester();
  authority.appliances.add({ id: hq.applianceId, name: 'hq', contract: defaultContract });
  await authority.answers.answer(await hq.request({ madeAt: new Date(now).toISOString() }));
  appliance = authority.appliances.find('hq');
});
afterEach(async () => {
  authority.close();
  await rm(join(folder, '..'), { recursive: true });
});

const send = (report: string) => authority.usage.recordReport(appliance, Buffer.from(report));
const carry = async (statement: string, sender: ApplianceRecord | null = null) =>
  (await authority.usage.recordStatement(Buffer.from(statement), sender)).acknowledgement;
const list = () => authority.usage.listOf(appliance.id);
const numbers = () => list().map(({ number }) => number);
const countLogged = () =>
  authority.log.read({ limit: 1000 }).filter(({ action }) => action === 'usage-received').length;

describe('a report that is received again', () => {
  it('when it is sent several times, is kept and logged once', async () => {
    const report = hq.standardReport();
    for (let time = 0; time < 5; time += 1) await send(report);
    await Promise.all([send(report), send(report)]);
    expect(list()).toMatchObject([{ sha256: hashOf(report), number: null }]);
    expect(countLogged()).toBe(1);
  });

  it('when it is also in statements, is kept once, and each statement has its acknowledgement', async () => {
    const report = hq.standardReport();
    await send(report);
    const texts = [await hq.statement(report), await hq.statement(report)];
    const answers = [await carry(texts[0] ?? ''), await carry(texts[1] ?? '')];
    expect(answers[0]).not.toBe(answers[1]);
    expect([await carry(texts[0] ?? ''), await carry(texts[1] ?? '')]).toEqual(answers);
    expect(numbers()).toEqual([2, 1]);
    expect(authority.usage.contentOf(appliance.id, hashOf(report))).toBe(report);
    const sqlite = new Database(join(folder, 'authority.db'), { readonly: true });
    expect(sqlite.prepare('SELECT count(*) FROM usageReport').pluck().get()).toBe(1);
    sqlite.close();
    expect(countLogged()).toBe(3);
  });

  it('when the authority is full, is still accepted', async () => {
    const reports = [1, 2, 3].map(hq.standardReport);
    for (const report of reports) await send(report);
    for (const report of reports) await send(report);
    const statement = await hq.statement(reports[0] ?? '');
    const answer = await carry(statement);
    expect(await carry(statement)).toBe(answer);
    expect(list()).toHaveLength(3);
  });
});

const fillReports = async () => {
  for (const report of [1, 2, 3].map(hq.standardReport)) await send(report);
};
/** A report of 12 connectors and more with long names. */
const largeReport = (developers: number) =>
  hq.standardReport(developers).replace(
    '"connectors":[]',
    `"connectors":${JSON.stringify(
      Array.from({ length: 20 }, (_, index) => ({
        connector: `a-connector-with-a-long-name-${String(index).padStart(2, '0')}`,
        admin: { active: 1, total: 1 },
        nonAdmin: { active: 1, total: 1 },
      })),
    )}`,
  );

describe('the limits of one appliance', () => {
  it.each<[string, () => Promise<void> | void, () => Promise<unknown>]>([
    ['another report is sent and the number is reached', fillReports, async () => send(hq.standardReport(4))],
    [
      'a statement has another report and the number is reached',
      fillReports,
      async () => carry(await hq.statement(hq.standardReport(4))),
    ],
    [
      'another report is sent and its bytes are too many',
      () => send(largeReport(1)),
      async () => send(largeReport(2)),
    ],
    [
      'a statement has another report and its bytes are too many',
      () => send(largeReport(1)),
      async () => carry(await hq.statement(largeReport(2))),
    ],
    [
      'another statement has a known report and the number of statements is reached',
      async () => {
        for (let time = 0; time < 4; time += 1) await carry(await hq.statement(hq.standardReport()));
      },
      async () => carry(await hq.statement(hq.standardReport())),
    ],
  ])('when %s, it is refused with nothing kept, until old ones are deleted', async (_case, fill, add) => {
    await fill();
    const before = [list(), countLogged()];
    await expect(add()).rejects.toMatchObject({ code: 'USAGE_STORE_FULL' });
    expect([list(), countLogged()]).toEqual(before);
    now += 366 * dayMs;
    await add();
    expect(list()).toHaveLength(1);
  });

  it('when one appliance has reached them, another one is not limited', async () => {
    await fillReports();
    const plant = await createLicenceRequester();
    authority.appliances.add({ id: plant.applianceId, name: 'plant', contract: defaultContract });
    const other = authority.appliances.find('plant');
    await authority.usage.recordReport(other, Buffer.from(plant.standardReport()));
    expect(authority.usage.listOf(other.id)).toHaveLength(1);
  });
});

/** A per-user report with so many accounts. */
function perUserReport(accounts: number): string {
  const { month, from, to } = {
    month: '2026-11',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
  };
  const head = formatPerUserHead({
    kind: 'per-user',
    format: 2,
    applianceId: hq.applianceId,
    month,
    from,
    to,
  });
  const names = { userName: null, userId: null, userDomain: null };
  const dates = { lastRequest: null, connected: '2026-01-01', updated: '2026-01-01' };
  const state = { active: true, admin: false, connector: 'smb', internal: false } as const;
  const lines = Array.from({ length: accounts }, (_, at) =>
    formatAccountLine({ account: String(at).padStart(32, '0'), ...names, ...dates, ...state }),
  );
  return `${head}${lines.join('')}${formatPerUserTail({ accounts, internal: 0 })}`;
}

describe('a report of many accounts', () => {
  it.each<[string, (report: string) => Promise<unknown>]>([
    ['is sent', send],
    ['is in a statement', async (report) => carry(await hq.statement(report, { kind: 'per-user' }))],
  ])('when it %s, others are answered while it is read', async (_case, add) => {
    authority.close();
    authority = openAuthority({ folder, now: () => now });
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    await add(perUserReport(20_000));
    clearInterval(ticking);
    expect(list()).toMatchObject([{ accounts: 20_000 }]);
    expect(turns).toBeGreaterThan(5);
  });

  it('when many are sent at the same time, no more are kept than may be', async () => {
    const sent = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map((number) => send(hq.standardReport(number))),
    );
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(list()).toHaveLength(3);
  });
});

describe('a statement that is sent with the licence key of another appliance', () => {
  it.each<[string, () => Promise<string>]>([
    ['is new', () => hq.statement(hq.standardReport())],
    [
      'was received before',
      async () => {
        const statement = await hq.statement(hq.standardReport());
        await carry(statement, appliance);
        return statement;
      },
    ],
    [
      'is of an appliance that the authority does not know',
      async () => {
        const stranger = await createLicenceRequester();
        return stranger.statement(stranger.standardReport());
      },
    ],
  ])('when it %s, is refused with nothing kept', async (_case, make) => {
    authority.appliances.add({ id: randomUUID(), name: 'plant', contract: defaultContract });
    const statement = await make();
    const before = [list(), countLogged()];
    const sent = carry(statement, authority.appliances.find('plant'));
    await expect(sent).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect([list(), countLogged()]).toEqual(before);
  });
});

const version2 = `
DROP TABLE usageReport; DROP TABLE usageStatement;
CREATE TABLE usageReport (applianceId TEXT NOT NULL REFERENCES appliance (id), receivedAt TEXT NOT NULL, kind TEXT NOT NULL,
  month TEXT NOT NULL, sha256 TEXT NOT NULL, accounts INTEGER, internal INTEGER, content TEXT NOT NULL, number INTEGER,
  manifest TEXT, acknowledgement TEXT, UNIQUE (applianceId, number)) STRICT;
CREATE INDEX usageReportTime ON usageReport (receivedAt);
CREATE TABLE usageStatement (applianceId TEXT NOT NULL REFERENCES appliance (id), number INTEGER NOT NULL,
  PRIMARY KEY (applianceId, number)) STRICT;`;

it('when version 2 wrote the data, keeps each report once, and every statement and number', async () => {
  const report = hq.standardReport();
  const [first, second] = [await hq.statement(report), await hq.statement(report)];
  authority.close();
  const sqlite = new Database(join(folder, 'authority.db'));
  sqlite.exec(version2);
  const insert = sqlite.prepare('INSERT INTO usageReport VALUES (?, ?, ?, ?, ?, NULL, NULL, ?, ?, ?, ?)');
  const rows = [null, 2, 3].map((number) => ({
    number,
    manifest: number === 2 ? second.split('\n')[0] : 'm',
  }));
  for (const { number, manifest } of rows) {
    const [signed, answer] = number === null ? [null, null] : [manifest, `answer ${number}`];
    const at = '2026-11-20T00:00:00.000Z';
    insert.run(appliance.id, at, 'standard', '2026-11', hashOf(report), report, number, signed, answer);
  }
  // The report of the first statement was deleted.
  for (const number of [1, 2, 3])
    sqlite.prepare('INSERT INTO usageStatement VALUES (?, ?)').run(appliance.id, number);
  sqlite.pragma('user_version = 2');
  sqlite.close();
  authority = openAuthority({ folder, now: () => now, usageLimits });
  expect(numbers()).toEqual([3, 2]);
  expect(authority.usage.contentOf(appliance.id, hashOf(report))).toBe(report);
  expect(await carry(second)).toBe('answer 2');
  await expect(carry(first)).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
  await carry(await hq.statement(report, { number: 4 }));
  expect(numbers()).toEqual([4, 3, 2]);
});
