import '../../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { usageChangesContract } from '../../../../src-shared/contract/usageChanges.ts';
import { priceMonth } from '../../../../src-shared/model/billing/priceMonth.ts';
import { reconcile } from '../../../../src-shared/model/billing/reconcile.ts';
import {
  columnMappingSchema,
  readVendorInvoice,
} from '../../../../src-shared/model/billing/vendorInvoice.ts';
import { priceWhatIf, type WhatIfStep } from '../../../../src-shared/model/billing/whatIf.ts';
import { hashField } from '../../../../src-shared/model/usage/hashedFields.ts';
import { aPlan } from '../../../../test-support/billing/aPlan.ts';
import { makeAccounts, summarize } from '../../../../test-support/billing/population.ts';
import { createFakeConsole, throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import { applianceId, observedAt, sampleAppliance } from '../../../../test-support/renderer/samples.ts';
import { App } from '../../../app/App.tsx';

const summary = summarize([
  ...makeAccounts(1050),
  ...makeAccounts(40, { admin: true }),
  ...makeAccounts(12, { internal: true }),
]);
const plan = aPlan();
const digest = 'd'.repeat(64);
const names = ['j.alves@plant.example', 'r.chen@plant.example', 'ci@plant.example'];
const hashOf = (account: number) => hashField('account', `${account}`) ?? '';
const moved = (count: number) => ({
  connector: 'smb',
  activity: 'active' as const,
  internal: 'billable' as const,
  role: 'nonAdmin' as const,
  count,
});
const marksSchema = z.object({
  marks: z.union([z.object({ hashes: z.array(z.string()) }), z.object({ application: z.int() })]).nullable(),
  idleDays: z.int().nullable(),
});

/** Prices the steps that the page asked for, as the console does. */
function answerWhatIf(input: unknown, permitsMarks = true) {
  const { marks, idleDays } = marksSchema.parse(input);
  const count = marks === null ? 0 : 'hashes' in marks ? marks.hashes.length : 26;
  const steps: WhatIfStep[] = [
    ...(marks === null ? [] : [{ kind: 'markInternal' as const, label: 'Mark', accounts: [moved(count)] }]),
    ...(idleDays === null ? [] : [{ kind: 'deactivate' as const, label: 'Idle', accounts: [moved(318)] }]),
  ];
  const priced = priceWhatIf({ summary, plan }, steps);
  const projectedOf = (invoice: typeof priced.after) => ({
    known: true as const,
    invoice,
    counts: summary,
    low: invoice.total,
    high: invoice.total,
    daysLeft: 10,
    basis: 'The next 10 days are assumed to grow like 30 kept spans of 10 days.',
  });
  const change = {
    digest,
    steps: marks === null ? [] : [{ action: 'mark-internal' as const, accounts: marks }],
    command: `ke_manage_accounts apply --json --expect ${digest} -`,
    changes: [{ text: `Mark as internal: ${count} accounts`, changed: count, unchanged: 0 }],
    warnings: [`The report then names ${count} accounts in plain text.`],
    undo: {
      steps: marks === null ? null : [{ action: 'unmark' as const, accounts: marks }],
      text: 'To undo the marks, unmark the same accounts again.',
    },
  };
  return {
    whatIf: {
      applianceId,
      name: 'kiln-01',
      takenAt: observedAt,
      permitsMarks,
      priced,
      projected: { before: projectedOf(priced.before), after: projectedOf(priced.after) },
      plans: [{ id: plan.id, label: plan.label, currency: 'EUR', total: priced.after.total }],
      change: steps.length === 0 ? null : change,
    },
  };
}

function answerAccounts() {
  return {
    listed: {
      contract: 1 as const,
      total: 3,
      skipped: 0,
      accounts: names.map((userName, at) => ({
        hash: hashOf(at + 1),
        line: {
          account: hashOf(at + 1),
          userName: null,
          userId: null,
          userDomain: null,
          active: true,
          admin: false,
          connector: 'smb',
          lastRequest: null,
          connected: '2026-01-02',
          updated: '2026-01-02',
          internal: false as const,
        },
        application: { number: 2, name: 'Records import (test)' },
        markedBy: null,
        names: { account: `${at + 1}`, userName, userId: null, userDomain: null },
      })),
    },
  };
}

const reconcileInput = z.object({ month: z.string(), text: z.string(), mapping: columnMappingSchema });
function answerReconcile(input: unknown) {
  const { text, mapping, month } = reconcileInput.parse(input);
  const invoice = priceMonth(plan, { ...summary, month, takenAt: `${month}-20T09:31:00.000Z` });
  const lines = readVendorInvoice(text, mapping, 'EUR');
  return {
    reconciled: {
      applianceId,
      name: 'kiln-01',
      month,
      takenAt: observedAt,
      ageSeconds: 60,
      source: 'appliance' as const,
      planSource: 'kept' as const,
      error: null,
      invoice,
      reconciliation: reconcile(invoice, lines, mapping),
    },
  };
}

function open(answers: Parameters<typeof createFakeConsole>[0] = {}) {
  location.hash = '#/appliance/kiln-01/usage?show=what-if';
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'usage.preview': () => throwAppError('COMMAND_MISSING', 'not used'),
    'usageChanges.whatIf': (input) => answerWhatIf(input),
    'usageChanges.applications': () => ({
      applications: {
        contract: 1,
        isComplete: true,
        applications: [
          { number: 2, name: 'Records import (test)', isMarked: false, accounts: 26, active: 26 },
        ],
      },
    }),
    'usageChanges.accounts': answerAccounts,
    'usageChanges.reconcile': answerReconcile,
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  const calls = (procedure: string) =>
    fake.calls.filter((call) => call.procedure === procedure).map(({ input }) => input);
  return { calls, user: userEvent.setup() };
}

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

const bill = () => screen.findByRole('region', { name: 'Bill' });
const button = (name: string | RegExp) => screen.findByRole('button', { name });
type User = ReturnType<typeof userEvent.setup>;

async function chooseNames(user: User, count: number) {
  await bill();
  await user.click(await button('Choose accounts…'));
  await user.click(await button('Show names of Records import (test)'));
  await user.click(await button('Read names'));
  for (const name of names.slice(0, count)) await user.click(await screen.findByRole('checkbox', { name }));
  await user.click(await button(`Choose ${count} ${count === 1 ? 'account' : 'accounts'}`));
}

test('when the view opens, nothing is assumed, no name is read, and the bill is the present one', async () => {
  const { calls } = open();
  expect(within(await bill()).getByText('the same')).toBeDefined();
  expect(calls('usageChanges.whatIf')).toEqual([{ applianceId, marks: null, idleDays: null, planId: null }]);
  expect(calls('usageChanges.accounts')).toEqual([]);
  expect((await button('Plan changes…')).hasAttribute('disabled')).toBe(true);
});

/** What the page keeps in its address and its storage. */
const readKept = () =>
  JSON.stringify([location.href, Object.entries(localStorage), Object.entries(sessionStorage)]);

test('when names are read and chosen, the saving stands beside them, and nothing else of the page keeps them', async () => {
  const { calls, user } = open();
  await chooseNames(user, 2);
  expect(await screen.findByText(/reveal 2/u)).toBeDefined();
  expect(screen.getByText(/j\.alves@plant\.example, r\.chen@plant\.example/u)).toBeDefined();
  expect(
    within(await screen.findByRole('region', { name: 'Privacy' })).getByText('2 more accounts in plain text'),
  ).toBeDefined();
  expect(calls('usageChanges.accounts')).toEqual([
    { applianceId, application: 2, idleDays: null, hasNames: true, skip: 0, limit: 100 },
  ]);
  expect(calls('usageChanges.whatIf').at(-1)).toMatchObject({ marks: { hashes: [hashOf(1), hashOf(2)] } });
  const kept = readKept();
  expect(kept).not.toContain('plant.example');
  expect(kept).not.toContain(hashOf(1));
  localStorage.setItem('planted', names[0] ?? '');
  expect(readKept()).toContain('plant.example');
  await user.click(await button('Preview'));
  await waitFor(() => expect(document.body.textContent).not.toContain('plant.example'));
});

test('when the marks are left out, the bill and the names are the former ones', async () => {
  const { calls, user } = open();
  await chooseNames(user, 2);
  await user.click(await button('Leave them out'));
  await waitFor(() => expect(calls('usageChanges.whatIf').length).toBeGreaterThanOrEqual(2));
  expect(await within(await bill()).findByText('the same')).toBeDefined();
  expect(screen.queryByText(/reveal/u)).toBeNull();
});

test('when a plan is applied, its card runs with the reason, and its undo can be planned', async () => {
  const applied = vi.fn<(input: unknown) => unknown>(() => ({
    applied: { state: 'done', message: 'All changes are made.' },
  }));
  const { user, calls } = open({
    'usageChanges.apply': applied,
    'usageChanges.plan': () => ({
      change: { ...answerWhatIf({ marks: null, idleDays: 60 }).whatIf.change, steps: [] },
    }),
  });
  await chooseNames(user, 1);
  await user.click(await button('Plan this change…'));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText(/names 1 accounts in plain text/u)).toBeDefined();
  expect(dialog.getByRole('button', { name: 'Apply: enter a reason' }).hasAttribute('disabled')).toBe(true);
  await user.type(dialog.getByLabelText(/Reason or ticket/u), 'CHG-1');
  await user.click(dialog.getByRole('button', { name: 'Apply' }));
  const undo = await button('Undo the marks…');
  expect(applied.mock.calls.map(([input]) => input)).toEqual([
    {
      applianceId,
      digest,
      reason: 'CHG-1',
      steps: [{ action: 'mark-internal', accounts: { hashes: [hashOf(1)] } }],
    },
  ]);
  await user.click(undo);
  await screen.findByRole('dialog');
  expect(calls('usageChanges.plan')).toEqual([
    { applianceId, steps: [{ action: 'unmark', accounts: { hashes: [hashOf(1)] } }] },
  ]);
});

test('when other accounts would be changed by then, the card offers to plan again and nothing else', async () => {
  const { user } = open({
    'usageChanges.apply': () => throwAppError('CONFLICT', 'the accounts are no longer those of the plan'),
  });
  await chooseNames(user, 1);
  await user.click(await button('Plan this change…'));
  await user.type(await screen.findByLabelText(/Reason or ticket/u), 'CHG-1');
  await user.click(await button('Apply'));
  expect(await screen.findByText(/no longer those of the plan/u)).toBeDefined();
  expect(await button('Plan again')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Apply' })).toBeNull();
});

test('when the licence permits no marks, accounts can’t be chosen, and the reason is stated', async () => {
  open({ 'usageChanges.whatIf': (input) => answerWhatIf(input, false) });
  await bill();
  expect(screen.getByText(/permits no marks/u)).toBeDefined();
  expect((await button('Choose accounts…')).hasAttribute('disabled')).toBe(true);
});

test('when the days are no number, the appliance is not asked with them', async () => {
  const { calls, user } = open();
  await bill();
  const days = screen.getByLabelText('Days without a request');
  await user.clear(days);
  await user.type(days, '0');
  expect(await screen.findByText('1 to 3660')).toBeDefined();
  expect(screen.getByRole('checkbox', { name: 'Deactivate idle accounts' }).hasAttribute('disabled')).toBe(
    true,
  );
  expect(calls('usageChanges.whatIf')).toHaveLength(1);
});

const csvFile = (text: string) => new File([text], 'INV-2026-10.csv', { type: 'text/csv' });
const good =
  'Line,Quantity,Amount\n"Active users, first 1,000",1000,"1,200.00"\n"Active users, 1,001–5,000",86,68.80\nAdmin accounts,40,360.00\nSupport uplift,1,45.00\n';

test('when an invoice is chosen, each line says whether and why it differs', async () => {
  const { calls, user } = open();
  await user.upload(await screen.findByLabelText('Invoice as a CSV file'), csvFile(good));
  const table = within(await screen.findByRole('table', { name: /Invoice against preview/u }));
  const rows = table.getAllByRole('row').map(({ textContent }) => textContent ?? '');
  expect(rows.find((row) => row.includes('1,001–5,000'))).toContain(
    '36 more accounts on the invoice, 0.80 each.',
  );
  expect(rows.find((row) => row.includes('Support uplift'))).toContain('no such line');
  expect(screen.getByText('2 lines differ, EUR 73.80')).toBeDefined();
  expect(calls('usageChanges.reconcile')).toMatchObject([
    {
      text: good,
      mapping: { columns: { label: 'Line', amount: 'Amount', quantity: 'Quantity', currency: null } },
    },
  ]);
});

test('when the question is copied, it names the lines that differ', async () => {
  const { user } = open();
  await user.upload(await screen.findByLabelText('Invoice as a CSV file'), csvFile(good));
  await screen.findByText(/2 lines differ/u);
  await user.click(await button('Copy question to vendor'));
  const copied = await navigator.clipboard.readText();
  expect(copied).toContain('- Support uplift: your invoice EUR 45.00');
  expect(copied).not.toContain('Admin accounts');
});

test('when the amounts can be read in two ways, the mapping is asked for before anything is compared', async () => {
  const { calls, user } = open();
  const file = csvFile('Line,Quantity,Amount\nAdmin accounts,40,"1,200"\n');
  await user.upload(await screen.findByLabelText('Invoice as a CSV file'), file);
  const dialog = within(await screen.findByRole('dialog'));
  expect(calls('usageChanges.reconcile')).toEqual([]);
  expect(dialog.getByRole('button', { name: 'Compare' }).hasAttribute('disabled')).toBe(true);
  await user.selectOptions(dialog.getByLabelText('Sign before decimal places'), '.');
  await user.click(dialog.getByRole('button', { name: 'Compare' }));
  await waitFor(() =>
    expect(calls('usageChanges.reconcile')).toMatchObject([{ mapping: { decimalSeparator: '.' } }]),
  );
});

test('when a line has another name, it can be assigned, and a sum left out', async () => {
  const { calls, user } = open();
  const renamed = good.replace('Admin accounts', 'Administrators').replace('Support uplift,1', 'Total,');
  await user.upload(await screen.findByLabelText('Invoice as a CSV file'), csvFile(renamed));
  await screen.findByText(/lines differ/u);
  await user.click(await button('Mapping…'));
  const dialog = within(await screen.findByRole('dialog'));
  await user.selectOptions(dialog.getByLabelText('Administrators'), 'Admin accounts');
  await user.selectOptions(dialog.getByLabelText('Total'), 'No charge: leave out, e.g. a sum');
  await user.click(dialog.getByRole('button', { name: 'Compare' }));
  expect(await screen.findByText('1 line differs, EUR 28.80')).toBeDefined();
  expect(calls('usageChanges.reconcile').at(-1)).toMatchObject({
    mapping: { lines: { Administrators: 'admins', Total: null } },
  });
});

test('when the file is no table, says so and compares nothing', async () => {
  const { calls, user } = open();
  await user.upload(await screen.findByLabelText('Invoice as a CSV file'), csvFile('%PDF-1.7 not a table'));
  expect(await screen.findByText(/This is a PDF file/u)).toBeDefined();
  expect(calls('usageChanges.reconcile')).toEqual([]);
});

test('when the answers are checked against the contract, they have its form', () => {
  const { whatIf, accounts, reconcile: reconciling } = usageChangesContract;
  const mapping = { columns: { label: 'Line', amount: 'Amount' }, decimalSeparator: '.' };
  const pairs = [
    [whatIf, answerWhatIf({ marks: { application: 2 }, idleDays: 60 })],
    [accounts, answerAccounts()],
    [reconciling, answerReconcile({ month: '2026-10', text: good, mapping })],
  ] as const;
  for (const [procedure, answer] of pairs) {
    const schema = z.instanceof(z.ZodType).parse(procedure['~orpc'].outputSchema);
    expect(schema.safeParse(answer).error).toBeUndefined();
  }
});
