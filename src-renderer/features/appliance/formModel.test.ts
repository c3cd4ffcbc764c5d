import { expect, test } from 'vitest';
import { formatAddress } from '../../../src-shared/model/appliance/address.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import {
  type ApplianceForm,
  toDuplicateForm,
  emptyForm,
  toForm,
  parseAddress,
  readForm,
  suggestName,
} from './formModel.ts';

test.each([
  ['ubuntu@kiln-01:2022', { user: 'ubuntu', host: 'kiln-01', port: 2022 }],
  ['kiln-01', { user: 'ubuntu', host: 'kiln-01', port: 22 }],
  ['ops@[fe80::1]:22', { user: 'ops', host: 'fe80::1', port: 22 }],
  [' 10.0.0.1 ', { user: 'ubuntu', host: '10.0.0.1', port: 22 }],
  ['ops@corp.example@kiln', { user: 'ops@corp.example', host: 'kiln', port: 22 }],
  [String.raw`CORP\ops@kiln:23`, { user: String.raw`CORP\ops`, host: 'kiln', port: 23 }],
  ['ssh://ops@kiln:23', { user: 'ops', host: 'kiln', port: 23 }],
  ['a b', null],
  ['@host', null],
  ['host:port', null],
])('reads %s', (text, parts) => {
  expect(parseAddress(text)).toEqual(parts);
});

test('when an address is shown and read again, it is the same', () => {
  for (const target of [
    { user: 'ubuntu', host: 'kiln-01', port: 22 },
    { user: 'ops', host: '::1', port: 2022 },
  ])
    expect(parseAddress(formatAddress(target))).toEqual(target);
});

test('when fields are wrong, each has a message in plain words', () => {
  const read = readForm({ ...emptyForm, name: 'Kiln 1', address: 'a b', agent: false, login: 'several' });
  expect(read).toEqual({
    errors: {
      name: 'Use 1 to 63 characters: a–z, 0–9, dot, dash or underscore. Start with a letter or digit.',
      address: 'Enter it as user@host:port, for example ubuntu@kiln-01.plant.lan:22.',
      login: 'Choose at least one way to log in.',
    },
  });
});

test('when an appliance is edited, it stays a member of its cluster', () => {
  const read = readForm({ ...emptyForm, name: 'kiln-01', address: 'kiln-01', cluster: 'kiln' });
  if (!('input' in read)) throw new Error('refused');
  expect(read.input.cluster).toBe('kiln');
  const entry = {
    ...read.input,
    id: '00000000-0000-4000-8000-000000000001',
    locked: false,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  expect(toForm(entry).cluster).toBe('kiln');
});

test('when a host could pass for an option, the address is wrong', () => {
  const read = readForm({ ...emptyForm, name: 'kiln-01', address: 'ubuntu@-oProxyCommand=x' });
  expect('errors' in read && Object.keys(read.errors)).toEqual(['address']);
});

test('when a jump host is wrong, its field has the message', () => {
  const jumps = [
    { id: 4, address: 'ops@gw', keyFile: '', own: null },
    { id: 9, address: '', keyFile: '', own: null },
  ];
  const read = readForm({ ...emptyForm, name: 'quay-01', address: 'quay-01', jumps });
  expect('errors' in read && Object.keys(read.errors)).toEqual(['jumps.1.address']);
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

test('when an entry fills the form, the form gives the same entry back', () => {
  const form = {
    ...emptyForm,
    name: 'quay-01',
    address: 'ubuntu@quay-01:2022',
    keyFile: '~/.ssh/id',
    login: 'several' as const,
    jumps: [
      { id: 1, address: 'ops@gw', keyFile: '', own: null },
      { id: 2, address: 'ops@inner', keyFile: '~/.ssh/gw', own: { ...passwordOnly, keyFile: '~/.ssh/gw' } },
    ],
  };
  expect(toForm(entryFrom(form))).toEqual(form);
});

test('when an appliance is edited, the logins of its jump hosts stay until they are edited', () => {
  const entry = entryFrom({
    ...emptyForm,
    name: 'quay-01',
    address: 'quay-01',
    keyFile: '~/.ssh/id',
    login: 'several' as const,
    jumps: [{ id: 1, address: 'ops@gw', keyFile: '', own: passwordOnly }],
  });
  const form = toForm(entry);
  const logins = (change: Partial<ApplianceForm>) =>
    entryFrom({ ...form, ...change }).jumps.map((jump) => jump.authentication);
  const jumpWith = (keyFile: string) => ({ jumps: form.jumps.map((jump) => ({ ...jump, keyFile })) });
  expect(logins({ description: 'other', agent: false, keyFile: '~/.ssh/new' })).toEqual([passwordOnly]);
  expect(logins(jumpWith('~/.ssh/gw'))).toEqual([{ ...passwordOnly, keyFile: '~/.ssh/gw' }]);
});

test('when a jump host has no login of its own, it follows the appliance', () => {
  const form = toForm(
    entryFrom({
      ...emptyForm,
      name: 'quay-01',
      address: 'quay-01',
      jumps: [{ id: 1, address: 'gw', keyFile: '', own: null }],
    }),
  );
  const { target, jumps } = entryFrom({
    ...form,
    login: 'several',
    password: true,
    keyFile: '~/.ssh/new',
  });
  expect(jumps.map((jump) => jump.authentication)).toEqual([target.authentication]);
});

test.each([
  [{ agent: true, keyFile: null, password: false, keyboardInteractive: false }, 'agent'],
  [{ agent: false, keyFile: '~/.ssh/id', password: false, keyboardInteractive: false }, 'keyFile'],
  [passwordOnly, 'password'],
  [{ agent: true, keyFile: '~/.ssh/id', password: false, keyboardInteractive: false }, 'several'],
  [{ agent: false, keyFile: null, password: false, keyboardInteractive: true }, 'several'],
])('when an appliance logs in with %o, the form shows %s and keeps it', (authentication, login) => {
  const entry = entryFrom({ ...emptyForm, name: 'kiln-01', address: 'kiln-01' });
  const form = toForm({ ...entry, target: { ...entry.target, authentication } });
  expect(form.login).toBe(login);
  expect(entryFrom(form).target.authentication).toEqual(authentication);
});

test('when a method is chosen, what was typed for another one is not used', () => {
  const form = { ...emptyForm, name: 'kiln-01', address: 'kiln-01', keyFile: '~/.ssh/id', password: true };
  expect(entryFrom({ ...form, login: 'agent' }).target.authentication).toMatchObject({
    agent: true,
    keyFile: null,
    password: false,
  });
});

test('when the login is a key file without a path, the path is asked for', () => {
  const read = readForm({ ...emptyForm, name: 'kiln-01', address: 'kiln-01', login: 'keyFile' });
  expect(read).toEqual({ errors: { keyFile: 'Enter the path of a private key file.' } });
});

test('when tags are separated by commas or semicolons, each is a tag', () => {
  expect(
    entryFrom({ ...emptyForm, name: 'kiln-01', address: 'kiln-01', tags: ' plant-a, air-gapped;;Plant-A ' })
      .tags,
  ).toEqual(['plant-a', 'air-gapped']);
});

test.each([
  ['ops@kiln-01.plant.lan:2022', 'kiln-01'],
  ['KILN', 'kiln'],
  ['10.30.0.13', '10.30.0.13'],
  ['ops@[fe80::1]:22', ''],
  ['a b', ''],
])('when the address is %s, the suggested name is "%s"', (address, name) => {
  expect(suggestName(address)).toBe(name);
});

test('when an appliance is duplicated, everything but its name and address is taken over', () => {
  const entry = entryFrom({
    ...emptyForm,
    name: 'kiln-01',
    address: 'kiln-01',
    group: 'Plant A',
    tags: 'prod',
  });
  expect(toDuplicateForm(entry)).toEqual({ ...toForm(entry), name: '', address: '' });
  expect(toDuplicateForm(entry)).toMatchObject({ group: 'Plant A', tags: 'prod' });
});
