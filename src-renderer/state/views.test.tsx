import '../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { createFakeConsole } from '../../test-support/renderer/fakeConsole.ts';
import {
  sampleAppliance,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../test-support/renderer/samples.ts';
import { App } from '../app/App.tsx';
import { places } from './places.ts';
import { readView, views, writeView } from './views.ts';

const rows = ['acme', 'globex'].flatMap((clientId) =>
  sampleRows(sampleTenantView(sampleTenant({ clientId }))),
);

function open(hash: string) {
  location.hash = hash;
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'ports.list': () => ({ rows }),
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
}

const rowNames = async () => {
  const grid = await screen.findByRole('grid', { name: 'Tunnels' });
  return within(grid)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.getAttribute('aria-label'));
};

const pressed = () =>
  screen.getAllByRole('button', { pressed: true }).map((chip) => chip.textContent.replace(/ \d+$/u, ''));

test('when a view is written, only what differs from the default is in the address', () => {
  expect(writeView(views.tenants, {})).toBe('');
  expect(writeView(views.tenants, { show: 'all', q: '' })).toBe('');
  expect(places.tenants({ show: 'attention', q: 'a b&c' })).toBe('/tenants?q=a+b%26c&show=attention');
});

test('when a view is read, unknown names are dropped and unknown values are the default', () => {
  expect(readView(views.tenants, '?show=nonsense&x=1&q=2204&order=destination')).toEqual({
    q: '2204',
    show: 'all',
    order: 'destination',
    sort: '',
    repository: '',
  });
  expect(readView(views.syslog, writeView(views.syslog, { from: 'kiln-01,' })).from).toBe('kiln-01,');
});

test('when a link with a filter is opened, the page shows that filter', async () => {
  open('#/tenants?q=glob&sort=-port');
  expect(await screen.findByRole('row', { name: /^globex 2200,/u })).toBeDefined();
  expect(await rowNames()).toEqual(['globex 2200, listening, smb://files.nw.lan:139']);
  expect(screen.getByRole<HTMLInputElement>('searchbox', { name: 'Filter tunnels' }).value).toBe('glob');
  expect(screen.getByRole('columnheader', { name: /^Port/u }).getAttribute('aria-sort')).toBe('descending');
});

test('when a filter is typed, the address has it and no letter is lost', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await user.type(await screen.findByRole('searchbox', { name: 'Filter tunnels' }), 'acme 22');
  await waitFor(() => expect(location.hash).toBe('#/tenants?q=acme+22'));
  expect(await rowNames()).toEqual(['acme 2200, listening, smb://files.nw.lan:139']);
});

test('when rows are chosen by click, Back leads to the row before, then to the list with its filter', async () => {
  const user = userEvent.setup();
  open('#/tenants?q=2200');
  await user.click(await screen.findByRole('row', { name: /^acme 2200,/u }));
  await user.click(screen.getByRole('row', { name: /^globex 2200,/u }));
  await waitFor(() => expect(location.hash).toBe('#/tenants/kiln-01/globex/2200?q=2200'));
  history.back();
  await screen.findByRole('complementary', { name: 'acme · 2200' });
  history.back();
  await waitFor(() => expect(location.hash).toBe('#/tenants?q=2200'));
  await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
});

test('when j walks over rows, Back leads to the list', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await screen.findByRole('row', { name: /^acme 2200,/u });
  await user.keyboard('jj');
  await waitFor(() => expect(location.hash).toBe('#/tenants/kiln-01/globex/2200'));
  history.back();
  await waitFor(() => expect(location.hash).toBe('#/tenants'));
});

test('when a chip is pressed, Back undoes it', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await user.click(await screen.findByRole('button', { name: /^suspended/u }));
  await waitFor(() => expect(location.hash).toBe('#/tenants?show=suspended'));
  expect(pressed()).toEqual(['suspended']);
  history.back();
  await waitFor(() => expect(pressed()).toEqual(['all tunnels']));
});

test('when the followed appliances are changed, the address names them', async () => {
  const user = userEvent.setup();
  open('#/syslog');
  await user.click(await screen.findByRole('button', { name: 'kiln-01', pressed: true }));
  await waitFor(() => expect(location.hash).toBe('#/syslog?from=%2C'));
  await user.click(screen.getByRole('button', { name: 'kiln-01', pressed: false }));
  await waitFor(() => expect(location.hash).toBe('#/syslog?from=kiln-01%2C'));
});
