import '../../test-support/renderer/pageSetup.ts';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { createFakeConsole } from '../../test-support/renderer/fakeConsole.ts';
import {
  sampleAppliance,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../test-support/renderer/samples.ts';
import { App } from './App.tsx';

const views = ['acme', 'globex'].map((clientId) => sampleTenantView(sampleTenant({ clientId })));

function open(address: string) {
  location.hash = address;
  const { connection } = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'ports.list': () => ({ rows: views.flatMap(sampleRows) }),
  });
  render(<App connection={connection} />);
  connection.start();
}

const focused = () => document.activeElement;
const heading = (name: string) => screen.queryByRole('heading', { level: 1, name });

test('when the first page loads, the focus stays where it was', async () => {
  open('#/');
  await screen.findByRole('row', { name: 'kiln-01' });
  expect(focused()).toBe(document.body);
});

test('when another page opens from the palette, by its keys or by a link, its heading has the focus', async () => {
  const user = userEvent.setup();
  open('#/');
  await screen.findByRole('row', { name: 'kiln-01' });
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox', { name: 'Go to' }), 'audit{Enter}');
  await waitFor(() => expect(screen.queryByRole('combobox', { name: 'Go to' })).toBeNull());
  await screen.findByRole('searchbox', { name: 'Search records' });
  await waitFor(() => expect(focused()).toBe(heading('Audit')));
  await user.keyboard('gf');
  await waitFor(() => expect(focused()).toBe(heading('Fleet')));
  await user.click(screen.getByRole('link', { name: /^Tenants & ports/u }));
  await screen.findByRole('row', { name: /^acme 2200,/u });
  await waitFor(() => expect(focused()).toBe(heading('Tenants & ports')));
});

test('when rows are chosen or filtered, the focus stays in the table; Enter goes to the panel and Esc back', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await screen.findByRole('row', { name: /^acme 2200,/u });
  await user.keyboard('jj');
  const panel = await screen.findByRole('complementary', { name: 'globex · 2200' });
  const grid = screen.getByRole('grid', { name: 'Tunnels' });
  expect(focused()).toBe(grid);
  await user.keyboard('{Enter}');
  expect(focused()).toBe(panel);
  await user.tab();
  expect(panel.contains(focused())).toBe(true);
  await user.keyboard('{Escape}');
  expect(focused()).toBe(grid);
  expect(location.hash).toBe('#/tenants/kiln-01/globex/2200');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(location.hash).toBe('#/tenants'));
});

test('when ? is pressed, the keys of the page are listed, and each jump of the navigation is one', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await screen.findByRole('row', { name: /^acme 2200,/u });
  await user.keyboard('?');
  const sheet = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  const listed = [...sheet.querySelectorAll('dt')].map((term) => term.textContent);
  expect(listed).toEqual(
    expect.arrayContaining(['/', 'Ctrl+K', '?', 'g f', 'g t', 'g l', 'g a', 'g s', 'Enter']),
  );
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('when the palette opens again, also after a reload, the last entry that was run comes first', async () => {
  const user = userEvent.setup();
  open('#/');
  await screen.findByRole('row', { name: 'kiln-01' });
  const openPalette = async () => {
    await user.keyboard('{Control>}k{/Control}');
    return screen.findByRole('combobox', { name: 'Go to' });
  };
  await user.type(await openPalette(), 'globex{Enter}');
  await screen.findByRole('complementary', { name: 'globex' });
  await waitFor(() => expect(screen.queryByRole('combobox', { name: 'Go to' })).toBeNull());
  const expectRecent = async () => {
    await openPalette();
    const [first] = await screen.findAllByRole('option', { name: /recent/u });
    expect(first?.textContent).toMatch(/^recentglobex/u);
  };
  await expectRecent();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('combobox', { name: 'Go to' })).toBeNull());
  cleanup();
  open('#/');
  await screen.findByRole('row', { name: 'kiln-01' });
  await expectRecent();
  localStorage.removeItem('palette-recent');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('combobox', { name: 'Go to' })).toBeNull());
});

test('when Space is pressed on the log, it pauses; End follows again', async () => {
  const user = userEvent.setup();
  open('#/syslog');
  await screen.findByRole('button', { name: 'Following' });
  await user.keyboard(' ');
  expect(await screen.findByRole('button', { name: 'Paused' })).toBeDefined();
  await user.keyboard('{End}');
  expect(await screen.findByRole('button', { name: 'Following' })).toBeDefined();
});
