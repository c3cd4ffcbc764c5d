import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { UsageComparison, UsagePreviewView } from '../../../src-shared/contract/usage.ts';
import { compareInvoices } from '../../../src-shared/model/billing/compareInvoices.ts';
import { findConnectorChanges } from '../../../src-shared/model/billing/connectorChanges.ts';
import { priceMonth } from '../../../src-shared/model/billing/priceMonth.ts';
import { projectMonth } from '../../../src-shared/model/billing/projectMonth.ts';
import { hashSearch, type ReportPart } from '../../../src-shared/model/usage/reportRows.ts';
import type { AccountLine } from '../../../src-shared/model/usage/usageReport.ts';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../test-support/billing/population.ts';
import { createFakeConsole, sampleAbout, throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { App } from '../../app/App.tsx';

const plan = aPlan();
const counted = ({ smb, cmis, internal = 0 }: { smb: number; cmis: number; internal?: number }, at: string) =>
  summarize(
    [
      ...makeAccounts(smb),
      ...makeAccounts(cmis, { connector: 'cmis' }),
      ...makeAccounts(2, { admin: true }),
      ...makeAccounts(internal, { internal: true }),
    ],
    { month: at.slice(0, 7), takenAt: at },
  );

const october = counted({ smb: 30, cmis: 10 }, '2026-10-31T23:00:00.000Z');
/** 2 more in smb each day, and 20 more in cmis from the 9th to the 11th. */
const days = Array.from({ length: 20 }, (_, at) => {
  const day = at + 1;
  const cmis = day < 9 ? 10 : day < 11 ? 10 + (day - 8) * 7 : 30;
  return counted({ smb: 30 + 2 * day, cmis }, `2026-11-${String(day).padStart(2, '0')}T09:31:00.000Z`);
});
const present = days.at(-1) ?? october;

function preview(change: Partial<UsagePreviewView> = {}): UsagePreviewView {
  const { projection } = projectMonth({ plan, month: '2026-11', snapshots: days });
  return {
    applianceId,
    name: 'kiln-01',
    summary: present,
    invoice: priceMonth(plan, present),
    error: null,
    threshold: null,
    projection,
    lastGood: null,
    ...change,
  };
}

function compared(): UsageComparison {
  const { projection } = preview();
  if (projection === null || !projection.known) throw new Error('no projection');
  const [before, after] = [priceMonth(plan, october), priceMonth(plan, present)];
  const projected = compareInvoices(before, projection.invoice);
  const side = { ageSeconds: 0, source: 'appliance', planSource: 'licence', error: null } as const;
  const counts = { before: october, now: present, expected: projection.counts, days };
  return {
    applianceId,
    name: 'kiln-01',
    before: { ...side, month: '2026-10', takenAt: october.takenAt, invoice: before },
    after: { ...side, month: '2026-11', takenAt: present.takenAt, invoice: after },
    comparison: compareInvoices(before, after),
    projected,
    causes: Object.fromEntries(
      projected.lines.flatMap((line) => {
        const selection = after.lines.find(({ key }) => key === line.key)?.selection ?? null;
        return line.quantityBefore === line.quantityAfter
          ? []
          : [[line.key, findConnectorChanges(counts, { line, selection }, after)]];
      }),
    ),
  };
}

const hash = (digit: string) => digit.repeat(32);
const hashedRow: AccountLine = {
  account: hash('a'),
  userName: hash('b'),
  userId: null,
  userDomain: hash('c'),
  active: true,
  admin: false,
  connector: 'smb',
  lastRequest: '2026-11-20',
  connected: '2026-11-02',
  updated: '2026-11-03',
  internal: false,
};
const plainRow: AccountLine = {
  ...hashedRow,
  account: '118',
  userName: 'dev@plant.example',
  userId: 'U-1',
  userDomain: 'plant.example',
  internal: true,
};

async function* parts(...all: Partial<ReportPart>[]) {
  for (const part of all)
    yield { plain: [], hashed: [], read: 2, matched: 2, plainMatched: 0, isDone: true, ...part };
}

function open(answers: Parameters<typeof createFakeConsole>[0] = {}, address = '/appliance/kiln-01/usage') {
  location.hash = `#${address}`;
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'usage.preview': () => ({ preview: preview() }),
    'usage.compare': () => ({ compared: compared() }),
    'usage.history': () => ({
      points: days.map(({ takenAt }, at) => ({
        day: takenAt.slice(0, 10),
        connectors: [
          { connector: 'smb', active: 30 + at, total: 40 + at },
          { connector: 'cmis', active: 10, total: 12 },
        ],
      })),
    }),
    'usage.rows': () => parts({ hashed: [hashedRow], isDone: false }, { plain: [plainRow], plainMatched: 1 }),
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return { ...fake, user: userEvent.setup() };
}

const invoice = async () => within(await screen.findByRole('region', { name: 'Invoice' }));
const report = async () => within(await screen.findByRole('region', { name: 'What would be sent' }));
const inputsOf = (calls: ReturnType<typeof open>['calls'], name: string) =>
  calls.filter(({ procedure }) => procedure === name).map(({ input }) => input);

test('when the page opens, each line has its count, rate, amounts, and change against the month before', async () => {
  open();
  const card = await invoice();
  await card.findByRole('columnheader', { name: 'October' });
  const rows = card.getAllByRole('row').map((row) => row.textContent);
  expect(rows).toEqual([
    'LineCountRateTo dateProjectedOctoberChange',
    'Active users, first 1,0001001.20120.00168.0048.00+120.00',
    'Admin accounts29.0018.0018.0018.000.00',
    'Total102–138.00186.0066.00+120.00',
  ]);
  expect(card.getByText('181.8 % more than October')).toBeDefined();
  expect(card.getByText('EUR 186.00')).toBeDefined();
  expect(
    card.getByText(/^Each line is rounded half up to 2 digits, then added\..*vendor’s invoice decides\.$/u),
  ).toBeDefined();
});

test('when a line is opened, it says why it counts, which connectors changed it, and when', async () => {
  const { user, calls } = open();
  const card = await invoice();
  await card.findByRole('columnheader', { name: 'October' });
  await user.click(card.getByRole('button', { name: 'Active users, first 1,000' }));
  expect(card.getByText(/^Charged are active non-admin accounts of all connectors/u)).toBeDefined();
  const row = card.getByText('40 more in cmis').closest('tr');
  expect(row?.textContent).toBe(
    '40 more in cmis, 20 on 9–11 Nov, 10 → 30 accounts so far, 50 expected. Show accounts connected this month+48.00',
  );
  await user.click(within(row ?? document.body).getByRole('button'));
  await waitFor(() =>
    expect(inputsOf(calls, 'usage.rows').at(-1)).toMatchObject({
      filter: { activity: 'active', role: 'nonAdmin', connectors: ['cmis'], connectedSince: '2026-11-01' },
    }),
  );
  expect(
    (await report()).getByText(/^Only active non-admin accounts of cmis.*connected in November\.$/u),
  ).toBeDefined();
});

test('when an amount can’t be computed, the page says why, and shows the last complete counts with their age', async () => {
  const lastGood = {
    month: '2026-11',
    takenAt: present.takenAt,
    ageSeconds: 60,
    summary: present,
    invoice: priceMonth(plan, present),
    error: null,
  };
  const error = { code: 'DATABASE_UNUSABLE', message: 'The database can’t be used.' } as const;
  open({
    'usage.preview': () => ({
      preview: preview({ summary: null, invoice: null, projection: null, error, lastGood }),
    }),
    'usage.compare': () => throwAppError('DATABASE_UNUSABLE', 'The database can’t be used.'),
  });
  expect((await screen.findAllByRole('alert'))[0]?.textContent).toContain('The database can’t be used.');
  expect(screen.getByText(/^Shown are the last complete counts/u)).toBeDefined();
  expect((await invoice()).getByText('EUR 138.00')).toBeDefined();
});

test('when a count is missing, its line and the total are not known, and no 0 stands in their place', async () => {
  const summary = { ...present, cutShort: 'the database ended' };
  const error = { code: 'BILLING_COUNTS_INCOMPLETE', message: 'the database ended' } as const;
  open({
    'usage.preview': () => ({
      preview: preview({ summary, invoice: priceMonth(plan, summary), projection: null, error }),
    }),
    'usage.compare': () => throwAppError('BILLING_COUNTS_INCOMPLETE', 'the database ended'),
  });
  expect((await screen.findAllByRole('alert'))[0]?.textContent).toContain('the database ended');
  expect(await screen.findByText('No complete counts are kept.')).toBeDefined();
  expect(screen.queryByText(/0\.00/u)).toBeNull();
});

test('when the report is read, rows in plain text come first and are counted', async () => {
  open();
  const card = await report();
  await waitFor(() =>
    expect(card.getByText(/rows is in plain text, listed first/u).textContent).toMatch(/^1 of 2/u),
  );
  const names = card.getAllByRole('row').map((row) => row.getAttribute('aria-label'));
  expect(names.filter((name) => name !== null)).toEqual([
    '118, smb, plain text, active',
    `${hash('a')}, smb, active`,
  ]);
});

test('when one account is searched, only its hashes leave the page, and no storage or address has its name', async () => {
  const name = 'Anna.Quinn@Example.com';
  const { user, calls } = open({
    'usage.find': () => ({ found: [{ account: hashedRow, fields: ['userName'] }], count: 1, read: 100 }),
  });
  const card = await report();
  await user.type(card.getByRole('textbox'), `${name}{Enter}`);
  const list = await card.findByRole('list', { name: 'Found accounts' });
  expect(list.textContent).toContain('Hashed: smb, active. Username is sent as bbbb…bbbb.');
  expect(list.textContent).toContain('Counted in “Active users”.');
  expect(inputsOf(calls, 'usage.find')).toEqual([{ applianceId, month: null, hashes: hashSearch(name) }]);
  const kept = JSON.stringify([
    calls,
    location.href,
    history.state,
    Object.entries(localStorage),
    Object.entries(sessionStorage),
  ]);
  expect(kept.toLowerCase()).not.toContain('quinn');
  // The control: what did leave is found in the same text.
  expect(kept).toContain(hashSearch(name).userName);
});

test('when an account is not in the report, the page says how many were searched', async () => {
  const { user } = open({ 'usage.find': () => ({ found: [], count: 0, read: 4542 }) });
  const card = await report();
  await user.type(card.getByRole('textbox'), 'nobody@example.com{Enter}');
  expect(await card.findByText('Not in the report. All 4,542 accounts were searched.')).toBeDefined();
});

test('when a chart is shown as a table, it has the figures of each day and the projection', async () => {
  open({}, '/appliance/kiln-01/usage?as=table');
  const table = await screen.findByRole('table', { name: 'Accounts by connector' });
  const rows = within(table)
    .getAllByRole('row')
    .map((row) => row.textContent);
  expect(rows.slice(0, 3)).toEqual(['Daysmbcmis', '2026-11-30, projected9250', '2026-11-205912']);
  expect(rows).toHaveLength(22);
});

test('when a statement is exported, its archive is saved, and nothing is said of a signature that was not checked', async () => {
  const save = vi.fn<(blob: Blob) => string>(() => 'blob:statement');
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: save, revokeObjectURL: () => undefined }));
  const done = {
    kind: 'done',
    name: 'kiln-01.tar.gz',
    number: 3,
    sha256: 'a'.repeat(64),
    isSigned: null,
    files: [{ name: 'statement.jws', bytes: 4, sha256: 'b'.repeat(64) }],
  };
  const { user, calls } = open({
    'usage.exportStatement': async function* send() {
      yield { kind: 'part', base64: btoa('abcd'), sent: 4, bytes: 4 };
      yield done;
    },
  });
  await invoice();
  await user.click(screen.getByRole('button', { name: 'Export signed statement…' }));
  await user.click(await screen.findByRole('button', { name: 'Sign and save' }));
  expect(await screen.findByText('Statement 3 saved as kiln-01.tar.gz')).toBeDefined();
  expect(screen.getByText(/The signature was not verified/u)).toBeDefined();
  expect(save.mock.calls[0]?.[0].size).toBe(4);
  expect(inputsOf(calls, 'usage.exportStatement')).toEqual([
    { applianceId, month: '2026-11', kind: 'per-user' },
  ]);
});

test('when an amount to warn above is set, the console keeps it, and the page says how the invoice stands to it', async () => {
  const threshold = { amount: '150', currency: 'EUR' };
  const { user, calls } = open({
    'usage.preview': () => ({
      preview: preview({
        threshold: {
          threshold,
          state: 'expected',
          severity: 'warn',
          message: 'The projected amount is above EUR 150.',
        },
      }),
    }),
    'usage.setThreshold': () => ({}),
  });
  const card = await invoice();
  expect(card.getByText('The projected amount is above EUR 150.')).toBeDefined();
  const field = card.getByRole('textbox', { name: 'Warn above this amount in EUR' });
  await user.clear(field);
  await user.type(field, 'x');
  expect(card.getByText('Enter an amount like 4500 or 4500.00.')).toBeDefined();
  await user.clear(field);
  await user.type(field, '4500{Enter}');
  await waitFor(() =>
    expect(inputsOf(calls, 'usage.setThreshold')).toEqual([
      { applianceId, threshold: { amount: '4500', currency: 'EUR' } },
    ]),
  );
});

test('when a viewer opens the page, it has the invoice but no row, search or export', async () => {
  const { calls } = open({ 'system.about': () => sampleAbout({ role: 'viewer' }) });
  await invoice();
  await screen.findByRole('region', { name: 'What leaves the building' });
  expect(screen.queryByRole('region', { name: 'What would be sent' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Export signed statement…' })).toBeNull();
  expect(inputsOf(calls, 'usage.rows')).toEqual([]);
});

test('when an appliance of the fleet has no amount, the total names it and its state says why', async () => {
  const row = {
    applianceId,
    name: 'kiln-01',
    takenAt: null,
    currency: null,
    accounts: null,
    internal: null,
    total: null,
    projected: null,
    error: { code: 'COMMAND_MISSING', message: 'The kit is too old.' },
  };
  open(
    {
      'usage.fleet': () => ({
        fleet: {
          appliances: [row],
          totals: [],
          missing: [{ applianceId, name: 'kiln-01', currency: null, code: 'COMMAND_MISSING', reason: '' }],
          isComplete: false,
        },
      }),
    },
    '/usage',
  );
  expect(await screen.findByText('The kit is too old. (COMMAND_MISSING)')).toBeDefined();
  expect(screen.getByText('Not in the total: kiln-01. They are not counted as 0.')).toBeDefined();
  expect(screen.getByText('No total: no amount is known.')).toBeDefined();
});
