import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeAccounts, summarize } from '../../test-support/billing/population.ts';
import { createLocalTransport } from '../../test-support/localTransport.ts';
import type { UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import { createHandshakes } from '../ssh/session/handshakes.ts';
import { createSession } from '../ssh/session/session.ts';
import type { Session } from '../ssh/types.ts';
import { createDriver, type Driver } from './driver.ts';

/** Folder with executable scripts that have the names of the appliance's commands. */
let folder: string;
let session: Session;
let driver: Driver;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'usage-driver-'));
  session = createSession({
    transport: createLocalTransport({ environment: { PATH: `${folder}:/usr/bin:/bin` } }),
    target: {
      host: 'appliance.test',
      port: 22,
      user: 'ubuntu',
      authentication: { agent: false, keyFile: null, password: false, keyboardInteractive: false },
    },
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
  });
  driver = createDriver(session, { sudo: 'none' });
  session.want();
  await session.ready(60_000);
});
afterEach(() => {
  session.release();
  rmSync(folder, { recursive: true });
});

function install(script: string): void {
  const path = join(folder, 'ke_usage_report');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** Installs a command that prints `text` and ends with `end`. */
function installPrinting(text: string, end = ''): void {
  writeFileSync(join(folder, 'printed'), text);
  install(`cat ${join(folder, 'printed')}\n${end}`);
}

/** The bytes that arrived, and the error at the end, if any. */
async function read(kind: UsageKind, month: string | null = null) {
  let text = '';
  try {
    for await (const chunk of driver.usage.report({ kind, month })) text += chunk.toString('utf8');
    return { text, error: null };
  } catch (error) {
    return { text, error };
  }
}

const head = `{"kind":"per-user","format":2,"applianceId":"5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10","month":"2026-11","from":"2026-11-01T00:00:00.000Z","to":"2026-12-01T00:00:00.000Z"}\n`;
const line = (hash: string, name = 'null') =>
  `{"account":"${hash}","userName":${name},"userId":null,"userDomain":null,"active":true,"admin":false,"connector":"smb","lastRequest":null,"connected":"2025-03-04","updated":"2026-10-02","internal":false}\n`;
const hash = '5ef059938ba799aaa845e1c2e8a762bd';
const report = `${head}${line(hash)}${line(hash)}{"accounts":2,"internal":0}\n`;

test('when a report is whole, its bytes pass unchanged', async () => {
  installPrinting(report, '[ "$*" = "--kind per-user --month 2026-11" ]');
  expect(await read('per-user', '2026-11')).toEqual({ text: report, error: null });
});

test.each([
  ['its last line is missing', `${head}${line(hash)}${line(hash)}`],
  ['it ends in a line', report.slice(0, -9)],
  ['a line is missing', `${head}${line(hash)}{"accounts":2,"internal":0}\n`],
  ['a name is in plain text', `${head}${line(hash, '"anna@example.com"')}{"accounts":1,"internal":0}\n`],
  ['it is empty', ''],
  ['it is another report', '{"kind":"standard"}\n'],
  ['a line has no end', `${head}${'x'.repeat(70_000)}`],
])('when %s, the report ends with OUTPUT_UNPARSED, which quotes nothing', async (_what, text) => {
  installPrinting(text);
  const { error } = await read('per-user');
  expect(error).toMatchObject({ code: 'OUTPUT_UNPARSED', detail: { text: '' } });
  expect(JSON.stringify(error)).not.toContain('anna');
});

test('when the database goes away in the middle, the report ends with its error', async () => {
  installPrinting(head, `echo 'ke_usage_report: DATABASE_UNUSABLE: the database can’t be used' >&2; exit 1`);
  expect(await read('per-user')).toMatchObject({ text: head, error: { code: 'DATABASE_UNUSABLE' } });
});

test('when the kit has no such command, each method rejects with COMMAND_MISSING', async () => {
  const error = { code: 'COMMAND_MISSING', message: 'ke_usage_report is not installed on this appliance.' };
  expect(await read('standard')).toMatchObject({ text: '', error });
  await expect(driver.usage.summary(null)).rejects.toMatchObject(error);
  await expect(driver.usage.makeStatement({ kind: 'standard', month: null })).rejects.toMatchObject(error);
});

test('when a summary is not valid, it is rejected, both as counts and as a report', async () => {
  const summary = summarize(makeAccounts(3));
  installPrinting(JSON.stringify(summary));
  expect(await driver.usage.summary('2026-11')).toEqual(summary);
  expect(await read('summary')).toEqual({ text: JSON.stringify(summary), error: null });
  installPrinting(JSON.stringify({ ...summary, endUsers: -1 }));
  await expect(driver.usage.summary(null)).rejects.toMatchObject({ code: 'OUTPUT_UNPARSED' });
  expect(await read('summary')).toMatchObject({ text: '', error: { code: 'OUTPUT_UNPARSED' } });
});

test('when a document is too large, it is rejected before any byte passes', async () => {
  installPrinting(' '.repeat(20_000));
  expect(await read('ping')).toMatchObject({ text: '', error: { code: 'OUTPUT_TOO_LARGE' } });
});

test('when accounts are searched, the hashes are on stdin with their fields and in no argument', async () => {
  const found = { contract: 1, month: '2026-11', read: 3, total: 0, accounts: [] };
  writeFileSync(join(folder, 'printed'), JSON.stringify(found));
  install(`printf '%s\\n' "$*" > ${folder}/argv; cat > ${folder}/stdin; cat ${folder}/printed`);
  const hashes = { account: null, userName: hash, userId: '0'.repeat(32), userDomain: null };
  expect(await driver.usage.search({ month: '2026-11', hashes })).toEqual(found);
  expect(readFileSync(join(folder, 'argv'), 'utf8')).toBe('--kind per-user --hashed - --month 2026-11\n');
  expect(readFileSync(join(folder, 'stdin'), 'utf8')).toBe(`userName ${hash}\nuserId ${'0'.repeat(32)}\n`);
});

test('when the kit can’t take hashes on stdin, the search rejects with COMMAND_MISSING', async () => {
  install(`echo 'ke_usage_report: INVALID_INPUT: --hashed must be an MD5' >&2; exit 2`);
  const hashes = { account: null, userName: hash, userId: null, userDomain: null };
  await expect(driver.usage.search({ month: null, hashes })).rejects.toMatchObject({
    code: 'COMMAND_MISSING',
  });
});

test('when an acknowledgement is carried in, it is on stdin, and a refusal of the appliance is its error', async () => {
  const acknowledgement = {
    format: 1,
    applianceId: '5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10',
    number: 2,
    manifestSha256: 'a'.repeat(64),
    reportSha256: 'b'.repeat(64),
    receivedAt: '2026-11-20T09:31:00.000Z',
    missing: [1],
  };
  writeFileSync(join(folder, 'printed'), JSON.stringify({ contract: 1, acknowledgement }));
  install(`printf '%s\\n' "$*" > ${folder}/argv; cat > ${folder}/stdin; cat ${folder}/printed`);
  expect(await driver.usage.acknowledge('eyJ.a.b')).toEqual(acknowledgement);
  expect(readFileSync(join(folder, 'argv'), 'utf8')).toBe('acknowledge - --json\n');
  expect(readFileSync(join(folder, 'stdin'), 'utf8')).toBe('eyJ.a.b');
  install(`echo 'ke_usage_report: VERIFICATION_FAILED: nothing was changed' >&2; exit 7`);
  await expect(driver.usage.acknowledge('eyJ.a.b')).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
});
