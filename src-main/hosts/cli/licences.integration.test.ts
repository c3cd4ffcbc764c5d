import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  licenceReceiptSchema,
  licenceRequestSchema,
} from '../../../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { addAuthority } from '../../../test-support/licenceSupply.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';

let box: StockBox;
let folder: string;
let sign: (changes?: Partial<LicencePayload>) => Promise<string>;

const sallyport = (...argv: string[]) =>
  runSallyport(['--data', join(folder, 'data'), ...argv], {
    env: { ...process.env, TZ: 'Pacific/Auckland' },
  });
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  box = await startStockBox();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-licences-'));
  sign = await addAuthority(box.config);
  await chmod(box.config.authorityKeys, 0o644);
  const { adminUser, host, port, adminKeyFile, hostKey } = box;
  const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
  const added = await sallyport('appliance', 'add', 'quay-01', `${adminUser}@${host}:${port}`, ...identity);
  if (added.code !== 0) throw new Error(added.err);
});
afterAll(async () => {
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a request with the command line, and writes an answer to a file. */
async function renewTo(changes: Partial<LicencePayload>): Promise<{ request: string; answer: string }> {
  const out = await mkdtemp(path('request-'));
  const made = await sallyport('--json', 'licence', 'request', 'quay-01', '--out', out);
  expect(made).toMatchObject({ code: 0, err: '' });
  const { items } = z.object({ items: z.array(z.object({ file: z.string() })) }).parse(JSON.parse(made.out));
  const request = items[0]?.file ?? '';
  const read = readDocument(await readFile(request, 'utf8'), 'request');
  const { id, nonce } = licenceRequestSchema.parse('payload' in read ? read.payload : null);
  const answer = join(out, 'answer.jws');
  await writeFile(answer, await sign({ request: { id, nonce }, ...changes }));
  return { request, answer };
}

test('a licence is renewed by files alone: request, verify, dry run, apply, receipt', async () => {
  const { request, answer } = await renewTo({ sequence: 1, expiresAt: '2027-12-10T00:00:00.000Z' });
  const verified = await sallyport('licence', 'verify', answer, '--request', request);
  expect(verified).toMatchObject({ code: 0, err: '' });
  expect(verified.out).toContain('2027-12-10 00:00:00 UTC (2027-12-10 13:00:00 UTC+13:00)');
  const keys = ['--keys', box.config.authorityKeys] as const;
  const elsewhere = ['--data', path('elsewhere'), 'licence', 'verify', answer, '--request', request];
  expect(await runSallyport(elsewhere)).toMatchObject({ code: 2 });
  expect(await runSallyport([...elsewhere, ...keys])).toMatchObject({ code: 0 });

  const tried = await sallyport('licence', 'apply', 'quay-01', answer, '--dry-run');
  expect(tried).toMatchObject({ code: 0, err: '' });
  expect(tried.out).toContain('quay-01 would accept the answer. Nothing was changed.');
  expect(JSON.parse((await sallyport('--json', 'licence', 'show')).out)).toMatchObject({
    items: [{ licence: { state: 'missing' }, openTrip: { name: 'quay-01-0001', step: 'apply' } }],
  });

  expect(await sallyport('licence', 'request', 'quay-01', '--trip')).toMatchObject({ code: exitCodes.usage });
  await symlink(path('nowhere'), path('link.jws'));
  for (const [receipt, code] of [
    [answer, exitCodes.notFoundOrThere],
    [dirname(answer), exitCodes.notFoundOrThere],
    [path('link.jws'), exitCodes.notFoundOrThere],
    [path('no-such-folder/receipt.jws'), exitCodes.usage],
    [`${answer}/receipt.jws`, exitCodes.usage],
  ] as const)
    expect([receipt, await sallyport('licence', 'apply', 'quay-01', '--receipt', receipt)]).toMatchObject([
      receipt,
      { code, out: '' },
    ]);
  expect(JSON.parse((await sallyport('--json', 'licence', 'show')).out)).toMatchObject({
    items: [{ licence: { state: 'missing' }, openTrip: { step: 'apply' } }],
  });

  const applied = await sallyport('licence', 'apply', 'quay-01', '--receipt', path('receipt.jws'));
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toContain('quay-01: sequence 1 is installed and was read back.');
  const receipt = readDocument(await readFile(path('receipt.jws'), 'utf8'), 'receipt');
  expect(licenceReceiptSchema.parse('payload' in receipt ? receipt.payload : null)).toMatchObject({
    applianceId: box.config.applianceId,
    outcome: 'applied',
    sequence: 1,
  });
  expect(await readFile(join(box.config.stateFolder, 'licence.jws'), 'utf8')).toBe(
    `${(await readFile(answer, 'utf8')).trim()}\n`,
  );
  // The same answer again is done already. Without an answer, there is nothing to apply.
  const again = JSON.parse((await sallyport('--json', 'licence', 'apply', 'quay-01', answer)).out);
  expect(again).toMatchObject({ outcome: 'already-installed', licence: { sequence: 1 } });
  expect(await sallyport('licence', 'apply', 'quay-01')).toMatchObject({ code: 3, out: '' });
  const shown = JSON.parse((await sallyport('--json', 'licence', 'show', 'quay-01')).out);
  expect(shown).toMatchObject({ items: [{ licence: { sequence: 1, state: 'valid' }, openTrip: null }] });
});

test('an answer that takes a connector away is applied only with --accept-losses', async () => {
  const entitlements = { accounts: 100, connectors: [], plan: 'standard', internalDevelopment: false };
  const { answer } = await renewTo({ sequence: 2, entitlements, expiresAt: '2027-12-10T00:00:00.000Z' });
  const diff = await sallyport('licence', 'diff', 'quay-01', answer);
  expect(diff).toMatchObject({ code: 0 });
  expect(diff.out).toContain('Loss: “smb” is no longer licensed; no tunnel uses it.');
  const refused = await sallyport('licence', 'apply', 'quay-01', answer);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain('--accept-losses');
  const history = async () => JSON.parse((await sallyport('--json', 'licence', 'history', 'quay-01')).out);
  expect(await history()).toMatchObject({ items: [{ sequence: 1, isInstalled: true }] });
  expect(await sallyport('licence', 'apply', 'quay-01', answer, '--accept-losses')).toMatchObject({
    code: 0,
  });
  expect(await history()).toMatchObject({
    items: [
      { sequence: 2, isInstalled: true },
      { sequence: 1, isInstalled: false },
    ],
  });
  const rollBack = (...options: string[]) => sallyport('licence', 'rollback', 'quay-01', ...options);
  expect(await rollBack('7', '--yes')).toMatchObject({
    code: exitCodes.notFoundOrThere,
    err: expect.stringContaining('Sequence 7 is not kept. These are: 2, 1.'),
  });
  expect(await rollBack('2', '--yes')).toMatchObject({
    code: exitCodes.usage,
    err: expect.stringContaining('installed already'),
  });
  const asked = await rollBack('1');
  expect(asked).toMatchObject({ code: exitCodes.usage, out: '' });
  expect(asked.err).toContain('Sequence 1, valid until 2027-12-10 00:00:00 UTC');
  expect(asked.err).toContain('add --yes');
  expect(await rollBack('1', '--yes')).toMatchObject({ code: 0 });
  expect(await history()).toMatchObject({ items: [{ sequence: 2 }, { sequence: 1, isInstalled: true }] });
});

test('an answer that fails a check is refused with exit code 7 and changes nothing', async () => {
  const installed = await readFile(join(box.config.stateFolder, 'licence.jws'), 'utf8');
  const { answer } = await renewTo({ sequence: 1 });
  const kept = await sallyport('licence', 'answer', 'quay-01', answer);
  expect(kept).toMatchObject({ code: 7 });
  expect(kept.out).toMatch(/FAILED +Newer than installed +sequence 1, installed up to 2/u);
  expect(await sallyport('licence', 'apply', 'quay-01', '--accept-losses')).toMatchObject({
    code: 7,
    out: '',
  });
  const text = await readFile(answer, 'utf8');
  await mkdir(path('wrong'));
  await writeFile(path('wrong/cut.jws'), text.slice(0, -20));
  expect(await sallyport('licence', 'answer', 'quay-01', path('wrong/cut.jws'))).toMatchObject({
    code: 7,
    out: expect.stringMatching(/FAILED +File/u),
  });
  await writeFile(path('wrong/none.txt'), 'Dear customer,\nyour licence follows next week.\n');
  expect(await sallyport('licence', 'answer', 'quay-01', path('wrong/none.txt'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('The text contains no answer'),
  });
  expect(await readFile(join(box.config.stateFolder, 'licence.jws'), 'utf8')).toBe(installed);
});

test('answers in a folder are applied to the appliances whose requests they answer', async () => {
  const { answer } = await renewTo({ sequence: 3, expiresAt: '2027-12-10T00:00:00.000Z' });
  const inbox = path('inbox');
  await mkdir(inbox);
  await mkdir(path('receipts'));
  await writeFile(
    join(inbox, 'mail.txt'),
    `> ${(await readFile(answer, 'utf8')).match(/.{1,70}/gu)?.join('\n> ')}`,
  );
  await writeFile(join(inbox, 'other.jws'), await sign({ sequence: 4, request: null }));
  await writeFile(join(inbox, '.hidden'), 'x');
  const tried = await sallyport('--json', 'licence', 'apply-many', inbox, '--dry-run');
  expect(tried).toMatchObject({ code: 3 });
  expect(JSON.parse(tried.out)).toMatchObject({
    items: [
      {
        file: 'mail.txt',
        appliance: 'quay-01',
        outcome: 'acceptable',
        licence: 'before',
        sequence: 1,
        error: null,
      },
      { file: 'other.jws', appliance: null, outcome: 'failed', error: { code: 'NOT_FOUND' } },
    ],
  });
  await rm(join(inbox, 'other.jws'));
  const noFolder = await sallyport('licence', 'apply-many', inbox, '--receipts', path('no-such-folder'));
  expect(noFolder).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no-such-folder') });
  const applied = await sallyport('licence', 'apply-many', inbox, '--receipts', path('receipts'));
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toMatch(/mail\.txt +quay-01 +applied +new +3/u);
  const receipt = await readFile(path('receipts/quay-01-0004.receipt.jws'), 'utf8');
  expect(readDocument(receipt, 'receipt')).toMatchObject({ payload: { sequence: 3, outcome: 'applied' } });
});

test('the calendar lists the work before the expiry and writes it as iCalendar', async () => {
  const calendar = await sallyport('--json', 'licence', 'calendar', '--ics', path('licences.ics'));
  expect(calendar).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(calendar.out)).toMatchObject({
    items: [
      {
        name: 'quay-01',
        lastDay: '2027-12-09',
        dates: [
          { step: 'quote', day: '2027-11-04' },
          { step: 'order', day: '2027-11-18' },
          { step: 'carry', day: '2027-11-29' },
          { step: 'apply', day: '2027-12-03' },
        ],
      },
    ],
  });
  const events = (await readFile(path('licences.ics'), 'utf8')).match(/^DTSTART.*$/gmu);
  expect(events?.map((line) => line.trim())).toContain('DTSTART;VALUE=DATE:20271203');
  const table = await sallyport('licence', 'calendar', '--offline', '--ics', path('licences.ics'));
  expect(table.code).toBe(0);
  expect(table.out).toMatch(/quay-01 .* \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/mu);
  expect(table.out).toContain(`The dates were written to ${path('licences.ics')}.`);
  expect(table.out).not.toMatch(/UTC \(.* UTC\)|\dT\d\d:/u);
});

async function json(...argv: string[]): Promise<unknown> {
  const { code, out, err } = await sallyport('--json', 'licence', ...argv);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

test('the work of the calendar is snoozed, marked as done, and moved by other lead times', async () => {
  const until = new Date(Date.now() + 7 * dayMs).toISOString().slice(0, 10);
  const reason = ['--reason', 'the quote is awaited'];
  expect(await json('snooze', 'quay-01', '--until', until, ...reason)).toMatchObject({
    snooze: { until, reason: 'the quote is awaited' },
  });
  expect(await json('snooze', 'quay-01', '--end')).toMatchObject({ snooze: null });
  await json('done', 'quay-01', 'quote', '--note', 'order 4711');
  expect(await json('lead-times', '--quote', '60', '--closed', '24 Dec – 3 Jan')).toMatchObject({
    quoteDays: 60,
    orderDays: 21,
  });
  expect(await json('remind', '--administrator', '60,30', '--no-daily-in-grace')).toMatchObject({
    administratorDays: '60,30',
    dailyInGrace: false,
  });
  expect((await sallyport('licence', 'lead-times')).out).toMatch(
    /^--quote +60\n--order +21\n--carry +10\n--apply +5\n--closed +24 Dec – 3 Jan\n$/u,
  );
  expect((await sallyport('licence', 'remind')).out).toMatch(
    /^--purchasing +14, 3\n--manager +7, 1\n--administrator +60,30\n--daily-in-grace +no\n$/u,
  );
  expect(await json('calendar')).toMatchObject({
    items: [{ dates: [{ step: 'quote', day: '2027-10-08', done: { note: 'order 4711' } }, {}, {}, {}] }],
  });
  for (const refused of [
    ['snooze', 'quay-01', '--until', '2020-01-01', ...reason],
    ['snooze', 'quay-01', '--until', until],
    ['snooze', 'quay-01', '--until', 'tomorrow', ...reason],
    ['done', 'quay-01', 'apply'],
    ['lead-times', '--quote', '366'],
    ['lead-times', '--quote', '20'],
    ['lead-times', '--order', '61'],
    ['lead-times', '--apply', '11', '--closed', '1 May'],
    ['remind', '--manager', '7,x'],
  ])
    expect(await sallyport('licence', ...refused)).toMatchObject({ code: exitCodes.usage, out: '' });
});

test('a configuration is shown masked, edited, applied, read back and rolled back', async () => {
  const secret = 'planted-database-password';
  const content = `# north office\nhostname: box.example\ndb:\n  password: ${secret}\n  port: 5432\n`;
  await box.system.mustRun(['install', '-d', '-m', '755', '/data']);
  await box.system.mustRun(['sh', '-c', 'umask 027 && cat > /data/kloudless.yml'], { stdin: content });
  const shown = await sallyport('config', 'show', 'quay-01');
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain('# north office\nhostname: box.example\n');
  expect(shown.out).not.toContain(secret);
  await writeFile(path('candidate.yml'), shown.out.replace('5432', '5433'));
  const diff = await sallyport('config', 'diff', 'quay-01', path('candidate.yml'));
  expect(diff).toMatchObject({ code: 0, err: '' });
  expect(diff.out).toMatch(/^db\.port +changed +5432 +5433$/mu);

  await writeFile(path('wrong.yml'), shown.out.replace('5432', 'none'));
  const apply = ['config', 'apply', 'quay-01', '--reason', 'OPS-4711', '--yes'] as const;
  const refused = await sallyport(...apply, path('wrong.yml'));
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('db.port') });
  const applied = await sallyport(...apply, path('candidate.yml'));
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toContain('Read back: the appliance has it.');
  const onDisk = () => box.system.mustRun(['cat', '/data/kloudless.yml']);
  expect(await onDisk()).toBe(content.replace('5432', '5433'));
  expect(await box.system.mustRun(['stat', '--format=%a', '/data/kloudless.yml'])).toBe('640\n');

  const history = await sallyport('--json', 'config', 'history', 'quay-01');
  const { versions } = z
    .object({ versions: z.array(z.object({ number: z.int(), isInstalled: z.boolean() })) })
    .parse(JSON.parse(history.out));
  const first = versions.find(({ isInstalled }) => !isInstalled)?.number ?? 0;
  const asked = await sallyport('config', 'rollback', 'quay-01', '1', '--reason', 'TICKET-9');
  expect(asked).toMatchObject({ code: exitCodes.usage, out: '' });
  expect(asked.err).toMatch(/KEY +CHANGE +NOW +VERSION 1/u);
  const kept = await sallyport('config', 'show', 'quay-01', '--kept', `${first}`);
  expect(kept).toMatchObject({ code: 0, err: '', out: shown.out });
  const compared = await sallyport('config', 'diff', 'quay-01', '--kept', `${first}`);
  expect(compared).toMatchObject({ code: 0, err: '' });
  expect(compared.out).toMatch(/^db\.port +changed +5432 +5433$/mu);
  const rolled = await sallyport(
    'config',
    'rollback',
    'quay-01',
    `${first}`,
    '--reason',
    'OPS-4712',
    '--yes',
  );
  expect(rolled).toMatchObject({ code: 0, err: '' });
  expect(await onDisk()).toBe(content);
  for (const { out, err } of [shown, diff, refused, applied, history, kept, compared, asked, rolled])
    expect(out + err).not.toContain(secret);
});
