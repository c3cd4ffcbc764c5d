import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { App } from '../../app/App.tsx';
import {
  createFakeConsole,
  throwAppError,
  sampleAbout,
  type Call,
} from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { renderChanges } from '../tenants/changes/testing.tsx';
import { ApplianceMenu } from './components/ApplianceMenu.tsx';

const desktop = { host: 'desktop', canOpenTerminal: true };
const without = [
  { who: 'the console runs on the web host', about: {} },
  { who: 'the desktop has no terminal', about: { ...desktop, canOpenTerminal: false } },
  { who: 'a viewer uses the desktop', about: { ...desktop, role: 'viewer' } },
];

const answersOf = (about: Record<string, unknown>, openTerminal: () => unknown) => ({
  'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
  'appliances.openTerminal': openTerminal,
  'system.about': () => sampleAbout(about),
});

const openedOf = (calls: readonly Call[]) =>
  calls.flatMap(({ procedure, input }) => (procedure === 'appliances.openTerminal' ? [input] : []));

/** Opens the menu of an appliance, after the page has read which host it runs on. */
async function openMenu(about: Record<string, unknown>, openTerminal: () => unknown = () => ({})) {
  const user = userEvent.setup();
  const { calls, queryClient } = renderChanges(
    <ApplianceMenu entry={sampleAppliance().entry} />,
    answersOf(about, openTerminal),
  );
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  await user.click(screen.getByRole('button', { name: 'More actions on kiln-01' }));
  await screen.findByRole('menuitem', { name: 'Copy ssh command' });
  return {
    calls,
    user,
    queryClient,
  };
}

/** Opens the palette, after the page has read the appliance. */
async function searchPalette(about: Record<string, unknown>) {
  const user = userEvent.setup();
  location.hash = '#/';
  const fake = createFakeConsole(answersOf(about, () => ({})));
  render(<App connection={fake.connection} />);
  fake.connection.start();
  await screen.findByText(/role (?:admin|viewer)/u);
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox', { name: 'Go to' }), 'kiln-01');
  await screen.findByRole('option', { name: /syslog of/u });
  return { calls: fake.calls, user };
}

test('when the desktop can open a terminal, the menu opens it', async () => {
  const { user, calls } = await openMenu(desktop);
  await user.click(await screen.findByRole('menuitem', { name: 'Open in terminal' }));
  await waitFor(() => expect(openedOf(calls)).toEqual([{ id: applianceId }]));
  expect(await screen.findByText('Terminal opened for kiln-01')).toBeDefined();
});

test('when the desktop can open a terminal, the palette opens it', async () => {
  const { user, calls } = await searchPalette(desktop);
  await user.click(await screen.findByRole('option', { name: /Open kiln-01 in terminal/u }));
  await waitFor(() => expect(openedOf(calls)).toEqual([{ id: applianceId }]));
});

test.each(without)('when $who, the menu offers no terminal', async ({ about }) => {
  await openMenu(about);
  expect(screen.queryByRole('menuitem', { name: 'Open in terminal' })).toBeNull();
});

test.each(without)('when $who, the palette offers no terminal', async ({ about }) => {
  await searchPalette(about);
  expect(screen.queryByRole('option', { name: /Open kiln-01 in terminal/u })).toBeNull();
});

test('when the terminal fails to open, no success is shown', async () => {
  const { user, queryClient } = await openMenu(desktop, () =>
    throwAppError('TERMINAL_FAILED', 'xterm ended.'),
  );
  await user.click(await screen.findByRole('menuitem', { name: 'Open in terminal' }));
  const states = () =>
    queryClient
      .getMutationCache()
      .getAll()
      .map(({ state }) => state.status);
  await waitFor(() => expect(states()).toEqual(['error']));
  expect(screen.queryByText('Terminal opened for kiln-01')).toBeNull();
});
