import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { App } from '../../app/App.tsx';
import { openApplianceDialog } from '../../state/viewState.ts';

/** Opens the form of kiln-01. `changeElsewhere` acts as another user who saves while it is open. */
async function openEdit(start: Partial<ApplianceEntry> = {}) {
  const user = userEvent.setup();
  let entry = { ...sampleAppliance().entry, ...start };
  let wake: (() => void) | null = null;
  async function* changes() {
    for (;;) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      yield {
        appliances: [sampleAppliance({ entry })],
        removed: [],
        prompts: false,
        audit: false,
        ports: false,
        notifications: false,
      };
    }
  }
  location.hash = '#/';
  const { connection, calls } = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance({ entry })] }),
    'fleet.watch': () => changes(),
    'appliances.edit': () => ({ appliance: entry }),
    'appliances.setLock': () => ({ appliance: entry }),
  });
  render(<App connection={connection} />);
  connection.start();
  await screen.findByText('1 appliance', { exact: false });
  act(() => openApplianceDialog({ kind: 'edit', id: applianceId }));
  const form = within(await screen.findByRole('dialog', { name: 'Edit kiln-01' }));
  await form.findByRole('button', { name: 'Save' });
  return {
    user,
    form,
    changeElsewhere: async (change: Partial<ApplianceEntry>): Promise<void> => {
      entry = { ...entry, ...change, name: 'kiln-02' };
      act(() => wake?.());
      // The title shows the entry's name, so the new title proves that the page has read the change.
      await screen.findByRole('dialog', { name: 'Edit kiln-02' });
    },
    /** Saves, and returns the resulting calls. */
    save: async () => {
      const before = calls.length;
      await user.click(form.getByRole('button', { name: 'Save' }));
      await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
      return calls
        .slice(before)
        .filter(({ procedure }) => /^appliances\.(?:edit|setLock)$/u.test(procedure))
        .map(({ procedure, input }) => [procedure, input]);
    },
  };
}

test.each([
  ['locks', false],
  ['unlocks', true],
])('when another user %s the appliance while it is edited, saving keeps that', async (_verb, locked) => {
  const { user, form, changeElsewhere, save } = await openEdit({ locked });
  await changeElsewhere({ locked: !locked });
  await user.type(form.getByLabelText('Description'), 'North hall');
  expect(await save()).toMatchObject([
    ['appliances.edit', { appliance: { description: 'North hall' }, changes: ['description'] }],
  ]);
});

test('when another user changes other fields while one is edited, only that one is saved', async () => {
  const { user, form, changeElsewhere, save } = await openEdit();
  await changeElsewhere({ group: 'Plant B', tags: ['dmz'], cluster: 'kiln' });
  await user.type(form.getByLabelText('Tags'), 'north, air-gapped');
  await user.click(form.getByLabelText('Mark as production'));
  expect(await save()).toMatchObject([
    [
      'appliances.edit',
      {
        id: applianceId,
        appliance: { tags: ['north', 'air-gapped'], colour: 'red' },
        changes: ['tags', 'colour'],
      },
    ],
  ]);
});

test('when the login changes, jump hosts without their own login change with it', async () => {
  const target = sampleAppliance().entry.target;
  const { user, form, save } = await openEdit({ jumps: [{ ...target, host: 'gate' }] });
  await user.selectOptions(form.getByLabelText('Login'), 'password');
  expect(await save()).toMatchObject([['appliances.edit', { changes: ['target', 'jumps'] }]]);
});

test('when the user changes the lock, it is set after the fields', async () => {
  const { user, form, save } = await openEdit();
  await user.click(form.getByLabelText('Read-only until unlocked'));
  expect(await save()).toMatchObject([
    ['appliances.edit', { changes: [] }],
    ['appliances.setLock', { id: applianceId, locked: true }],
  ]);
});
