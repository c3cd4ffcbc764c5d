import '../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { setView } from '../../state/viewState.ts';
import { sampleAbout } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleHistory } from '../../../test-support/renderer/samples.ts';
import { globex, northwind, openTenants, panel } from '../../../test-support/renderer/tenantPanel.tsx';

test('when a tunnel is selected among all appliances, the address names it until Esc is pressed', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants');
  await user.click(await screen.findByRole('row', { name: /^northwind 2204,/u }));
  expect(location.hash).toBe('#/tenants/kiln-01/northwind/2204');
  expect(within(await panel('northwind · 2204')).getAllByRole('listitem').length).toBeGreaterThan(5);
  await user.keyboard('{Escape}');
  expect(location.hash).toBe('#/tenants');
  expect(screen.queryByRole('complementary')).toBeNull();
});

test('when a tunnel is open, its panel shows certificate, cluster and keys', async () => {
  openTenants('#/tenants/kiln-01/northwind/2204');
  const shown = within(await panel('northwind · 2204'));
  expect(await shown.findByText(/^expired .* ago$/u)).toBeDefined();
  expect(shown.getByText('CN=files.nw.lan (self-signed)')).toBeDefined();
  expect(within(shown.getByRole('list', { name: 'Members' })).getByText('missing')).toBeDefined();
  expect(shown.getByText('kiln-02 does not list it.')).toBeDefined();
  const row = within(screen.getByRole('row', { name: /^northwind 2204,/u }));
  expect(row.getByText('cluster members report different data,')).toBeDefined();
  expect(shown.getByText(/replaced: expires in/u)).toBeDefined();
});

test('when a tenant’s name is clicked, the panel shows the whole tenant with its tunnels', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants('#/appliance/kiln-01/tenants');
  const row = await screen.findByRole('row', { name: /^northwind 2200,/u });
  await user.click(within(row).getByRole('link', { name: 'northwind' }));
  expect(location.hash).toBe('#/appliance/kiln-01/tenants/northwind');
  const shown = within(await panel('northwind'));
  expect(await shown.findByText('was 2 of 20 used')).toBeDefined();
  expect(within(shown.getByRole('list', { name: 'Tunnels' })).getAllByRole('link')).toHaveLength(2);
  expect(calls.filter((call) => call.procedure === 'ports.detail').map((call) => call.input)).toContainEqual({
    applianceId,
    clientId: 'northwind',
    port: null,
  });
  await user.click(shown.getByRole('button', { name: 'Test all tunnels' }));
  expect(await shown.findByText('1 tested, 1 OK')).toBeDefined();
});

test('when the table is ordered and filtered, its rows and its count change', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants');
  await screen.findByText('3 shown');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Order' }), 'needs attention first');
  expect(screen.getAllByRole('row')[1]?.getAttribute('aria-label')).toMatch(/^globex, /u);
  await user.type(screen.getByRole('searchbox', { name: 'Filter tunnels' }), '2204');
  expect(await screen.findByText('1 shown')).toBeDefined();
});

test('when a quota is typed in the planner, it says how many more tenants fit', async () => {
  const user = userEvent.setup();
  setView({ showingCapacity: true });
  openTenants('#/appliance/kiln-01/tenants', {
    'tenants.list': () => ({ tenants: [northwind] }),
    'ports.capacity': () => ({
      appliances: [
        {
          applianceId,
          applianceName: 'kiln-01',
          ports: 3000,
          allotted: 20,
          listening: 2,
          idle: 0,
          tenants: 1,
          largestFreeBlock: 2980,
          room: [{ quota: 20, tenants: 149 }],
          cells: [{ cells: 1, allotted: 1, listening: 0.1, bad: false }],
          runsOutAt: null,
          growthPerMonth: null,
          licenceState: 'expired',
          licenceEndsAt: '2021-01-01T00:00:00.000Z',
        },
      ],
    }),
  });
  const capacity = within(await screen.findByRole('region', { name: 'Port capacity' }));
  expect(await capacity.findByText('149 more tenants')).toBeDefined();
  expect(capacity.getByText(/grace period ended .* ago: no new tenants/u)).toBeDefined();
  expect(capacity.getByText(/^Not enough history/u)).toBeDefined();
  expect(capacity.queryByText(/do not run out/u)).toBeNull();
  const each = capacity.getByRole('textbox', { name: 'Ports per tenant' });
  await user.clear(each);
  await user.type(each, '7');
  expect(await capacity.findByText('425 more tenants')).toBeDefined();
  await user.clear(each);
  await user.type(each, '2981');
  expect(await capacity.findByText('0 more tenants')).toBeDefined();
  setView({ showingCapacity: false });
});

test('when the handover pack of a tenant is requested, its dialog opens', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants/kiln-01/northwind');
  await user.click(await screen.findByRole('button', { name: 'Create handover pack…' }));
  expect(await screen.findByLabelText('Public address of kiln-01')).toBeDefined();
  expect(screen.getByText('Handover pack for northwind')).toBeDefined();
});

test('when a whole tenant is shown, starts with its worst tunnel and counts the others that need attention', async () => {
  const [first, second] = northwind.tunnels;
  if (first === undefined || second === undefined) throw new Error('the sample has two tunnels');
  const bad = { ...second, tone: 'bad', code: 'T-6001', word: 'upstream refused' } as const;
  const slow = { ...first, tone: 'warn', code: 'T-6002', word: 'service silent' } as const;
  openTenants('#/tenants/kiln-01/northwind', {
    'ports.detail': () => ({
      view: { ...northwind, tunnels: [slow, bad] },
      tunnel: slow,
      probe: null,
      history: sampleHistory,
    }),
  });
  const shown = within(await panel('northwind'));
  expect(await shown.findByText('T-6001 upstream refused')).toBeDefined();
  expect(shown.getByText(/^This shows the worst of 2 tunnels.*1 more needs attention\.$/u)).toBeDefined();
  expect(shown.getByText('Next')).toBeDefined();
});

test('when a port is chosen, its panel offers the handover pack, but no test of all tunnels', async () => {
  openTenants('#/tenants/kiln-01/northwind/2204');
  expect(await screen.findByRole('button', { name: 'Create handover pack…' })).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Test all tunnels' })).toBeNull();
});

test('when a tenant never connected, its panel offers the handover pack', async () => {
  openTenants('#/tenants/kiln-01/globex', {
    'ports.detail': () => ({
      view: globex,
      tunnel: globex.tunnels[0],
      probe: null,
      history: sampleHistory,
    }),
  });
  expect(await screen.findByRole('button', { name: 'Create handover pack…' })).toBeDefined();
});

test('when a viewer opens it, shows the diagnosis but no button they may not use', async () => {
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'system.about': () => sampleAbout({ role: 'viewer' }),
  });
  await screen.findByText(/role viewer/u);
  const shown = within(await panel('northwind · 2204'));
  expect(await shown.findByRole('button', { name: 'Message to the customer…' })).toBeDefined();
  expect(shown.getByRole('button', { name: 'Show log lines' })).toBeDefined();
  for (const name of ['Test again', 'Change quota…', 'Rotate key…', 'Suspend…', 'Add tenant'])
    expect(screen.queryByRole('button', { name })).toBeNull();
  // Looked up again, because the panel is drawn anew when what it shows arrives.
  const drawn = within(await panel('northwind · 2204'));
  await userEvent.click(drawn.getByRole('button', { name: 'More actions on northwind' }));
  await screen.findByRole('menuitem', { name: 'Syslog of northwind' });
  expect(screen.queryByRole('menuitem', { name: 'Remove northwind…' })).toBeNull();
});
