import { expect, test } from 'vitest';
import { formatAddress } from '../../../src-shared/model/appliance/address.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { type ApplianceForm, emptyForm, errorsAfter, formOf, parseAddress, readForm } from './formModel.ts';

test.each([
  ['ubuntu@kiln-01:2022', { user: 'ubuntu', host: 'kiln-01', port: 2022 }],
  ['kiln-01', { user: 'ubuntu', host: 'kiln-01', port: 22 }],
  ['ops@[fe80::1]:22', { user: 'ops', host: 'fe80::1', port: 22 }],
  [' 10.0.0.1 ', { user: 'ubuntu', host: '10.0.0.1', port: 22 }],
  ['a b', null],
  ['@host', null],
  ['host:port', null],
])('reads %s', (text, parts) => {
  expect(parseAddress(text)).toEqual(parts);
});

test('an address survives being shown and read again', () => {
  for (const target of [
    { user: 'ubuntu', host: 'kiln-01', port: 22 },
    { user: 'ops', host: '::1', port: 2022 },
  ])
    expect(parseAddress(formatAddress(target))).toEqual(target);
});

test('what is wrong is said in plain words beside its field', () => {
  const read = readForm({ ...emptyForm, name: 'Kiln 1', address: 'a b', agent: false });
  expect(read).toEqual({
    errors: {
      name: 'Use 1 to 63 of a–z, 0–9, dot, dash or underscore; start with a letter or digit.',
      address: 'Enter it as user@host:port, for example ubuntu@kiln-01.plant.lan:22.',
      authentication: 'Choose at least one way to log in.',
    },
  });
});

test('an edited appliance stays a member of its cluster', () => {
  const read = readForm({ ...emptyForm, name: 'kiln-01', address: 'kiln-01', cluster: 'kiln' });
  if (!('input' in read)) throw new Error('refused');
  expect(read.input.cluster).toBe('kiln');
  const entry = {
    ...read.input,
    id: '00000000-0000-4000-8000-000000000001',
    locked: false,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  expect(formOf(entry).cluster).toBe('kiln');
});

test('a host that could pass for an option is refused', () => {
  const read = readForm({ ...emptyForm, name: 'kiln-01', address: 'ubuntu@-oProxyCommand=x' });
  expect('errors' in read && Object.keys(read.errors)).toEqual(['address']);
});

test('a wrong jump host is named, not the appliance', () => {
  const jumps = [
    { id: 4, address: 'ops@gw', keyFile: '', own: null },
    { id: 9, address: '', keyFile: '', own: null },
  ];
  const read = readForm({ ...emptyForm, name: 'quay-01', address: 'quay-01', jumps });
  expect('errors' in read && Object.keys(read.errors)).toEqual(['jump-9-address']);
});

const passwordOnly = { agent: false, keyFile: null, password: true, keyboardInteractive: false };

function entryFrom(form: ApplianceForm): ApplianceEntry {
  const read = readForm(form);
  if ('errors' in read) throw new Error('the form should be good');
  return {
    ...read.input,
    id: '00000000-0000-4000-8000-000000000001',
    locked: false,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

test('an entry fills the form, and the form gives the entry back', () => {
  const form = {
    ...emptyForm,
    name: 'quay-01',
    address: 'ubuntu@quay-01:2022',
    keyFile: '~/.ssh/id',
    jumps: [
      { id: 1, address: 'ops@gw', keyFile: '', own: null },
      { id: 2, address: 'ops@inner', keyFile: '~/.ssh/gw', own: { ...passwordOnly, keyFile: '~/.ssh/gw' } },
    ],
  };
  expect(formOf(entryFrom(form))).toEqual(form);
});

test('editing an appliance leaves the ways into its jump hosts as they are, until one is edited', () => {
  const entry = entryFrom({
    ...emptyForm,
    name: 'quay-01',
    address: 'quay-01',
    keyFile: '~/.ssh/id',
    jumps: [{ id: 1, address: 'ops@gw', keyFile: '', own: passwordOnly }],
  });
  const form = formOf(entry);
  const ways = (change: Partial<ApplianceForm>) =>
    entryFrom({ ...form, ...change }).jumps.map((jump) => jump.authentication);
  const jumpWith = (keyFile: string) => ({ jumps: form.jumps.map((jump) => ({ ...jump, keyFile })) });
  expect(ways({ description: 'other', agent: false, keyFile: '~/.ssh/new' })).toEqual([passwordOnly]);
  expect(ways(jumpWith('~/.ssh/gw'))).toEqual([{ ...passwordOnly, keyFile: '~/.ssh/gw' }]);
});

test('a jump host without a way in of its own follows the appliance', () => {
  const form = formOf(
    entryFrom({
      ...emptyForm,
      name: 'quay-01',
      address: 'quay-01',
      jumps: [{ id: 1, address: 'gw', keyFile: '', own: null }],
    }),
  );
  const { target, jumps } = entryFrom({ ...form, password: true, keyFile: '~/.ssh/new' });
  expect(jumps.map((jump) => jump.authentication)).toEqual([target.authentication]);
});

test('what is wrong is unsaid as soon as its field is changed', () => {
  const errors = {
    name: 'a',
    address: 'b',
    authentication: 'c',
    'jump-4-address': 'd',
    'jump-9-keyFile': 'e',
  };
  expect(Object.keys(errorsAfter(errors, { jumps: [] }))).toEqual(['name', 'address', 'authentication']);
  expect(Object.keys(errorsAfter(errors, { agent: true }))).not.toContain('authentication');
  expect(Object.keys(errorsAfter(errors, { name: 'x' }))).not.toContain('name');
});
