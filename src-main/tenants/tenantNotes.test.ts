import { afterEach, beforeEach, expect, test } from 'vitest';
import { anInput } from '../../test-support/anEntry.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { tenantNoteSchema } from '../../src-shared/model/tenants/tenantNote.ts';

let site: TestServices;
beforeEach(() => {
  site = createTestServices();
});
afterEach(() => site.close());

const note = tenantNoteSchema.parse({
  contactName: 'Grace H.',
  email: 'grace@acme.example',
  phone: '+49 30 1',
  contactText: 'Only before noon.',
  note: 'Two sites.\nAsk for the second one.',
});
const addAppliance = (name: string, cluster = '') =>
  site.services.inventory.add(anInput(name, { cluster }), []).id;

test('when a note is set, saves it with its author, and the trail does not contain it', async () => {
  const { tenantNotes, audit } = site.services;
  const tenant = { applianceId: addAppliance('kiln'), clientId: 'acme' };
  expect(tenantNotes.get(tenant)).toBeNull();
  await tenantNotes.set(tenant, note);
  expect(tenantNotes.get(tenant)).toEqual({ ...note, changedBy: 'ada', changedAt: expect.any(String) });
  expect(tenantNotes.get({ ...tenant, clientId: 'other' })).toBeNull();
  await tenantNotes.set(tenant, { ...note, phone: '' });
  const { records } = audit.list({ before: null, limit: 10, query: 'tenant.note' });
  expect(records.map(({ object, result, detail }) => [object, result, detail])).toEqual([
    ['kiln/acme', 'ok', 'changed: phone'],
    ['kiln/acme', 'pending', 'changed: phone'],
    ['kiln/acme', 'ok', 'changed: contactName, email, phone, contactText, note'],
    ['kiln/acme', 'pending', 'changed: contactName, email, phone, contactText, note'],
  ]);
  expect(JSON.stringify(audit.list({ before: null, limit: 50, query: '' }))).not.toMatch(/Grace|noon|\+49/u);
});

test('when a note was changed since it was read, rejects another change with CONFLICT', async () => {
  const { tenantNotes, audit } = site.services;
  const tenant = { applianceId: addAppliance('kiln'), clientId: 'acme' };
  const conflict = { code: 'CONFLICT' };
  await tenantNotes.set(tenant, note, null);
  await expect(tenantNotes.set(tenant, { ...note, phone: '2' }, null)).rejects.toMatchObject(conflict);
  const basis = tenantNotes.get(tenant)?.changedAt ?? null;
  await tenantNotes.set(tenant, null, basis);
  await expect(tenantNotes.set(tenant, note, basis)).rejects.toMatchObject(conflict);
  expect(tenantNotes.get(tenant)).toBeNull();
  const { records } = audit.list({ before: null, limit: 1, query: 'tenant.note' });
  expect(records).toMatchObject([{ errorCode: 'CONFLICT' }]);
});

test('when a note is emptied or removed, deletes it', async () => {
  const { tenantNotes } = site.services;
  const tenant = { applianceId: addAppliance('kiln'), clientId: 'acme' };
  await tenantNotes.set(tenant, note);
  await tenantNotes.set(tenant, tenantNoteSchema.parse({}));
  expect(tenantNotes.get(tenant)).toBeNull();
  await tenantNotes.set(tenant, note);
  await tenantNotes.set(tenant, null);
  expect(tenantNotes.get(tenant)).toBeNull();
});

test('when appliances are a cluster, they share the note; others do not', async () => {
  const { tenantNotes, inventory } = site.services;
  const [first, second] = [addAppliance('kiln-1', 'kiln'), addAppliance('kiln-2', 'kiln')];
  const alone = addAppliance('mill');
  await tenantNotes.set({ applianceId: first, clientId: 'acme' }, note);
  await tenantNotes.set({ applianceId: second, clientId: 'acme' }, { ...note, note: 'newer' });
  for (const applianceId of [first, second])
    expect(tenantNotes.get({ applianceId, clientId: 'acme' })?.note).toBe('newer');
  expect(tenantNotes.get({ applianceId: alone, clientId: 'acme' })).toBeNull();
  inventory.remove(second);
  expect(tenantNotes.get({ applianceId: first, clientId: 'acme' })?.note).toBe('newer');
  inventory.remove(first);
  expect(inventory.list().map(({ id }) => id)).toEqual([alone]);
});

test.each(['removed', 'moved to another cluster', 'taken out of the cluster'])(
  'when a cluster member is %s, the others keep the notes, with their authors and times',
  async (change) => {
    const { tenantNotes, inventory } = site.services;
    const members = ['kiln-1', 'kiln-2', 'kiln-3'].map((name) => addAppliance(name, 'kiln'));
    const [first = '', second = '', third = ''] = members;
    const tenants = ['acme', 'globex'];
    await tenantNotes.set({ applianceId: second, clientId: 'acme' }, note);
    await tenantNotes.set({ applianceId: second, clientId: 'globex' }, { ...note, note: 'other' });
    const notesOf = (applianceId: string) =>
      tenants.map((clientId) => tenantNotes.get({ applianceId, clientId }));
    const before = notesOf(first);
    expect(before).toEqual([expect.objectContaining(note), expect.objectContaining({ note: 'other' })]);
    if (change === 'removed') inventory.remove(second);
    else inventory.edit(second, anInput('kiln-2', { cluster: change.startsWith('moved') ? 'mill' : '' }));
    expect([first, third].map(notesOf)).toEqual([before, before]);
    await tenantNotes.set({ applianceId: third, clientId: 'acme' }, null);
    expect(notesOf(first)[0]).toBeNull();
    inventory.remove(first);
    expect(notesOf(third)).toEqual([null, before[1]]);
  },
);

test.each([
  ['a line too long', { phone: '1'.repeat(201) }],
  ['a text too long', { note: 'a'.repeat(4_001) }],
  ['a line feed in a line', { email: 'a\nb' }],
  ['hidden characters', { note: 'a\u202eb' }],
  ['a control character', { contactText: '\u001b[2J' }],
])('rejects %s', (_, changes) => {
  expect(tenantNoteSchema.safeParse({ ...note, ...changes }).success).toBe(false);
});
