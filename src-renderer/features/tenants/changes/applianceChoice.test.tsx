import '../../../../test-support/renderer/pageSetup.ts';
import { act, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sampleTenantCsv } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { tenantActionSchema } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import type { LinkState } from '../../../../src-shared/model/appliance/link.ts';
import {
  applianceId as kilnId,
  connected,
  sampleAppliance,
} from '../../../../test-support/renderer/samples.ts';
import { AddButtons } from './AddButtons.tsx';
import { renderChanges, sampleOutcome, samplePlan } from './testing.tsx';

const request = z.object({ applianceId: z.string(), action: tenantActionSchema });
const away: LinkState = { state: 'idle', since: '2026-11-20T08:00:00.000Z' };

function appliancesWith(forgeLink: LinkState) {
  const kiln = sampleAppliance();
  const entry = { ...kiln.entry, id: kilnId.replace(/1$/u, '2'), name: 'forge' };
  return { appliances: [{ ...kiln, entry, link: forgeLink }, kiln] };
}

/** A page of all appliances: kiln-01 is connected, forge is away and comes back with `reconnectForge`. */
async function open(button: string, dialogName: string) {
  const user = userEvent.setup();
  let forgeLink = away;
  const { calls, queryClient } = renderChanges(<AddButtons applianceId={null} />, {
    'fleet.overview': () => appliancesWith(forgeLink),
    'tenants.plan': (input) => ({ plan: samplePlan(request.parse(input).action, { before: null }) }),
    'tenants.apply': () => ({ outcome: sampleOutcome() }),
  });
  await user.click(screen.getByRole('button', { name: button }));
  const dialog = within(await screen.findByRole('dialog', { name: dialogName }));
  await dialog.findByRole('option', { name: 'kiln-01', selected: true });
  const reconnectForge = async () => {
    forgeLink = connected;
    await act(() => queryClient.invalidateQueries());
    await dialog.findByText('forge');
  };
  const changedAppliances = () =>
    calls
      .filter(({ procedure }) => procedure === 'tenants.plan' || procedure === 'tenants.apply')
      .map(({ procedure, input }) => [procedure, request.parse(input).applianceId]);
  return { user, dialog, reconnectForge, changedAppliances };
}

test.each(['before the plan', 'while the reason is typed'])(
  'when another appliance reconnects %s, the CSV import stays on the planned one',
  async (moment) => {
    const { user, dialog, reconnectForge, changedAppliances } = await open(
      'Import CSV',
      'Import tenants from CSV',
    );
    await user.click(await dialog.findByLabelText('CSV'));
    await user.paste(sampleTenantCsv);
    if (moment === 'before the plan') await reconnectForge();
    await user.click(dialog.getByRole('button', { name: 'Show plan' }));
    await user.type(await dialog.findByLabelText(/^Reason/u), 'OPS-1');
    if (moment === 'while the reason is typed') await reconnectForge();
    await user.keyboard('{Enter}');
    expect(await dialog.findByText('All 2 added.')).toBeDefined();
    expect(changedAppliances()).toEqual([
      ['tenants.plan', kilnId],
      ['tenants.apply', kilnId],
      ['tenants.apply', kilnId],
    ]);
  },
);

test('when another appliance reconnects while a tenant is entered, it is planned on the one shown before', async () => {
  const { user, dialog, reconnectForge, changedAppliances } = await open('Add tenant', 'Add tenant');
  await user.type(dialog.getByLabelText('Client ID'), 'northwind');
  await user.click(dialog.getByLabelText('Public key'));
  await user.paste(sampleTenantCsv.split('\r\n')[1]?.split(',')[1] ?? '');
  await reconnectForge();
  await user.click(dialog.getByRole('button', { name: 'Show plan' }));
  await dialog.findByLabelText(/^Reason/u);
  expect(changedAppliances()).toEqual([['tenants.plan', kilnId]]);
});
