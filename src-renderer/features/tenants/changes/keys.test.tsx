import '../../../../test-support/renderer/pageSetup.ts';
import type { QueryClient } from '@tanstack/react-query';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { sampleTenantCsv } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { tenantActionSchema } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  sampleAppliance,
  sampleTenant,
  sampleTenantView,
} from '../../../../test-support/renderer/samples.ts';
import { useViewState } from '../../../state/viewState.ts';
import { AddButtons } from './AddButtons.tsx';
import { TenantActions } from './TenantActions.tsx';
import button from '../../../ui/layout/Button.module.css';
import { renderChanges, sampleOutcome, samplePlan } from './testing.tsx';

const publicKey = sampleTenantCsv.split('\r\n')[1]?.split(',')[1] ?? '';
const keyBody = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ';
const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${keyBody}\n-----END OPENSSH PRIVATE KEY-----\n`;
const view = sampleTenantView(sampleTenant({ clientId: 'northwind' }));

const planned = z.object({ applianceId: z.string(), action: tenantActionSchema });
function planning(change: Parameters<typeof samplePlan>[1] = {}) {
  return (input: unknown) => ({ plan: samplePlan(planned.parse(input).action, change) });
}

function inputsOf(calls: readonly { procedure: string; input: unknown }[], procedure: string): unknown[] {
  return calls.filter((call) => call.procedure === procedure).map((call) => call.input);
}

/** The dialog, once its form is there. */
async function dialog(name: string) {
  const found = within(await screen.findByRole('dialog', { name }));
  await found.findByRole('button', { name: 'Show plan' });
  return found;
}

/** The card of the plan, because the dialog has a close button too. */
function ending(add: Awaited<ReturnType<typeof dialog>>) {
  return within(add.getByRole('region', { name: 'Add acme' }));
}

afterEach(() => vi.restoreAllMocks());

test('when a tenant is added, its name is checked while typing and its key when pasted', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<AddButtons applianceId={null} />, {
    'tenants.plan': planning({ before: null, after: { quota: 20, ports: null } }),
    'tenants.apply': () => ({ outcome: sampleOutcome({ message: 'acme was added.' }) }),
  });
  await user.click(screen.getByRole('button', { name: 'Add tenant' }));
  const add = await dialog('Add tenant');
  const name = add.getByLabelText('Client ID');
  await user.type(name, 'Acme');
  expect(add.getByText(/^Use 1 to 63 characters: a–z/u)).toBeDefined();
  await user.clear(name);
  await user.type(name, 'acme');
  expect(add.queryByText(/^Use 1 to 63 characters: a–z/u)).toBeNull();
  await user.click(add.getByRole('button', { name: 'Show plan' }));
  expect(add.getByText('Enter the tenant’s public key.')).toBeDefined();
  await user.click(add.getByLabelText('Public key'));
  await user.paste('from="*" ssh-ed25519 AAAA');
  expect(add.getByText(/options before the key are not allowed/u)).toBeDefined();
  await user.clear(add.getByLabelText('Public key'));
  await user.paste(`${publicKey}\n`);
  const read = within(add.getByRole('region', { name: 'Key details' }));
  expect(read.getByText('ssh-ed25519')).toBeDefined();
  expect(read.getByText('sample-1')).toBeDefined();
  expect(read.getByTestId('fingerprint').title).toMatch(/^SHA256:/u);
  await user.click(add.getByRole('button', { name: 'Show plan' }));
  await user.type(await add.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  expect(await add.findByText(/acme was added\./u)).toBeDefined();
  const action = { kind: 'add', clientId: 'acme', key: { from: 'given', publicKey }, quota: null };
  expect(inputsOf(calls, 'tenants.plan')).toEqual([{ applianceId, action }]);
  expect(inputsOf(calls, 'tenants.apply')).toMatchObject([{ applianceId, action, reason: 'OPS-1' }]);
  await user.click(ending(add).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('when a key file is dropped, a large file and a private key are rejected and not kept', async () => {
  const user = userEvent.setup();
  const { calls, queryClient } = renderChanges(<AddButtons applianceId={null} />, {});
  await user.click(screen.getByRole('button', { name: 'Add tenant' }));
  const add = await dialog('Add tenant');
  const field = add.getByLabelText<HTMLTextAreaElement>('Public key');
  const drop = (file: File) => fireEvent.drop(field, { dataTransfer: { files: [file] } });
  drop(new File([`${publicKey}\n`], 'acme.pub'));
  await waitFor(() => expect(field.value).toContain(publicKey));
  drop(new File(['x'.repeat(16 * 1024 + 1)], 'big.pub'));
  expect(await add.findByText('big.pub is 17 kB. The limit is 16 kB.')).toBeDefined();
  expect(field.value).toContain(publicKey);
  drop(new File([privateKey], 'id_ed25519'));
  expect(await add.findByText(/That’s a private key, so it was discarded/u)).toBeDefined();
  expect(field.value).toBe('');
  expect(tracesIn(queryClient)).not.toContain(keyBody);
  await user.click(add.getByRole('button', { name: 'Show plan' }));
  expect(calls.map((call) => call.procedure)).not.toContain('tenants.plan');
});

test('when there are several appliances, one is selected, and a key that is already valid is reported', async () => {
  const user = userEvent.setup();
  const first = sampleAppliance();
  const second = {
    ...first,
    entry: { ...first.entry, id: applianceId.replace(/1$/u, '2'), name: 'kiln-02' },
  };
  const { calls } = renderChanges(<AddButtons applianceId={null} />, {
    'fleet.overview': () => ({ appliances: [first, second] }),
    'tenants.plan': () =>
      throwAppError('ALREADY_EXISTS', 'acme exists, and this key is valid for it already.'),
  });
  await user.click(screen.getByRole('button', { name: 'Add tenant' }));
  const add = await dialog('Add tenant');
  await user.selectOptions(await add.findByLabelText('Appliance'), 'kiln-02');
  await user.type(add.getByLabelText('Client ID'), 'acme');
  await user.click(add.getByLabelText('Public key'));
  await user.paste(publicKey);
  await user.click(add.getByRole('button', { name: 'Show plan' }));
  expect(await add.findByText('ALREADY_EXISTS')).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')).toMatchObject([{ applianceId: second.entry.id }]);
  await user.click(add.getByRole('button', { name: 'Back' }));
  expect(add.getByLabelText<HTMLInputElement>('Client ID').value).toBe('acme');
});

test('when the tenant exists, the plan is one of a key beside its old one, and so is its end', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<AddButtons applianceId={null} />, {
    'tenants.plan': planning({
      warnings: ['acme already exists with 1 valid key. This change adds a key, which makes 2 (at most 5).'],
      upload: { type: 'ssh-ed25519', fingerprint: 'SHA256:new', comment: null },
    }),
    'tenants.apply': () => ({
      outcome: sampleOutcome({
        message: 'acme has a new key in addition to its old keys. It now has 2 valid keys.',
      }),
    }),
  });
  await user.click(screen.getByRole('button', { name: 'Add tenant' }));
  const add = await dialog('Add tenant');
  await user.type(add.getByLabelText('Client ID'), 'acme');
  await user.click(add.getByLabelText('Public key'));
  await user.paste(publicKey);
  await user.click(add.getByRole('button', { name: 'Show plan' }));
  const plan = within(await add.findByRole('region', { name: 'Add a key to acme' }));
  expect(plan.getByText(/acme already exists with 1 valid key/u)).toBeDefined();
  expect(plan.getByText('existing key unchanged, plus')).toBeDefined();
  expect(plan.queryByRole('button', { name: 'Add tenant' })).toBeNull();
  await user.type(plan.getByLabelText(/^Reason/u), 'OPS-1');
  await user.click(plan.getByRole('button', { name: 'Add key' }));
  expect(await add.findByText(/2 valid keys/u)).toBeDefined();
  expect(add.getByText(/Its old keys remain valid/u)).toBeDefined();
  expect(add.queryByRole('button', { name: 'Create handover pack…' })).toBeNull();
  expect(inputsOf(calls, 'tenants.apply')).toHaveLength(1);
});

async function generate(outcome: Parameters<typeof sampleOutcome>[0] = { message: 'acme was added.' }) {
  const user = userEvent.setup();
  const opened = renderChanges(<AddButtons applianceId={null} />, {
    'tenants.plan': planning({ printsPrivateKey: true, before: null }),
    'tenants.apply': () => ({ outcome: sampleOutcome({ ...outcome, privateKey }) }),
  });
  await user.click(screen.getByRole('button', { name: 'Add tenant' }));
  const add = await dialog('Add tenant');
  await user.type(add.getByLabelText('Client ID'), 'acme');
  await user.click(add.getByLabelText('Generate a key pair on the appliance'));
  await user.click(add.getByRole('button', { name: 'Show plan' }));
  await user.type(await add.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  const key = within(await add.findByRole('region', { name: 'Private key' }));
  return { user, add, key, ...opened };
}

/** Everything in which the page could have left the key. */
function tracesIn(queryClient: QueryClient): string {
  const kept = {
    queries: queryClient
      .getQueryCache()
      .getAll()
      .map((query) => [query.queryKey, query.state]),
    mutations: queryClient
      .getMutationCache()
      .getAll()
      .map((mutation) => mutation.state),
    local: Object.entries(localStorage),
    session: Object.entries(sessionStorage),
    history: [history.state],
    href: location.href,
    view: useViewState.getState(),
    fields: [...document.querySelectorAll('input, textarea')].map((field) =>
      field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field.value : '',
    ),
  };
  return JSON.stringify(kept) + document.documentElement.outerHTML;
}

test('when a key was generated, it is hidden until shown, and the dialog stays open until it is saved', async () => {
  const { user, add, key, queryClient } = await generate();
  expect(tracesIn(queryClient)).not.toContain(keyBody);
  expect(key.getByText(/can’t be shown again/u)).toBeDefined();
  await user.click(key.getByRole('button', { name: 'Show' }));
  expect(key.getByLabelText('Private key').textContent).toContain(keyBody);
  await user.click(key.getByRole('button', { name: 'Hide' }));
  expect(tracesIn(queryClient)).not.toContain(keyBody);
  await user.click(ending(add).getByRole('button', { name: 'Close' }));
  expect(screen.getByRole('dialog', { name: 'Add tenant' })).toBeDefined();
  expect(await key.findByRole('alert')).toBeDefined();
  await user.keyboard('{Escape}');
  expect(screen.getByRole('dialog', { name: 'Add tenant' })).toBeDefined();
});

test('when the dialog was closed, no cache, storage, address or page contains the key', async () => {
  const said: unknown[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => void said.push(...parts));
  const { user, add, key, queryClient } = await generate();
  await user.click(key.getByRole('button', { name: 'Show' }));
  expect(tracesIn(queryClient)).toContain(keyBody);
  await user.click(key.getByLabelText('I have saved it'));
  await user.click(ending(add).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(tracesIn(queryClient)).not.toContain(keyBody);
  expect(said.map(String).join('\n')).not.toContain(keyBody);
  await user.click(screen.getByRole('button', { name: 'Add tenant' }));
  expect((await dialog('Add tenant')).getByLabelText<HTMLInputElement>('Client ID').value).toBe('');
});

test('when the generated key is saved, the handover pack is the next step', async () => {
  const { user, add, key } = await generate();
  await user.click(ending(add).getByRole('button', { name: 'Create handover pack…' }));
  expect(await key.findByRole('alert')).toBeDefined();
  await user.click(key.getByLabelText('I have saved it'));
  await user.click(ending(add).getByRole('button', { name: 'Create handover pack…' }));
  const pack = within(await screen.findByRole('dialog', { name: 'Handover pack for acme' }));
  expect(pack.getByLabelText('Public address of kiln-01')).toBeDefined();
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Add tenant' })).toBeNull());
  await user.click(pack.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('when a generated key is saved as a file, the file has the tenant’s name and ends with a line end', async () => {
  const saved: { name: string; blob: Blob }[] = [];
  let made: Blob | null = null;
  vi.stubGlobal(
    'URL',
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => {
        made = blob;
        return 'blob:key';
      },
      revokeObjectURL: () => undefined,
    }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    if (made !== null) saved.push({ name: this.download, blob: made });
  });
  const { user, key } = await generate();
  expect(key.getByText(/^The file will be named/u)).toBeDefined();
  expect(key.queryByText(/Saved as/u)).toBeNull();
  await user.click(key.getByRole('button', { name: 'Save as file' }));
  expect(key.getByText(/^Saved as/u)).toBeDefined();
  expect(saved.map(({ name }) => name)).toEqual(['acme_ed25519']);
  expect(await saved[0]?.blob.text()).toBe(privateKey);
  expect(key.getByText('chmod 600 acme_ed25519')).toBeDefined();
});

test.each([
  ['partly', 'LICENCE_FORBIDS', 'partly done', /acme was added with its key/u],
  ['unknown', 'LINK_LOST', 'unknown', /Check before you try again/u],
] as const)(
  'a key that came with an end that is %s stays until it is saved, and nothing is planned over it',
  async (state, code, word, next) => {
    const { user, add } = await generate({ state, code, message: 'The rest was not done.' });
    const card = ending(add);
    expect(card.getAllByText(word).length).toBeGreaterThan(0);
    expect(card.getByText(next)).toBeDefined();
    expect(card.queryByText(/Nothing was changed/u)).toBeNull();
    expect(card.queryByRole('button', { name: 'Plan again' })).toBeNull();
    await user.click(card.getByRole('button', { name: 'Close' }));
    expect(add.getByRole('region', { name: 'Private key' })).toBeDefined();
  },
);

test('when a key is rotated, the expiry of the old key is shown and the overlap is sent', async () => {
  const user = userEvent.setup();
  const { calls } = renderChanges(<TenantActions view={view} />, { 'tenants.plan': planning() });
  await user.click(screen.getByRole('button', { name: 'Rotate key…' }));
  const rotate = await dialog('Rotate the key of northwind');
  expect(rotate.getByTestId('deadline').textContent).toMatch(
    /^The old key expires at \d{4}-\d{2}-\d{2} \d{2}:\d{2}\. /u,
  );
  const overlap = rotate.getByLabelText('Old key stays valid for');
  await user.selectOptions(overlap, '0 hours (the old key expires immediately)');
  expect(rotate.getByTestId('deadline').textContent).toMatch(/^Sessions with the old key end/u);
  await user.selectOptions(overlap, 'Other number of hours');
  await user.click(rotate.getByLabelText('Public key'));
  await user.paste(publicKey);
  await user.type(rotate.getByLabelText('Hours'), '2161{Enter}');
  expect(rotate.getByText(/A whole number of hours from 1 to 2160/u)).toBeDefined();
  expect(inputsOf(calls, 'tenants.plan')).toEqual([]);
  await user.clear(rotate.getByLabelText('Hours'));
  await user.type(rotate.getByLabelText('Hours'), '48{Enter}');
  await rotate.findByLabelText(/^Reason/u);
  expect(inputsOf(calls, 'tenants.plan')).toEqual([
    {
      applianceId,
      action: { kind: 'rotate', clientId: 'northwind', key: { from: 'given', publicKey }, overlapHours: 48 },
    },
  ]);
});

test('when a tenant was added, the result links to the tenant and offers its handover pack', async () => {
  const { user, add, key } = await generate();
  // The dialog is the plan: its title is the only heading, and until the key is saved its button is the only primary one.
  expect(ending(add).queryByRole('heading')).toBeNull();
  expect(ending(add).getByRole('button', { name: 'Create handover pack…' }).className).not.toContain(
    button.primary,
  );
  await user.click(key.getByLabelText('I have saved it'));
  expect(ending(add).getByRole('button', { name: 'Create handover pack…' }).className).toContain(
    button.primary,
  );
  const link = add.getByRole('link', { name: 'View acme' });
  expect(link.getAttribute('href')).toBe('#/tenants/kiln-01/acme');
  await user.click(link);
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Add tenant' })).toBeNull());
});
