import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { createFakeConsole, sampleAbout } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { App } from '../../app/App.tsx';

async function openRowMenu(role: 'viewer' | 'admin') {
  location.hash = '#/';
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'system.about': () => sampleAbout({ role }),
    'appliances.setLock': () => ({ appliance: sampleAppliance().entry }),
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  await screen.findByText(new RegExp(`role ${role}`, 'u'));
  const row = await screen.findByRole('row', { name: 'kiln-01' });
  fireEvent.contextMenu(row);
  expect(await screen.findByText('Copy ssh command')).toBeDefined();
  return fake.calls;
}

test('when an admin opens the menu of an appliance’s row, it can be made read-only and duplicated', async () => {
  const user = userEvent.setup();
  const calls = await openRowMenu('admin');
  await user.click(await screen.findByText('Make kiln-01 read-only'));
  await waitFor(() =>
    expect(calls.filter(({ procedure }) => procedure === 'appliances.setLock')).toMatchObject([
      { input: { id: applianceId, locked: true } },
    ]),
  );
  fireEvent.contextMenu(screen.getByRole('row', { name: 'kiln-01' }));
  await user.click(await screen.findByText('Duplicate kiln-01…'));
  expect(await screen.findByRole('dialog', { name: /Duplicate/u })).toBeDefined();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('when a viewer opens the menu of an appliance’s row, it offers no change', async () => {
  await openRowMenu('viewer');
  for (const text of ['Make kiln-01 read-only', 'Duplicate kiln-01…'])
    expect(screen.queryByText(text)).toBeNull();
});
