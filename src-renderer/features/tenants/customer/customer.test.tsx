import '../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { KeptTenantNote } from '../../../../src-shared/model/tenants/tenantNote.ts';
import { throwAppError, sampleAbout } from '../../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../../test-support/renderer/samples.ts';
import { openTenants, panel } from '../../../../test-support/renderer/tenantPanel.tsx';

beforeEach(() => void vi.restoreAllMocks());

const kept: KeptTenantNote = {
  contactName: 'Jane Doe',
  email: 'jane@nw.example',
  phone: '+49 30 1',
  contactText: 'Only before noon.',
  note: 'Two sites.\nAsk for the second one.',
  changedAt: '2026-11-20T09:00:00.000Z',
  changedBy: 'm.ivers',
};
const tunnelHash = '#/tenants/kiln-01/northwind/2204';
const sender = { name: 'Fern Operations', signature: 'Fern Ltd' };

async function openMessage(answers: Parameters<typeof openTenants>[1] = {}) {
  const user = userEvent.setup();
  openTenants(tunnelHash, {
    'tenants.note': () => ({ note: kept }),
    'tenants.customerSender': () => ({ sender }),
    ...answers,
  });
  await user.click(await screen.findByRole('button', { name: 'Message to the customer…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Message to northwind' }));
  const text = await dialog.findByRole<HTMLTextAreaElement>('textbox', { name: 'Text' });
  return { user, dialog, text };
}

test('when a tenant has a contact and a note, its card shows both and who changed them', async () => {
  openTenants(tunnelHash, { 'tenants.note': () => ({ note: kept }) });
  const details = within(await panel('northwind · 2204'));
  const shown = within(await details.findByRole('region', { name: 'Contact and note' }));
  expect(shown.getByText(/^Jane Doe · jane@nw\.example · \+49 30 1/u)).toBeDefined();
  expect(shown.getByText('Only before noon.')).toBeDefined();
  expect(shown.getByText(/Ask for the second one/u).textContent).toBe(kept.note);
  expect(shown.getByText(/^changed by m\.ivers$/u)).toBeDefined();
});

test('when a ticket has half of a surrogate pair, the message stays and the link can be followed', async () => {
  const { user, dialog, text } = await openMessage();
  await user.click(dialog.getByRole('textbox', { name: 'Ticket' }));
  await user.paste('INC \ud83d');
  expect(text.value).toContain('Ticket: INC');
  const link = dialog.getByRole('link').getAttribute('href');
  expect(link).toContain('INC%20%EF%BF%BD');
});

test('when an operator edits the contact, it is saved and shown, even if the appliance is locked', async () => {
  const user = userEvent.setup();
  const appliance = sampleAppliance();
  let note: KeptTenantNote | null = null;
  const { calls } = openTenants(tunnelHash, {
    'fleet.overview': () => ({ appliances: [{ ...appliance, entry: { ...appliance.entry, locked: true } }] }),
    'tenants.note': () => ({ note }),
    'tenants.setNote': () => {
      note = { ...kept, contactText: '', note: '' };
      return {};
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Add contact or note…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Contact and note of northwind' }));
  await user.type(await dialog.findByRole('textbox', { name: 'Name' }), 'Jane Doe');
  await user.type(dialog.getByRole('textbox', { name: 'E-mail' }), ' jane@nw.example ');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/^Jane Doe · jane@nw\.example/u)).toBeDefined();
  expect(calls.filter(({ procedure }) => procedure === 'tenants.setNote').map(({ input }) => input)).toEqual([
    {
      applianceId,
      clientId: 'northwind',
      note: { contactName: 'Jane Doe', email: 'jane@nw.example', phone: '', contactText: '', note: '' },
      basis: null,
    },
  ]);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test.each([
  ['jane', false],
  ['gavin@hooli', true],
])('when the e-mail field holds %s, saved: %s', async (text, isSaved) => {
  const user = userEvent.setup();
  const { calls } = openTenants(tunnelHash, { 'tenants.setNote': () => ({}) });
  await user.click(await screen.findByRole('button', { name: 'Add contact or note…' }));
  await user.type(await screen.findByRole('textbox', { name: 'E-mail' }), text);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(screen.queryAllByText(/^Enter one e-mail address/u)).toHaveLength(isSaved ? 0 : 1),
  );
  await waitFor(() => expect(screen.queryAllByRole('dialog')).toHaveLength(isSaved ? 0 : 1));
  expect(calls.filter(({ procedure }) => procedure === 'tenants.setNote')).toHaveLength(isSaved ? 1 : 0);
});

test('when every field is emptied, the note is deleted', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants(tunnelHash, {
    'tenants.note': () => ({ note: { ...kept, email: '', phone: '', contactText: '', note: '' } }),
    'tenants.setNote': () => ({}),
  });
  await user.click(await screen.findByRole('button', { name: 'Edit contact and note…' }));
  await user.clear(await screen.findByRole('textbox', { name: 'Name' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(
      calls.filter(({ procedure }) => procedure === 'tenants.setNote').map(({ input }) => input),
    ).toEqual([{ applianceId, clientId: 'northwind', note: null, basis: kept.changedAt }]),
  );
});

test('when a field is too long or the console refuses, the dialog says so and stays open', async () => {
  const user = userEvent.setup();
  openTenants(tunnelHash, { 'tenants.setNote': () => throwAppError('STORE_FAILED', 'The disk is full.') });
  await user.click(await screen.findByRole('button', { name: 'Add contact or note…' }));
  const phone = await screen.findByRole('textbox', { name: 'Phone' });
  await user.click(phone);
  await user.paste('1'.repeat(201));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Enter one line of at most 200 characters.')).toBeDefined();
  await user.clear(phone);
  await user.type(phone, '1');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The disk is full.')).toBeDefined();
  expect(screen.getByRole('dialog', { name: 'Contact and note of northwind' })).toBeDefined();
});

test('when a viewer opens the tenant, the contact can be read but not edited', async () => {
  openTenants(tunnelHash, {
    'system.about': () => sampleAbout({ role: 'viewer' }),
    'tenants.note': () => ({ note: kept }),
  });
  await screen.findByText(/role viewer/u);
  expect(await screen.findByText(/^Jane Doe/u)).toBeDefined();
  expect(screen.queryByRole('button', { name: /contact or note|contact and note/u })).toBeNull();
});

test('when a message is written, it names sender, time in UTC and contact, and is copied as edited', async () => {
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  const { user, dialog, text } = await openMessage();
  expect(text.value).toMatch(
    /^From: Fern Operations\nTime: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n\nConnection: northwind, [\s\S]*\nCode: T-\d{4}\n\nFern Ltd$/u,
  );
  expect(dialog.getByText(/^Contact: Jane Doe · jane@nw\.example/u)).toBeDefined();
  expect(
    dialog.getByText('The console doesn’t send this message. Copy it to your e-mail program.'),
  ).toBeDefined();
  await user.type(dialog.getByRole('textbox', { name: 'Ticket' }), 'INC-7');
  await user.type(text, ' Call me.');
  await user.click(dialog.getByRole('button', { name: 'Copy' }));
  await waitFor(() => expect(write.mock.calls).toEqual([[text.value]]));
  expect(text.value).toMatch(/^Ticket: INC-7\nFrom: Fern Operations\n[\s\S]* Call me\.$/u);
});

test('when the contact has an address, the e-mail link is to it and carries the text', async () => {
  const { user, dialog, text } = await openMessage();
  await user.type(dialog.getByRole('textbox', { name: 'Ticket' }), 'INC-7');
  const link = new URL(dialog.getByRole<HTMLAnchorElement>('link', { name: 'Write an e-mail' }).href);
  expect(link.protocol).toBe('mailto:');
  expect(link.pathname).toBe('jane@nw.example');
  expect(link.searchParams.get('subject')).toMatch(/^INC-7: Connection of northwind, code T-\d{4}$/u);
  expect(link.searchParams.get('body')?.replaceAll('\r\n', '\n')).toBe(text.value);
});

test('when the text gets too long for a link, only copying is offered', async () => {
  const { user, dialog, text } = await openMessage();
  await user.click(text);
  await user.paste('x'.repeat(1_900));
  expect(dialog.queryByRole('link', { name: 'Write an e-mail' })).toBeNull();
  expect(dialog.getByText('Too long for an e-mail link: copy it.')).toBeDefined();
  expect(dialog.getByRole('button', { name: 'Copy' })).toBeDefined();
});

test('when the page is in the desktop program, which opens no links, only copying is offered', async () => {
  const { dialog } = await openMessage({ 'system.about': () => sampleAbout({ host: 'desktop' }) });
  expect(dialog.queryByRole('link', { name: 'Write an e-mail' })).toBeNull();
  expect(dialog.getByRole('button', { name: 'Copy' })).toBeDefined();
});

test('when neither sender nor contact is set, the dialog says where to set them', async () => {
  const { dialog, text } = await openMessage({
    'tenants.note': () => ({ note: null }),
    'tenants.customerSender': () => ({ sender: { name: '', signature: '' } }),
  });
  expect(text.value).toMatch(/^Time: /u);
  expect(dialog.getByText('No contact yet. Add one on the tenant’s card.')).toBeDefined();
  expect(dialog.getByRole('link', { name: /in Settings$/u })).toHaveProperty('hash', '#/settings');
});
