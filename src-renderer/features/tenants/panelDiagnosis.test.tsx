import '../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { diagnoseTenant } from '../../../src-shared/model/tunnels/chain.ts';
import { formatChainLetters } from '../../../src-shared/model/tunnels/portRow.ts';
import { throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  sampleHistory,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../../test-support/renderer/samples.ts';
import {
  chosen,
  diagnosis,
  globex,
  northwind,
  openTenants,
  panel,
} from '../../../test-support/renderer/tenantPanel.tsx';

test.each([
  ['#/tenants/kiln-01/missing', 'No such tenant', /kiln-01 lists no tenant called missing/u],
  ['#/appliance/kiln-01/tenants/missing/2200', 'No such tenant', /lists no tenant called missing/u],
  ['#/appliance/kiln-01/tenants/northwind/2299', 'No such tunnel', /no tunnel on port 2299/u],
  ['#/tenants/kiln-09/northwind', 'No such appliance', /There is no appliance called kiln-09/u],
])('when the address is %s, the panel says what does not exist', async (hash, title, words) => {
  openTenants(hash);
  expect((await panel(title)).textContent).toMatch(words);
  expect(screen.getByRole('row', { name: /^northwind 2204,/u })).toBeDefined();
});

test('when a tunnel is tested, only that tunnel is tested and the result is shown', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants('#/tenants/kiln-01/northwind/2204');
  await user.click(await screen.findByRole('button', { name: 'Test again' }));
  expect(await screen.findByText('Tested this tunnel in 14 ms: OK.')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'ports.probe').map((call) => call.input)).toEqual([
    { applianceId, clientId: 'northwind', port: 2204 },
  ]);
});

test('when a tunnel is tested with large packets, the request says so, and the button names the risk', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants('#/tenants/kiln-01/northwind/2204');
  const button = await screen.findByRole('button', { name: 'Test with large packets' });
  expect(button.title).toContain('can stall the tenant’s session');
  await user.click(button);
  expect(await screen.findByText('Tested this tunnel with large packets in 14 ms: OK.')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'ports.probe').map((call) => call.input)).toEqual([
    { applianceId, clientId: 'northwind', port: 2204, isLarge: true },
  ]);
});

test('when a long test finds a fault, the result says so in seconds', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.probe': () => ({ probed: 1, ok: 0, milliseconds: 19_879 }),
  });
  await user.click(await screen.findByRole('button', { name: 'Test again' }));
  expect(await screen.findByText('Tested this tunnel in 19.9 s: not OK.')).toBeDefined();
});

test('when a test is rejected, the panel shows the error once', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.probe': () => throwAppError('LINK_NOT_READY', 'kiln-01 is not connected.'),
  });
  await user.click(await screen.findByRole('button', { name: 'Test again' }));
  expect((await within(await panel('northwind · 2204')).findByRole('alert')).textContent).toContain(
    'kiln-01 is not connected.',
  );
  expect(screen.getAllByText('kiln-01 is not connected.')).toHaveLength(1);
});

test('when log lines are shown and hidden, they are read once and shown as plain text', async () => {
  const user = userEvent.setup();
  const { calls } = openTenants('#/tenants/kiln-01/northwind/2204');
  await user.click(await screen.findByRole('button', { name: 'Show log lines' }));
  const lines = await screen.findByRole('list', { name: 'Matching log lines' });
  expect(lines.textContent).toBe('sshd[8812]: refused ␛[31mred');
  await user.click(screen.getByRole('button', { name: 'Hide log lines' }));
  expect(calls.filter((call) => call.procedure === 'ports.diagnose')).toHaveLength(1);
});

test('when the log can’t be read, says so', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.diagnose': () => ({
      diagnosis: { ...diagnosis, lines: [], linesError: 'The log can’t be read: permission denied' },
    }),
  });
  await user.click(await screen.findByRole('button', { name: 'Show log lines' }));
  expect(await screen.findByText('The log can’t be read: permission denied')).toBeDefined();
});

const greedy = sampleTenantView(
  sampleTenant({
    clientId: 'greedy',
    quota: 1,
    unplaced: [{ group: 'docs', repository: 'more', uri: 'smb://files.nw.lan:445' }],
  }),
);

test('when a row without a port is chosen, shows its own diagnosis and advice', async () => {
  const user = userEvent.setup();
  const verdict = greedy.tunnels.find(({ port }) => port === null);
  const { calls } = openTenants('#/tenants', {
    'ports.list': () => ({ rows: sampleRows(greedy) }),
    'ports.detail': () => ({ view: greedy, tunnel: verdict, probe: null, history: sampleHistory }),
  });
  await user.click(await screen.findByRole('row', { name: /^greedy,/u }));
  const shown = within(await panel('greedy'));
  expect(await shown.findByText('T-4005 quota exceeded')).toBeDefined();
  expect(shown.getByText('Next')).toBeDefined();
  expect(within(shown.getByRole('list', { name: 'Layers' })).getAllByRole('listitem')).toHaveLength(6);
  await user.click(shown.getByRole('button', { name: 'Show log lines' }));
  expect(await shown.findByRole('list', { name: 'Matching log lines' })).toBeDefined();
  const inputs = calls.filter((call) => call.procedure === 'ports.diagnose').map((call) => call.input);
  // On a slow computer the diagnosis was read already; showing its lines reads it again.
  expect(inputs).toEqual(inputs.map(() => ({ applianceId, clientId: 'greedy', port: null })));
  expect(inputs.length).toBeGreaterThan(0);
  expect(shown.getByRole('button', { name: 'Create handover pack…' })).toBeDefined();
  expect(screen.getByRole('row', { selected: true }).getAttribute('aria-label')).toMatch(/^greedy, /u);
  expect(within(shown.getByRole('list', { name: 'Tunnels' })).getAllByRole('link')).toHaveLength(2);
});

test('when two repositories have no port, each can be selected by click and by key', async () => {
  const user = userEvent.setup();
  const [wanted] = greedy.tenant.unplaced;
  if (wanted === undefined) throw new Error('the sample wants one more');
  const two = sampleTenantView({
    ...greedy.tenant,
    unplaced: ['more', 'most'].map((repository) => ({
      ...wanted,
      repository,
      uri: `smb://${repository}:445`,
    })),
  });
  openTenants('#/tenants', {
    'ports.list': () => ({ rows: [...sampleRows(two), ...sampleRows(globex)] }),
    'ports.detail': () => ({ view: two, tunnel: two.tunnels[1], probe: null, history: sampleHistory }),
  });
  await user.click(await screen.findByTitle('smb://most:445'));
  expect(chosen()).toContain('smb://most:445');
  await user.keyboard('k');
  expect(chosen()).toContain('smb://more:445');
  await user.keyboard('jj');
  expect(screen.getByRole('row', { selected: true }).getAttribute('aria-label')).toMatch(/^globex, /u);
});

test('when its appliance is away, every layer shows its last known state with its age, and nothing is green', async () => {
  const error = { code: 'CONNECT_FAILED', message: 'no answer', retryable: true, detail: {} } as const;
  const [awayRow] = sampleRows(northwind).slice(-1);
  const seenAt = new Date(Date.now() - 11_000).toISOString();
  const [away] = diagnoseTenant({
    applianceId,
    link: { state: 'retrying', since: seenAt, attempt: 1, nextAttemptAt: seenAt, error },
    observedAt: seenAt,
    tenant: { ...northwind.tenant, forwards: northwind.tenant.forwards.slice(-1) },
    now: Date.now(),
  });
  if (away === undefined || awayRow === undefined) throw new Error('no tunnel');
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.list': () => ({
      rows: [{ ...awayRow, ...away, chain: formatChainLetters(away.layers) }].map(({ ...row }) => row),
    }),
    'ports.detail': () => ({
      view: { ...northwind, observedAt: seenAt, tunnels: [away] },
      tunnel: away,
      probe: null,
      history: sampleHistory,
    }),
  });
  const shown = within(await panel('northwind · 2204'));
  const layers = within(await shown.findByRole('list', { name: 'Layers' })).getAllByRole('listitem');
  expect(layers[1]?.textContent).toMatch(/Key registeredwas: .*SHA256:a+10 s$/u);
  expect(layers.slice(1, 4).map((item) => within(item).getByRole('img').getAttribute('aria-label'))).toEqual([
    'Key registered: was OK',
    'Session: was OK',
    'Listener: was OK',
  ]);
  expect(within(layers[1] ?? document.body).getByTestId('age').dataset['old']).toBe('true');
  expect(shown.getByText('T-1001 appliance unreachable').dataset['tone']).toBe('warn');
  const row = screen.getByRole('row', { name: /^northwind 2204,/u });
  expect(row.textContent).toContain('was listening');
  expect(document.querySelectorAll('[data-tone="ok"][data-layer]')).toHaveLength(0);
  expect(shown.getByText(/^kiln-01 can’t be reached/u).textContent).toMatch(
    /Last known state: listening, 1\d s ago\.$/u,
  );
  const [session] = within(shown.getByRole('region', { name: 'Sessions' })).getAllByRole('listitem');
  expect(session?.textContent).toMatch(/^10\.4\.0\.7:52144 · .* · was up .* · last seen 10 s ago$/u);
});
