import '../../../test-support/renderer/pageSetup.ts';
import { within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import { openTenants, panel } from '../../../test-support/renderer/tenantPanel.tsx';

test('when traffic is measured, the port and the session are shown, and what the numbers leave out', async () => {
  let isMissing = true;
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.traffic': () => {
      if (isMissing) throwAppError('COMMAND_MISSING', 'kiln-01 has no ss.');
      const since = '2026-11-20T08:00:00.000Z';
      return {
        traffic: {
          measuredAt: '2026-11-20T09:00:00.000Z',
          ports: [
            { port: 2204, connections: 2, toSiteBytes: 1234, fromSiteBytes: 5_600_000 },
            { port: 2205, connections: 9, toSiteBytes: 1, fromSiteBytes: 1 },
          ],
          sessions: [{ pid: 7, since, toSiteBytes: 90_000, fromSiteBytes: 40_000 }],
          omittedPorts: 0,
        },
      };
    },
  });
  const shown = within(await panel('northwind · 2204'));
  const card = within(await shown.findByRole('region', { name: 'Traffic' }));
  const user = userEvent.setup();
  await user.click(card.getByRole('button', { name: 'Measure now' }));
  expect(await card.findByText('kiln-01 has no ss.')).toBeDefined();
  isMissing = false;
  await user.click(card.getByRole('button', { name: 'Measure now' }));
  expect(await card.findByText('2 open connections, 1.2 kB to the site, 5.6 MB from it')).toBeDefined();
  expect(card.getByText(/^90 kB to the site, 40 kB from it, all ports, encrypted, since/u)).toBeDefined();
  expect(card.getByText(/Ports count only connections that are open now/u)).toBeDefined();
  expect(card.queryByText('Port 2205')).toBeNull();
});
