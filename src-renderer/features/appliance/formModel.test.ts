import { expect, test } from 'vitest';
import { emptyForm, formatAddress, formOf, parseAddress, readForm } from './formModel.ts';

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
      address: 'Write it as user@host:port, for example ubuntu@kiln-01.plant.lan:22.',
      authentication: 'Choose at least one way to log in.',
    },
  });
});

test('a host that could pass for an option is refused', () => {
  const read = readForm({ ...emptyForm, name: 'kiln-01', address: 'ubuntu@-oProxyCommand=x' });
  expect('errors' in read && Object.keys(read.errors)).toEqual(['address']);
});

test('a wrong jump host is named, not the appliance', () => {
  const jumps = [
    { id: 4, address: 'ops@gw', keyFile: '' },
    { id: 9, address: '', keyFile: '' },
  ];
  const read = readForm({ ...emptyForm, name: 'quay-01', address: 'quay-01', jumps });
  expect('errors' in read && Object.keys(read.errors)).toEqual(['jump-9-address']);
});

test('an entry fills the form, and the form gives the entry back', () => {
  const form = {
    ...emptyForm,
    name: 'quay-01',
    address: 'ubuntu@quay-01:2022',
    keyFile: '~/.ssh/id',
    jumps: [{ id: 1, address: 'ops@gw', keyFile: '~/.ssh/gw' }],
  };
  const read = readForm(form);
  if ('errors' in read) throw new Error('the form should be good');
  const entry = {
    ...read.input,
    id: '00000000-0000-4000-8000-000000000001',
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  expect(formOf(entry)).toEqual(form);
});
