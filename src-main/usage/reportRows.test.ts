import { expect, test } from 'vitest';
import {
  everyRow,
  maxPlainRows,
  type ReportPart,
  type RowFilter,
} from '../../src-shared/model/usage/reportRows.ts';
import { hashField } from '../../src-shared/model/usage/hashedFields.ts';
import type { AccountLine } from '../../src-shared/model/usage/usageReport.ts';
import { readReportRows, type OpenReport } from './reportRows.ts';

const md5 = (field: 'account' | 'userName', value: string) => hashField(field, value) ?? '';

function makeRow(
  id: number,
  change: { internal?: boolean; connector?: string; connected?: string } = {},
): AccountLine {
  const name = `user${id}@example.com`;
  const shared = {
    userId: null,
    userDomain: null,
    active: id % 10 !== 0,
    admin: id % 7 === 0,
    connector: change.connector ?? 'smb',
    lastRequest: null,
    connected: change.connected ?? '2026-10-02',
    updated: '2026-10-02',
  };
  return change.internal === true
    ? { ...shared, account: String(id), userName: name, internal: true }
    : { ...shared, account: md5('account', String(id)), userName: md5('userName', name), internal: false };
}

/** A report whose bytes come in chunks of ten accounts. `error` ends it. */
const reportOf = (rows: readonly AccountLine[], error: Error | null = null): OpenReport =>
  async function* open(onAccount) {
    for (const [at, row] of rows.entries()) {
      onAccount(row);
      if (at % 10 === 9) yield Buffer.from('x');
    }
    if (error !== null) throw error;
  };

async function read(
  open: OpenReport,
  { filter = everyRow, skip = 0, limit = 50, signal = new AbortController().signal } = {},
) {
  const parts: ReportPart[] = [];
  for await (const part of readReportRows({ open, filter, skip, limit, signal, clock: () => 0 }))
    parts.push(part);
  return {
    parts,
    plain: parts.flatMap((part) => part.plain),
    hashed: parts.flatMap((part) => part.hashed),
    last: parts.at(-1),
  };
}

const ids = (...list: number[]) => list.map((id) => md5('account', String(id)));

test('when rows in plain text are at the end, they are in the window, and the hashed ones are paged', async () => {
  const rows = [...Array.from({ length: 100 }, (_, at) => makeRow(at + 1)), makeRow(500, { internal: true })];
  const { plain, hashed, last } = await read(reportOf(rows), { skip: 20, limit: 3 });
  expect(plain.map(({ account }) => account)).toEqual(['500']);
  expect(hashed.map(({ account }) => account)).toEqual(ids(21, 22, 23));
  expect(last).toMatchObject({ read: 101, matched: 101, plainMatched: 1, isDone: true });
});

test.each<[string, Partial<RowFilter>, number[]]>([
  ['active ones', { activity: 'active' }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12]],
  ['inactive ones', { activity: 'inactive' }, [10]],
  ['admins', { role: 'admin' }, [7]],
  ['others than admins', { role: 'nonAdmin', activity: 'inactive' }, [10]],
  ['a connector', { connectors: ['cmis'] }, [12]],
  ['those of a month', { connectedSince: '2026-11-01' }, [11]],
])('when %s are asked for, only these match', async (_what, filter, expected) => {
  const rows = Array.from({ length: 12 }, (_, at) =>
    makeRow(at + 1, {
      ...(at === 11 ? { connector: 'cmis' } : {}),
      ...(at === 10 ? { connected: '2026-11-01' } : {}),
    }),
  );
  const { hashed, last } = await read(reportOf(rows), { filter: { ...everyRow, ...filter } });
  expect(hashed.map(({ account }) => account)).toEqual(ids(...expected));
  expect(last).toMatchObject({ read: 12, matched: expected.length });
});

test('when more accounts are in plain text than are listed, the rest is counted', async () => {
  const rows = Array.from({ length: maxPlainRows + 5 }, (_, at) => makeRow(at + 1, { internal: true }));
  const { plain, last } = await read(reportOf(rows));
  expect(plain).toHaveLength(maxPlainRows);
  expect(last).toMatchObject({ plainMatched: maxPlainRows + 5 });
});

test('when a large report is read, no part has many rows, and the first one comes early', async () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => makeRow(at + 1));
  const { parts, hashed } = await read(reportOf(rows), { limit: 5000 });
  expect(hashed).toHaveLength(5000);
  expect(Math.max(...parts.map((part) => part.hashed.length))).toBeLessThanOrEqual(260);
  expect(parts[0]?.read).toBeLessThan(300);
});

test('when the report is cut off, its rows end with the error', async () => {
  await expect(read(reportOf([makeRow(1)], new Error('cut off')))).rejects.toThrow('cut off');
});

test('when the page is left, the report is read no further', async () => {
  const leaving = new AbortController();
  let opened = 0;
  const open: OpenReport = async function* endless(onAccount) {
    for (;;) {
      opened += 1;
      onAccount(makeRow(opened));
      if (opened === 20) leaving.abort();
      yield Buffer.from('x');
    }
  };
  await read(open, { signal: leaving.signal });
  expect(opened).toBe(20);
});
