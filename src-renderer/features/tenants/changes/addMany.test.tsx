import '../../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sampleTenantCsv } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { type TenantOutcome, tenantActionSchema } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  sampleAppliance,
  sampleTenant,
  sampleTenantView,
} from '../../../../test-support/renderer/samples.ts';
import { AddButtons } from './AddButtons.tsx';
import { renderChanges, sampleOutcome, samplePlan } from './testing.tsx';

const [head = '', northwind = '', acme = ''] = sampleTenantCsv.split('\r\n');
const action = z.object({ action: tenantActionSchema });
const plan = (input: unknown) => ({ plan: samplePlan(action.parse(input).action, { before: null }) });

type Step = Partial<TenantOutcome> | Error;

/** Answers the rows of an import in order. */
function run(steps: readonly (Step | Promise<Step>)[]) {
  let next = 0;
  return async () => {
    const step = await (steps[next++] ?? new Error('more rows than were prepared'));
    if (step instanceof Error) throw step;
    return { outcome: sampleOutcome(step) };
  };
}

async function openWith(csv: string, answers: Parameters<typeof renderChanges>[1] = {}) {
  const user = userEvent.setup();
  const opened = renderChanges(<AddButtons applianceId={null} />, { 'tenants.plan': plan, ...answers });
  await user.click(screen.getByRole('button', { name: 'Import CSV' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Import tenants from CSV' }));
  await user.click(await dialog.findByLabelText('CSV'));
  await user.paste(csv);
  const row = (line: number) => within(dialog.getByRole('row', { name: `Line ${line}` }));
  return { user, dialog, row, ...opened };
}

test('when a file is pasted, shows each row with its problems and whether it fits', async () => {
  const { user, dialog, row, calls } = await openWith(
    [head, northwind, acme, 'Bad Name,no key,0', 'globex,,'].join('\n'),
    {
      'tenants.list': () => ({ tenants: [sampleTenantView(sampleTenant({ clientId: 'acme' }))] }),
    },
  );
  expect(await row(2).findByText('can be added')).toBeDefined();
  expect(await row(3).findByText('a tenant with this name already exists')).toBeDefined();
  expect(row(4).getByText('0')).toBeDefined();
  expect(row(5).getByText('20')).toBeDefined();
  expect(row(4).getByText(/client_id must have.*not a valid public key.*quota/u)).toBeDefined();
  expect(dialog.getByTestId('many-capacity').textContent).toBe(
    '1 of 4 can be added, 3 can’t. These tenants take 20 of the 2980 ports that are free.',
  );
  const show = dialog.getByRole<HTMLButtonElement>('button', { name: 'Show plan' });
  expect(show.disabled).toBe(true);
  await user.click(dialog.getByLabelText('Skip the 3 rows that can’t be added'));
  expect(show.disabled).toBe(false);
  await user.click(show);
  expect((await dialog.findByLabelText(/^Command/u)).textContent).toBe(
    'ke_manage_remote_networks add northwind',
  );
  expect(calls.map((call) => call.procedure)).not.toContain('tenants.apply');
});

test('when a tenant of the file exists, nothing can be started', async () => {
  const { user, dialog, calls } = await openWith([head, northwind].join('\n'), {
    'tenants.plan': (input) => ({ plan: samplePlan(action.parse(input).action) }),
  });
  await user.click(dialog.getByRole('button', { name: 'Show plan' }));
  expect(
    await dialog.findByText('northwind already exists on the appliance. Remove it from the file.'),
  ).toBeDefined();
  expect(dialog.getByRole<HTMLButtonElement>('button', { name: 'Add 1 tenant' }).disabled).toBe(true);
  expect(calls.map((call) => call.procedure)).not.toContain('tenants.apply');
});

test('when the rows need more ports than are free, nothing can be started', async () => {
  const { dialog } = await openWith([head, northwind.replace(/20$/u, '3000')].join('\n'));
  expect(await dialog.findByText('These tenants need 3000 ports, and only 2980 are free.')).toBeDefined();
  expect(dialog.getByRole<HTMLButtonElement>('button', { name: 'Show plan' }).disabled).toBe(true);
});

test('when the free blocks are too small, nothing can be started', async () => {
  const pieces = Array.from({ length: 150 }, (_, index) => ({
    first: 2201 + 20 * index,
    last: 2201 + 20 * index,
  }));
  const { dialog } = await openWith([head, northwind, acme].join('\n'), {
    'fleet.overview': () => ({ appliances: [sampleAppliance({ ports: { allotted: 150, listening: 0 } })] }),
    'tenants.list': () => ({
      tenants: [sampleTenantView(sampleTenant({ clientId: 'globex', ports: pieces }))],
    }),
  });
  expect(
    await dialog.findByText(
      'These tenants need 40 of the 2850 ports that are free, but no free block is large enough for northwind.',
    ),
  ).toBeDefined();
  expect(dialog.getByRole<HTMLButtonElement>('button', { name: 'Show plan' }).disabled).toBe(true);
});

test.each([
  ['OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n'],
  ['PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nb3BlbnNzaC1rZXk\n'],
])('when the file has a private key of %s, it is not kept', async (_kind, file) => {
  const { dialog } = await openWith(file);
  expect(dialog.getByText(/The file contains a private key/u)).toBeDefined();
  expect(document.documentElement.outerHTML).not.toContain('b3BlbnNzaC1rZXk');
  expect(dialog.getByLabelText<HTMLTextAreaElement>('CSV').value).toBe('');
});

async function begin(steps: readonly (Step | Promise<Step>)[], answer?: () => unknown) {
  const opened = await openWith([head, northwind, acme].join('\n'), {
    'tenants.apply': answer ?? run(steps),
  });
  await opened.user.click(opened.dialog.getByRole('button', { name: 'Show plan' }));
  await opened.user.type(await opened.dialog.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  return opened;
}

test('when all rows are added, says so', async () => {
  const { promise: hold, resolve: goOn } = Promise.withResolvers<Step>();
  const { dialog, row, calls } = await begin([{}, hold]);
  expect(await row(2).findByText('done')).toBeDefined();
  expect(row(3).getByText('being added…')).toBeDefined();
  expect(dialog.getByText('1 of 2 added…')).toBeDefined();
  goOn({});
  expect(await dialog.findByText('All 2 added.')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'tenants.apply').map((call) => call.input)).toEqual(
    (
      [
        ['northwind', 20],
        ['acme', null],
      ] as const
    ).map(([clientId, quota]) => ({
      applianceId,
      action: {
        kind: 'add',
        clientId,
        key: { from: 'given', publicKey: expect.stringContaining('ssh-ed25519 ') },
        quota,
      },
      basis: null,
      reason: 'OPS-1',
      typedName: null,
    })),
  );
});

test('when stopped, finishes the running row, shows its result and starts no other', async () => {
  const { promise: hold, resolve: goOn } = Promise.withResolvers<Step>();
  const { user, dialog, row, calls } = await begin([hold]);
  await user.click(await dialog.findByRole('button', { name: 'Stop after this one' }));
  expect(dialog.getByRole<HTMLButtonElement>('button', { name: 'Stopping after this one…' }).disabled).toBe(
    true,
  );
  expect(row(2).getByText('being added…')).toBeDefined();
  goOn({});
  expect(await dialog.findByText('1 of 2 added. 1 was not started.')).toBeDefined();
  expect(row(2).getByText('done')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'tenants.apply')).toHaveLength(1);
});

test.each([
  [
    'the appliance refuses it',
    () => throwAppError('LICENCE_FORBIDS', 'The licence has expired.'),
    'LICENCE_FORBIDS',
    'The licence has expired.',
  ],
  [
    'its tenant exists',
    () => throwAppError('CONFLICT', 'northwind already exists on the appliance.'),
    'CONFLICT',
    'northwind already exists on the appliance.',
  ],
  [
    'its command fails',
    run([{ state: 'not-done', code: 'COMMAND_FAILED', message: 'The disk is full.' }]),
    'COMMAND_FAILED',
    'The disk is full.',
  ],
])('when a row fails because %s, says why and starts no other', async (_case, answer, code, message) => {
  const { dialog, row, calls } = await begin([], answer);
  expect(
    await dialog.findByText(`0 of 2 added. northwind was not added: ${message} 1 was not started.`),
  ).toBeDefined();
  expect(row(2).getByText(code)).toBeDefined();
  expect(row(3).getByText('not started')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'tenants.apply')).toHaveLength(1);
});

test('when the message of a row has control characters, shows them as text', async () => {
  const { dialog } = await begin([{ state: 'not-done', code: 'COMMAND_FAILED', message: 'red\u202etxt' }]);
  expect(await dialog.findByText(/northwind was not added: red⟨U\+202E⟩txt/u)).toBeDefined();
  expect(document.body.textContent).not.toContain('\u202e');
});

test('when the connection is lost, the result of the running row is unknown', async () => {
  const { dialog, row } = await begin([{}, new Error('the socket is gone')]);
  expect(await dialog.findByText(/1 of 2 added\. Whether acme was added is unknown/u)).toBeDefined();
  expect(row(3).getByText('unknown')).toBeDefined();
});

test('when the appliance is not connected, keeps the file and says so', async () => {
  const { dialog } = await begin([], () =>
    throwAppError('LINK_NOT_READY', 'kiln-01 is not connected.', { changedNothing: true }),
  );
  expect(await dialog.findByText('LINK_NOT_READY')).toBeDefined();
  expect(dialog.getByRole('button', { name: 'Add 2 tenants' })).toBeDefined();
});
