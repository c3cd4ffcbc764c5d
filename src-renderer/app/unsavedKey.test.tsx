import '../../test-support/renderer/pageSetup.ts';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { tenantActionSchema } from '../../src-shared/model/tenants/tenantPlan.ts';
import { createFakeConsole } from '../../test-support/renderer/fakeConsole.ts';
import { sampleAppliance } from '../../test-support/renderer/samples.ts';
import { northwind } from '../../test-support/renderer/tenantPanel.tsx';
import { openBulk } from '../features/tenants/bulk/bulkRequest.ts';
import { sampleOutcome, samplePlan } from '../features/tenants/changes/testing.tsx';
import type { ConnectionState } from '../rpc/connection.ts';
import { App } from './App.tsx';

const planned = z.object({ action: tenantActionSchema });
const ended: ConnectionState = { state: 'ended', reason: 'idle' };

/** Rotates the key of northwind. `answer` lets the appliance answer, `endSession` signs the page out. */
async function rotate() {
  const user = userEvent.setup();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  location.hash = '#/';
  const { connection } = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'tenants.plan': (input) => ({
      plan: samplePlan(planned.parse(input).action, { printsPrivateKey: true }),
    }),
    'tenants.apply': () => promise,
  });
  const listeners = new Set<() => void>();
  let hasEnded = false;
  render(
    <App
      connection={{
        ...connection,
        state: () => (hasEnded ? ended : connection.state()),
        subscribe: (listener) => {
          listeners.add(listener);
          return connection.subscribe(listener);
        },
      }}
    />,
  );
  connection.start();
  await screen.findByText(/role admin/u);
  const { applianceId, applianceName, tenant } = northwind;
  act(() =>
    openBulk({ kind: 'rotate', tenants: [{ applianceId, applianceName, clientId: tenant.clientId }] }),
  );
  await user.click(await screen.findByRole('button', { name: 'Show plan' }));
  await user.type(await screen.findByLabelText(/^Reason/u), 'OPS-1{Enter}');
  await screen.findByRole('button', { name: 'Stop after this one' });
  return {
    user,
    answer: () => resolve({ outcome: sampleOutcome({ privateKey: 'made-key' }) }),
    endSession: () =>
      act(() => {
        hasEnded = true;
        for (const listener of listeners) listener();
      }),
  };
}

/** Whether the browser asks before it leaves the page. */
const asksToLeave = () => !fireEvent(window, new Event('beforeunload', { cancelable: true }));

test('when the session ends before the key is saved, the key stays until it is', async () => {
  const { user, answer, endSession } = await rotate();
  answer();
  const key = within(await screen.findByRole('region', { name: 'Private key' }));
  endSession();
  expect(await screen.findByText(/Save the private key now/u)).toBeDefined();
  await user.click(key.getByRole('button', { name: 'Show' }));
  expect(key.getByText('made-key')).toBeDefined();
  await user.click(key.getByLabelText('I have saved it'));
  await user.click(screen.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByRole('heading', { name: 'Signed out due to inactivity' })).toBeDefined();
  expect(document.body.textContent).not.toContain('made-key');
});

test('when the session ends while the key is made, the page stays for its answer', async () => {
  const { answer, endSession } = await rotate();
  endSession();
  answer();
  expect(await screen.findByRole('region', { name: 'Private key' })).toBeDefined();
});

test('when a key is being made, leaving asks until it is saved', async () => {
  const { user, answer } = await rotate();
  expect(asksToLeave()).toBe(true);
  answer();
  await user.click(await screen.findByLabelText('I have saved it'));
  await user.click(screen.getByRole('button', { name: 'Continue' }));
  await waitFor(() => expect(asksToLeave()).toBe(false));
});
