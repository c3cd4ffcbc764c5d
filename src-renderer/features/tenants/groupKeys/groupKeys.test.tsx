import '../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { sampleAbout } from '../../../../test-support/renderer/fakeConsole.ts';
import { applianceId } from '../../../../test-support/renderer/samples.ts';
import { openTenants, panel } from '../../../../test-support/renderer/tenantPanel.tsx';

const key = `sgk_${'k'.repeat(43)}`;
const docs = {
  clientId: 'northwind',
  group: 'docs',
  createdAt: '2026-11-01T09:00:00.000Z',
  rotatedAt: null,
  mask: 'sgk_••••••••',
  previousUntil: null,
};
const tenantHash = '#/tenants/kiln-01/northwind';
const groupKeys = { 'tenants.groupKeys': () => ({ groupKeys: [docs] }) };

const inputsOf = (calls: readonly { procedure: string; input: unknown }[], name: string) =>
  calls.filter(({ procedure }) => procedure === name).map(({ input }) => input);

const card = async () =>
  within(await within(await panel('northwind')).findByRole('region', { name: 'Group keys' }));

test('when a tenant has groups, lists their keys masked, and shows one only on request', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants(tenantHash, {
    ...groupKeys,
    'tenants.showGroupKey': () => ({ key }),
  });
  const shown = await card();
  expect(await shown.findByText('sgk_••••••••')).toBeDefined();
  expect(document.body.textContent).not.toContain(key);
  expect(inputsOf(calls, 'tenants.showGroupKey')).toEqual([]);
  await user.click(shown.getByRole('button', { name: 'Show key of docs' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Key of docs' }));
  expect((await dialog.findByLabelText('Group key')).textContent).toBe(key);
  expect(inputsOf(calls, 'tenants.showGroupKey')).toEqual([
    { applianceId, clientId: 'northwind', group: 'docs' },
  ]);
  await user.click(dialog.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(document.body.textContent).not.toContain(key));
});

test('when a key is rotated, asks for a reason first', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants(tenantHash, {
    ...groupKeys,
    'tenants.rotateGroupKey': () => ({ groupKey: docs }),
  });
  await user.click(await (await card()).findByRole('button', { name: 'Rotate key of docs' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Rotate the key of docs' }));
  await user.click(dialog.getByRole('button', { name: 'Rotate' }));
  expect(await dialog.findByText('Enter a reason of at most 500 characters.')).toBeDefined();
  expect(inputsOf(calls, 'tenants.rotateGroupKey')).toEqual([]);
  await user.type(dialog.getByRole('textbox', { name: 'Reason' }), 'INC-7');
  await user.click(dialog.getByRole('button', { name: 'Rotate' }));
  await waitFor(() =>
    expect(inputsOf(calls, 'tenants.rotateGroupKey')).toEqual([
      { applianceId, clientId: 'northwind', group: 'docs', overlapHours: 24, reason: 'INC-7' },
    ]),
  );
});

test('when the operator is no admin, no key can be shown', async () => {
  openTenants(tenantHash, {
    ...groupKeys,
    'system.about': () => ({ ...sampleAbout(), role: 'operator' as const }),
  });
  const shown = await card();
  expect(await shown.findByText('sgk_••••••••')).toBeDefined();
  expect(shown.queryByRole('button')).toBeNull();
});
