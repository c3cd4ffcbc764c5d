import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { hashField } from '../../src-shared/model/usage/hashedFields.ts';
import { startApplianceConsole, type ApplianceConsole } from '../../test-support/applianceConsole.ts';
import { fillBoxAccounts, type BoxAccounts } from '../../test-support/boxAccounts.ts';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { filesHolding } from '../../test-support/filesHolding.ts';
import { runSallyport } from '../../test-support/runSallyport.ts';
import { makeSelfSigned } from '../../test-support/selfSigned.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { createSsh2Transport } from '../ssh/transport/ssh2Transport.ts';
import type { SshTransport } from '../ssh/types.ts';

const run = promisify(execFile);
const begun = Date.now();
let box: StockBox;
let console: ApplianceConsole;
let folder: string;
let accounts: BoxAccounts;
/** Every command line that the console sent to the appliance. */
const sent: string[] = [];

function recordCommands(transport: SshTransport): SshTransport {
  return {
    connect: async (request) => {
      const connection = await transport.connect(request);
      return {
        ...connection,
        exec: (line, onRefused) => {
          sent.push(line);
          return connection.exec(line, onRefused);
        },
      };
    },
  };
}

const sallyport = (...argv: string[]) => runSallyport(['--data', console.dataFolder, ...argv]);
const path = (name: string) => join(folder, name);
const month = new Date().toISOString().slice(0, 7);

beforeAll(async () => {
  box = await startStockBox({
    licence: {
      entitlements: {
        accounts: null,
        connectors: ['smb'],
        plan: 'graduated',
        internalDevelopment: true,
      },
      plans: [aPlan()],
    },
  });
  folder = await mkdtemp(join(tmpdir(), 'sallyport-usage-'));
  accounts = await fillBoxAccounts(box.config, { folder, accounts: 150 });
  console = await startApplianceConsole(box, {
    name: 'quay-01',
    transport: recordCommands(createSsh2Transport()),
  });
});
afterAll(async () => {
  await console.stop();
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});

const nameSchema = z.object({ userName: z.string().nullable(), isInternal: z.number() });

/** The user names of the accounts, by whether any account of that name is internal development. */
async function readNames(): Promise<{ internal: string[]; hidden: string[] }> {
  const rows = await accounts.query(
    nameSchema,
    `SELECT a.user_name AS "userName", MAX(CASE WHEN a.is_internal = 1 OR p.is_internal = 1 THEN 1 ELSE 0 END) AS "isInternal"
        FROM account a JOIN application p ON p.id = a.application_id WHERE a.user_name IS NOT NULL GROUP BY a.user_name`,
  );
  const of = (flag: number) =>
    rows.flatMap(({ userName, isInternal }) => (isInternal === flag && userName !== null ? [userName] : []));
  return { internal: of(1), hidden: of(0) };
}

const hideTime = (text: string) => text.replace(/"takenAt":"[^"]+"/u, '');

test.each(['standard', 'per-user', 'ping', 'summary'] as const)(
  'when the %s report is read, its bytes are those of the appliance’s command',
  async (kind) => {
    const own = await box.ke(['ke_usage_report', '--kind', kind]);
    const printed = await sallyport('usage', 'report', 'quay-01', '--kind', kind);
    expect(printed).toMatchObject({ code: 0, err: '' });
    expect(hideTime(printed.out)).toBe(hideTime(own.stdout));
    expect(printed.out.length).toBeGreaterThan(100);
  },
);

test('when a report is written to a file, the file has the bytes, and only the user can read it', async () => {
  const own = await box.ke(['ke_usage_report', '--kind', 'per-user', '--month', month]);
  const file = path('report.jsonl');
  const argv = ['usage', 'report', 'quay-01', '--kind', 'per-user', '--month', month, '--out', file];
  const printed = await sallyport('--json', ...argv);
  expect(printed).toMatchObject({ code: 0, err: '' });
  expect(await readFile(file, 'utf8')).toBe(own.stdout);
  const facts = JSON.parse(printed.out);
  expect(facts).toMatchObject({ file, kind: 'per-user', bytes: Buffer.byteLength(own.stdout) });
  const { accounts: all, internal } = JSON.parse(own.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(facts.accounts).toEqual({ all, internal });
  expect(await sallyport(...argv)).toMatchObject({ code: 3, out: '' });
  expect((await run('stat', ['-c', '%a', file])).stdout).toBe('600\n');
});

const invoiceSchema = z.object({
  total: z.object({ value: z.string() }),
  plainTextAccounts: z.number(),
  lines: z.array(
    z.object({ quantity: z.number(), unitPrice: z.string(), amount: z.object({ value: z.string() }) }),
  ),
});
const cents = (value: string) => Math.round(Number(value) * 100);

/** What plain SQL says that the accounts of the present month cost with `aPlan`, in cents: graduated users and admins. */
async function countDue(): Promise<{ users: number; admins: number; internal: number }> {
  const internal = 'CASE WHEN a.is_internal = 1 OR p.is_internal = 1 THEN 1 ELSE 0 END';
  const count = z
    .number()
    .nullable()
    .transform((value) => value ?? 0);
  const [row] = await accounts.query(
    z.object({ users: count, admins: count, internal: count }),
    `SELECT SUM((1 - a.is_admin) * (1 - ${internal}) * (a.deactivated_at IS NULL)) AS users,
        SUM(a.is_admin * (1 - ${internal}) * (a.deactivated_at IS NULL)) AS admins, SUM(${internal}) AS internal
        FROM account a JOIN application p ON p.id = a.application_id`,
  );
  if (row === undefined) throw new Error('the database has no accounts');
  return row;
}

test('when a bill is previewed, it is what plain SQL counts times the prices of the plan', async () => {
  const due = await countDue();
  expect(due.users).toBeGreaterThan(10);
  const printed = await sallyport('--json', 'usage', 'preview');
  expect(printed).toMatchObject({ code: 0, err: '' });
  const { appliances, fleet } = JSON.parse(printed.out);
  const invoice = invoiceSchema.parse(appliances[0].invoice);
  expect(cents(invoice.total.value)).toBe(due.users * 120 + due.admins * 900);
  expect(invoice.plainTextAccounts).toBe(due.internal);
  expect(appliances[0]).toMatchObject({
    name: 'quay-01',
    error: null,
    lastGood: null,
    projection: { daysLeft: expect.any(Number) },
  });
  expect(fleet).toMatchObject({ isComplete: true, totals: [{ currency: 'EUR', sum: invoice.total.value }] });
  const text = await sallyport('usage', 'preview', 'quay-01');
  expect(text.out).toContain('Each line is rounded half up to 2 digits, then added.');
  expect(text.out).toMatch(/named in plain text in the per-user report/u);
});

test('when two months are compared, the effects of quantity and price add up to the difference', async () => {
  const printed = await sallyport('--json', 'usage', 'diff', 'quay-01');
  expect(printed).toMatchObject({ code: 0, err: '' });
  const { before, after, comparison } = JSON.parse(printed.out);
  const amount = (part: string) => cents(comparison[part].value);
  expect(amount('quantity') + amount('price')).toBe(amount('difference'));
  expect(amount('difference')).toBe(cents(after.invoice.total.value) - cents(before.invoice.total.value));
  expect(amount('difference')).not.toBe(0);
  expect(after).toMatchObject({ month, source: 'appliance', error: null });
  expect((await sallyport('usage', 'diff', 'quay-01')).out).toContain('By quantity: ');
});

test('when a statement is exported, its report is the appliance’s, and its signature is verified with the known key', async () => {
  const unknown = path('unknown');
  const argv = ['usage', 'export', 'quay-01', '--kind', 'per-user', '--month', month, '--out'];
  expect(JSON.parse((await sallyport('--json', ...argv, unknown)).out)).toMatchObject({ isSigned: null });
  // A request names the appliance's own key.
  expect(await sallyport('licence', 'request', 'quay-01')).toMatchObject({ code: 0 });
  const known = path('known');
  const printed = await sallyport('--json', ...argv, known);
  expect(printed).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(printed.out)).toMatchObject({ isSigned: true, manifest: { number: 2, month } });
  const own = await box.ke(['ke_usage_report', '--kind', 'per-user', '--month', month]);
  expect(await readFile(join(known, 'report.jsonl'), 'utf8')).toBe(own.stdout);
  const statement = await box.ke(['ke_usage_report', 'statement', '--number', '2']);
  expect(await readFile(join(known, 'statement.jws'), 'utf8')).toBe(statement.stdout);
  await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: known });
  const again = path('again');
  expect(await sallyport('usage', 'export', 'quay-01', '--number', '2', '--out', again)).toMatchObject({
    code: 0,
  });
  expect(await readFile(join(again, 'statement.jws'), 'utf8')).toBe(statement.stdout);
});

test('when the appliance sends its statements itself, the receiver gets the bytes of the export', async () => {
  const received: { path: string; body: Buffer }[] = [];
  const [host] = box.near;
  const tls = makeSelfSigned(host);
  const receiver = createServer(tls, (request, response) => {
    void (async () => {
      received.push({ path: request.url ?? '', body: await buffer(request) });
      // Without an acknowledgement, the statements stay as they are.
      response.writeHead(204).end();
    })();
  });
  await new Promise<void>((resolve) => receiver.listen(0, host, resolve));
  onTestFinished(() => void receiver.close());
  const address = z.object({ port: z.number() }).parse(receiver.address());
  const settings = await readFile(box.configFile, 'utf8');
  onTestFinished(() => writeFile(box.configFile, settings));
  await writeFile(box.system.path('/etc/sallyport/authority-ca.pem'), tls.cert);
  const authority = {
    url: `https://${host}:${address.port}`,
    caFile: '/etc/sallyport/authority-ca.pem',
    mode: 'connected',
  };
  await writeFile(box.configFile, JSON.stringify({ ...JSON.parse(settings), authority }));
  const sent = await box.ke(['ke_usage_report', 'send']);
  expect(sent).toMatchObject({ exitCode: 1, stdout: '' });
  expect(sent.stderr).toContain('2 of 2 were not sent');
  expect(received.map((one) => one.path)).toEqual(['/v1/usage/statement', '/v1/usage/statement']);
  for (const [at, { body }] of received.entries()) {
    const out = path(`sent-${at + 1}`);
    const argv = ['usage', 'export', 'quay-01', '--number', `${at + 1}`, '--out', out];
    expect(await sallyport(...argv)).toMatchObject({ code: 0 });
    expect(body.equals(await readFile(join(out, 'statement.jws')))).toBe(true);
    expect(body.length).toBeGreaterThan(10_000);
  }
});

test('when the kept report of a statement was changed, nothing is exported', async () => {
  const kept = accounts.statementReport(2);
  const content = await readFile(kept, 'utf8');
  await writeFile(kept, content.replace('"active":true', '"active":false'));
  const out = path('changed');
  const refused = await sallyport('usage', 'export', 'quay-01', '--number', '2', '--out', out);
  await writeFile(kept, content);
  expect(refused).toMatchObject({ code: 7, out: '' });
  expect(existsSync(out)).toBe(false);
});

test('when all this was done, no name of an account that is not internal is in store, logs, audit or command lines', async () => {
  const { id } = console.entry;
  const { usage } = console.services;
  let report = '';
  await usage.report({ applianceId: id, kind: 'per-user', month: null, to: 'the test' }, async (bytes) => {
    for await (const chunk of bytes) report += chunk.toString('utf8');
  });
  await usage.preview([id], null);
  await usage.compare(id, { month: null, against: null });
  await usage.exportStatement({
    applianceId: id,
    folder: path('by-service'),
    kind: 'per-user',
    month,
    number: null,
  });
  const { internal, hidden } = await readNames();
  expect(internal.length).toBeGreaterThan(0);
  expect(hidden.length).toBeGreaterThan(20);
  const hashes = hidden.slice(0, 20).map((name) => hashField('userName', name) ?? '');
  // The report has the hashes and the internal names, so the search would find them.
  expect(hashes.filter((hash) => !report.includes(hash))).toEqual([]);
  expect(internal.filter((name) => !report.includes(name))).toEqual([]);
  expect(hidden.filter((name) => report.includes(name))).toEqual([]);
  const { dataFolder } = console;
  expect(await filesHolding([dataFolder], [...hidden, ...hashes], begun)).toEqual([]);
  expect(await filesHolding([dataFolder], internal, begun)).toEqual([]);
  expect(await filesHolding([dataFolder], ['nonAdmin'], begun)).not.toEqual([]);
  const audit = (await sallyport('--json', 'audit', 'list')).out;
  expect(audit).toContain('usage.export');
  const words = [audit, ...sent].join('\n');
  expect(words).toContain('ke_usage_report statement --kind per-user');
  expect([...hidden, ...internal, ...hashes].filter((name) => words.includes(name))).toEqual([]);
});

const accountSchema = z.object({ userName: z.string().nullable(), userId: z.string().nullable() });

test('when what-ifs were made and names read, no name or user ID of any account is in store, logs, audit, exports or command lines', async () => {
  const { id } = console.entry;
  const { accountChanges } = console.services;
  const page = { application: null, idleDays: null, hasNames: true, skip: 0, limit: 500 };
  const { accounts: listed } = await accountChanges.accounts({ applianceId: id, ...page });
  const marks = { hashes: listed.slice(0, 5).map(({ hash }) => hash) };
  const whatIf = await accountChanges.whatIf({ applianceId: id, marks, idleDays: 60, planId: null });
  expect(whatIf.priced.plainText.added).not.toBe(0);
  const marked = path('marked.txt');
  await writeFile(marked, marks.hashes.join('\n'));
  const argv = ['usage', 'what-if', 'quay-01', '--mark', marked, '--deactivate-idle', '60'];
  const [text, json] = [await sallyport(...argv), await sallyport('--json', ...argv)];
  expect([text.code, json.code]).toEqual([0, 0]);

  const rows = await accounts.query(
    accountSchema,
    'SELECT user_name AS "userName", user_id AS "userId" FROM account',
  );
  const names = [...new Set(rows.flatMap(({ userName, userId }) => [userName ?? [], userId ?? []].flat()))];
  const searched = [...new Set(names.flatMap((name) => [name, name.toLowerCase()]))];
  expect(names.length).toBeGreaterThan(200);
  // The names were read, so they could have been kept.
  const read = listed.flatMap((account) =>
    [account.names?.userName ?? [], account.names?.userId ?? []].flat(),
  );
  expect(names.filter((name) => !read.includes(name))).toEqual([]);
  // The search plants a file for each name and rejects unless it finds it.
  expect(await filesHolding([console.dataFolder], searched, begun)).toEqual([]);
  const audit = (await sallyport('--json', 'audit', 'list')).out;
  expect(audit).toContain('usage.names');
  const written = {
    audit,
    commands: sent.join('\n'),
    scenario: JSON.stringify(whatIf),
    text: text.out,
    json: json.out,
  };
  expect(written.commands).toContain('ke_manage_accounts plan');
  for (const [place, content] of Object.entries(written)) {
    const isIn = (name: string) => content.toLowerCase().includes(name.toLowerCase());
    expect({ place, found: searched.filter(isIn) }).toEqual({ place, found: [] });
    const [planted = ''] = names;
    expect(`${content} ${planted}`.toLowerCase().includes(planted.toLowerCase())).toBe(true);
  }
});

test('when the database goes away, the error and the last complete counts with their age are shown', async () => {
  const before = JSON.parse((await sallyport('--json', 'usage', 'preview', 'quay-01')).out);
  await rename(accounts.path, `${accounts.path}.away`);
  await rm(`${accounts.path}-wal`, { force: true });
  await rm(`${accounts.path}-shm`, { force: true });
  await writeFile(accounts.path, 'this is no database'.repeat(1000), { mode: 0o600 });
  const printed = await sallyport('--json', 'usage', 'preview', 'quay-01');
  expect(printed.code).toBe(1);
  expect(printed.err).toContain('DATABASE_UNUSABLE');
  const { appliances, fleet } = JSON.parse(printed.out);
  expect(appliances[0]).toMatchObject({ invoice: null, error: { code: 'DATABASE_UNUSABLE' } });
  const { lastGood } = appliances[0];
  expect(lastGood.invoice).toEqual(before.appliances[0].invoice);
  expect(lastGood.ageSeconds).toBeGreaterThanOrEqual(0);
  expect(fleet).toMatchObject({ isComplete: false, totals: [], missing: [{ name: 'quay-01' }] });
  const text = await sallyport('usage', 'preview', 'quay-01');
  expect(text.out).toMatch(/^quay-01: no amount\. /u);
  expect(text.out).toMatch(/Last complete counts of .*, \d+ minutes? ago\./u);
  const diff = await sallyport('--json', 'usage', 'diff', 'quay-01');
  expect(diff).toMatchObject({ code: 1, err: expect.stringContaining('DATABASE_UNUSABLE') });
  expect(JSON.parse(diff.out)).toMatchObject({ before: { source: 'kept' }, after: { source: 'kept' } });
  const out = path('unusable.jsonl');
  const report = ['usage', 'report', 'quay-01', '--kind', 'standard', '--out', out];
  expect(await sallyport(...report)).toMatchObject({ code: 1, out: '' });
  expect(existsSync(out)).toBe(false);
  await rename(`${accounts.path}.away`, accounts.path);
  expect(await sallyport('usage', 'preview', 'quay-01')).toMatchObject({ code: 0 });
});
