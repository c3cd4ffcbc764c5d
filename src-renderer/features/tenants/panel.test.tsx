import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { diagnoseTenant } from '../../../src-shared/model/tunnels/chain.ts';
import { chainLetters } from '../../../src-shared/model/tunnels/portRow.ts';
import type { Diagnosis } from '../../../src-shared/contract/ports.ts';
import type { TenantView } from '../../../src-shared/contract/tenants.ts';
import { App } from '../../app/App.tsx';
import { setView } from '../../state/viewState.ts';
import { createFakeConsole, fail, sampleAbout } from '../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  sampleAppliance,
  sampleHistory,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../../test-support/renderer/samples.ts';

const base = sampleTenant({ clientId: 'northwind' });
const northwind: TenantView = {
  ...sampleTenantView(
    sampleTenant({
      clientId: 'northwind',
      forwards: [2200, 2204].flatMap((port) => base.forwards.map((forward) => ({ ...forward, port }))),
      keys: base.keys.map((key) => ({ ...key, expiresAt: '2099-01-01T00:00:00.000Z' })),
    }),
  ),
  cluster: {
    name: 'kiln',
    members: [
      { applianceId, applianceName: 'kiln-01', state: 'here', sessions: 1 },
      {
        applianceId: applianceId.replace(/1$/u, '2'),
        applianceName: 'kiln-02',
        state: 'absent',
        sessions: 0,
      },
    ],
    disagreements: ['kiln-02 does not list it.'],
  },
};
const globex = sampleTenantView(sampleTenant({ clientId: 'globex', sessions: [], forwards: [] }));
const rows = [globex, northwind].flatMap(sampleRows);

const diagnosis: Diagnosis = {
  layer: null,
  meaning: 'The repository refuses.',
  side: 'tenant',
  ask: 'northwind: is it up?',
  next: 'Nothing here.',
  forCustomer: 'Your repository refuses the connection.',
  lines: [{ time: null, text: 'sshd[8812]: refused \u001b[31mred' }],
  linesFrom: '2026-11-20T08:30:00.000Z',
  linesError: null,
};

const tls = {
  protocol: 'TLSv1.3',
  subject: 'CN=files.nw.lan',
  issuer: 'CN=files.nw.lan',
  validFrom: '2020-01-01T00:00:00.000Z',
  validTo: '2021-01-01T00:00:00.000Z',
  selfSigned: true,
  namesHost: false,
};

function open(hash: string, answers: Parameters<typeof createFakeConsole>[0] = {}) {
  location.hash = hash;
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'ports.list': () => ({ rows }),
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: {
        at: '2026-11-20T09:29:00.000Z',
        port: 2204,
        uri: 'smb://files.nw.lan:139',
        sessionPid: 8812,
        forward: { outcome: 'opened', milliseconds: 3 },
        service: { outcome: 'answered', protocol: 'CMIS 1.1', milliseconds: 14, tls },
      },
      history: sampleHistory,
    }),
    'ports.diagnose': () => ({ diagnosis }),
    'ports.history': () => ({ history: { ...sampleHistory, watchedMs: 2_592_000_000, upMs: 2_590_000_000 } }),
    'ports.probe': () => ({ probed: 1, well: 1, milliseconds: 14.2 }),
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

const chosen = () => screen.getByRole('row', { selected: true }).textContent;
const panel = (name: string) => screen.findByRole('complementary', { name });

test('the chosen tunnel is in the address beside all appliances too, and Esc takes it out', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await user.click(await screen.findByRole('row', { name: /^northwind 2204,/u }));
  expect(location.hash).toBe('#/tenants/kiln-01/northwind/2204');
  expect(within(await panel('northwind · 2204')).getAllByRole('listitem').length).toBeGreaterThan(5);
  await user.keyboard('{Escape}');
  expect(location.hash).toBe('#/tenants');
  expect(screen.queryByRole('complementary')).toBeNull();
});

test.each([
  ['#/tenants/kiln-01/nobody', 'No such tenant', /kiln-01 lists no tenant called nobody/u],
  ['#/appliance/kiln-01/tenants/nobody/2200', 'No such tenant', /lists no tenant called nobody/u],
  ['#/appliance/kiln-01/tenants/northwind/2299', 'No such tunnel', /no tunnel on port 2299/u],
  ['#/tenants/kiln-09/northwind', 'No such appliance', /No appliance is called kiln-09/u],
])('%s says what is not there, beside the list', async (hash, title, words) => {
  open(hash);
  expect((await panel(title)).textContent).toMatch(words);
  expect(screen.getByRole('row', { name: /^northwind 2204,/u })).toBeDefined();
});

test('probing runs for exactly this tunnel and says how it went', async () => {
  const user = userEvent.setup();
  const { calls } = open('#/tenants/kiln-01/northwind/2204');
  await user.click(await screen.findByRole('button', { name: 'Test again' }));
  expect(await screen.findByText('Tested this tunnel in 14 ms: 1 OK.')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'ports.probe').map((call) => call.input)).toEqual([
    { applianceId, clientId: 'northwind', port: 2204 },
  ]);
});

test('a probe that is refused says so in the panel, once', async () => {
  const user = userEvent.setup();
  open('#/tenants/kiln-01/northwind/2204', {
    'ports.probe': () => fail('LINK_NOT_READY', 'kiln-01 is not connected.'),
  });
  await user.click(await screen.findByRole('button', { name: 'Test again' }));
  expect((await within(await panel('northwind · 2204')).findByRole('alert')).textContent).toContain(
    'kiln-01 is not connected.',
  );
  expect(screen.getAllByText('kiln-01 is not connected.')).toHaveLength(1);
});

test('reads the log lines that prove the diagnosis on request, shows them as text, and does not read the log again automatically', async () => {
  const user = userEvent.setup();
  const { calls } = open('#/tenants/kiln-01/northwind/2204');
  await user.click(await screen.findByRole('button', { name: 'Show the lines' }));
  const lines = await screen.findByRole('list', { name: 'Matching log lines' });
  expect(lines.textContent).toBe('sshd[8812]: refused ␛[31mred');
  await user.click(screen.getByRole('button', { name: 'Hide the lines' }));
  expect(calls.filter((call) => call.procedure === 'ports.diagnose')).toHaveLength(1);
});

test('when the log can’t be read, says so', async () => {
  const user = userEvent.setup();
  open('#/tenants/kiln-01/northwind/2204', {
    'ports.diagnose': () => ({
      diagnosis: { ...diagnosis, lines: [], linesError: "The log can't be read: permission denied" },
    }),
  });
  await user.click(await screen.findByRole('button', { name: 'Show the lines' }));
  expect(await screen.findByText("The log can't be read: permission denied")).toBeDefined();
});

test('what is copied for the customer is the text that was made for them', async () => {
  const user = userEvent.setup();
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  open('#/tenants/kiln-01/northwind/2204');
  await user.click(await screen.findByRole('button', { name: 'Copy for the customer' }));
  await waitFor(() => expect(write.mock.calls).toEqual([['Your repository refuses the connection.']]));
});

test('shows the last day as spans with labels, unknown while unwatched, and its drops', async () => {
  open('#/tenants/kiln-01/northwind/2204');
  const strip = await screen.findByRole('slider', { name: 'The last 24 hours' });
  expect(strip.getAttribute('aria-valuetext')).toMatch(/upstream refused, 1 h$/u);
  fireEvent.change(strip, { target: { value: '0' } });
  expect(strip.getAttribute('aria-valuetext')).toMatch(/no data, 12 h$/u);
  expect(screen.getByText(/no data, 12 h$/u)).toBeDefined();
  expect(within(await panel('northwind · 2204')).getByText('up 91.66 % of 12.0 h monitored')).toBeDefined();
  expect(
    screen.getByRole('img', { name: /^Latency over the last 24 hours: last 14 ms, slowest 1.9 s/u }),
  ).toBeDefined();
  expect(
    within(screen.getByRole('list', { name: 'Drops' })).getByText(
      'connection closed after 5 ms, no data received',
    ),
  ).toBeDefined();
});

test('where no drop was watched, the end of the last session is told', async () => {
  const lastDrop = { at: '2026-11-20T09:00:00.000Z', reason: 'the connection ended' };
  open('#/tenants/kiln-01/northwind/2204', {
    'ports.list': () => ({ rows: rows.map((row) => ({ ...row, lastDrop })) }),
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: null,
      history: { ...sampleHistory, drops: [] },
    }),
  });
  const note = await screen.findByText(/^The last drop was/u);
  expect(note.textContent).toMatch(/ago: the connection ended$/u);
  expect(screen.queryByText('No drops seen.')).toBeNull();
});

test('certificate, cluster and keys stand below', async () => {
  open('#/tenants/kiln-01/northwind/2204');
  const shown = within(await panel('northwind · 2204'));
  expect(await shown.findByText(/^expired .* ago$/u)).toBeDefined();
  expect(shown.getByText('CN=files.nw.lan (self-signed)')).toBeDefined();
  expect(within(shown.getByRole('list', { name: 'Members' })).getByText('missing')).toBeDefined();
  expect(shown.getByText('kiln-02 does not list it.')).toBeDefined();
  const row = within(screen.getByRole('row', { name: /^northwind 2204,/u }));
  expect(row.getByText('members differ,')).toBeDefined();
  expect(shown.getByText(/replaced: ends in/u)).toBeDefined();
});

test('a tenant’s name leads to the tenant as a whole: quota, all its tunnels, keys, sessions', async () => {
  const user = userEvent.setup();
  const { calls } = open('#/appliance/kiln-01/tenants');
  const row = await screen.findByRole('row', { name: /^northwind 2200,/u });
  await user.click(within(row).getByRole('link', { name: 'northwind' }));
  expect(location.hash).toBe('#/appliance/kiln-01/tenants/northwind');
  const shown = within(await panel('northwind'));
  expect(await shown.findByText('2 of 20 used')).toBeDefined();
  expect(within(shown.getByRole('list', { name: 'Tunnels' })).getAllByRole('link')).toHaveLength(2);
  expect(calls.filter((call) => call.procedure === 'ports.detail').map((call) => call.input)).toContainEqual({
    applianceId,
    clientId: 'northwind',
    port: null,
  });
  await user.click(shown.getByRole('button', { name: 'Test all tunnels' }));
  expect(await shown.findByText('1 tested, 1 OK')).toBeDefined();
});

test('the table can be arranged and filtered; the count follows', async () => {
  const user = userEvent.setup();
  open('#/tenants');
  await screen.findByText('3 shown');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Arrange' }), 'needs attention first');
  expect(screen.getAllByRole('row')[1]?.getAttribute('aria-label')).toMatch(/^globex, /u);
  await user.type(screen.getByRole('searchbox', { name: 'Filter tunnels' }), '2204');
  expect(await screen.findByText('1 shown')).toBeDefined();
});

test('the planner says how many more fit, for any number each', async () => {
  const user = userEvent.setup();
  setView({ showingCapacity: true });
  open('#/appliance/kiln-01/tenants', {
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
          cells: [{ allotted: 1, listening: 0.1, bad: false }],
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
  expect(capacity.getByText(/Licence grace ended: no new tenants/u)).toBeDefined();
  expect(capacity.getByText(/^Not enough history/u)).toBeDefined();
  expect(capacity.queryByText(/do not run out/u)).toBeNull();
  const each = capacity.getByRole('textbox', { name: 'Ports each' });
  await user.clear(each);
  await user.type(each, '7');
  expect(await capacity.findByText('425 more tenants')).toBeDefined();
  await user.clear(each);
  await user.type(each, '2981');
  expect(await capacity.findByText('0 more tenants')).toBeDefined();
  setView({ showingCapacity: false });
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
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  write.mockClear();
  const verdict = greedy.tunnels.find(({ port }) => port === null);
  const { calls } = open('#/tenants', {
    'ports.list': () => ({ rows: sampleRows(greedy) }),
    'ports.detail': () => ({ view: greedy, tunnel: verdict, probe: null, history: sampleHistory }),
  });
  await user.click(await screen.findByRole('row', { name: /^greedy,/u }));
  const shown = within(await panel('greedy'));
  expect(await shown.findByText('T-4005 quota exceeded')).toBeDefined();
  expect(shown.getByText('Next')).toBeDefined();
  expect(within(shown.getByRole('list', { name: 'Layers' })).getAllByRole('listitem')).toHaveLength(6);
  await user.click(shown.getByRole('button', { name: 'Show the lines' }));
  expect(await shown.findByRole('list', { name: 'Matching log lines' })).toBeDefined();
  await user.click(shown.getByRole('button', { name: 'Copy for the customer' }));
  await waitFor(() => expect(write.mock.calls).toEqual([['Your repository refuses the connection.']]));
  const asked = calls.filter((call) => call.procedure === 'ports.diagnose').map((call) => call.input);
  expect(asked).toEqual([{ applianceId, clientId: 'greedy', port: null }]);
  expect(shown.getByRole('button', { name: 'Hand-over pack…' })).toBeDefined();
  expect(screen.getByRole('row', { selected: true }).getAttribute('aria-label')).toMatch(/^greedy, /u);
  expect(within(shown.getByRole('list', { name: 'Tunnels' })).getAllByRole('link')).toHaveLength(2);
});

test('each of two repositories without a port can be chosen, by a click and by key', async () => {
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
  open('#/tenants', {
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

test('the pack of a tenant is made in a dialog of its own', async () => {
  const user = userEvent.setup();
  open('#/tenants/kiln-01/northwind');
  await user.click(await screen.findByRole('button', { name: 'Hand-over pack…' }));
  expect(await screen.findByLabelText('Public address of kiln-01')).toBeDefined();
  expect(screen.getByText('Hand-over pack for northwind')).toBeDefined();
});

test('when a whole tenant is shown, starts with its worst tunnel and counts the others that need attention', async () => {
  const [first, second] = northwind.tunnels;
  if (first === undefined || second === undefined) throw new Error('the sample has two tunnels');
  const bad = { ...second, tone: 'bad', code: 'T-6001', word: 'upstream refused' } as const;
  const slow = { ...first, tone: 'warn', code: 'T-6002', word: 'service silent' } as const;
  open('#/tenants/kiln-01/northwind', {
    'ports.detail': () => ({
      view: { ...northwind, tunnels: [slow, bad] },
      tunnel: slow,
      probe: null,
      history: sampleHistory,
    }),
  });
  const shown = within(await panel('northwind'));
  expect(await shown.findByText('T-6001 upstream refused')).toBeDefined();
  expect(shown.getByText(/^Worst of 2 tunnels.*1 more needs attention\.$/u)).toBeDefined();
  expect(shown.getByText('Next')).toBeDefined();
});

test('a tenant that never came offers the pack for its site', async () => {
  open('#/tenants/kiln-01/globex', {
    'ports.detail': () => ({
      view: globex,
      tunnel: globex.tunnels[0],
      probe: null,
      history: sampleHistory,
    }),
  });
  expect(await screen.findByRole('button', { name: 'Hand-over pack…' })).toBeDefined();
});

test('when a viewer opens it, shows the diagnosis but no button they may not use', async () => {
  open('#/tenants/kiln-01/northwind/2204', {
    'system.about': () => sampleAbout({ role: 'viewer' }),
  });
  await screen.findByText(/role viewer/u);
  const shown = within(await panel('northwind · 2204'));
  expect(await shown.findByRole('button', { name: 'Copy for the customer' })).toBeDefined();
  expect(shown.getByRole('button', { name: 'Show the lines' })).toBeDefined();
  for (const name of [
    'Test again',
    'Change quota…',
    'Rotate key…',
    'Suspend…',
    'More actions on northwind',
    'Add tenant',
  ])
    expect(screen.queryByRole('button', { name })).toBeNull();
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
  open('#/tenants/kiln-01/northwind/2204', {
    'ports.list': () => ({
      rows: [{ ...awayRow, ...away, chain: chainLetters(away.layers) }].map(({ ...row }) => row),
    }),
    'ports.detail': () => ({
      view: { ...northwind, tunnels: [away] },
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
});

test('when many short spans end the day, each stays inside the strip, the newest next to now, and is counted', async () => {
  const endMs = Date.parse(sampleHistory.to);
  const instant = (secondsAgo: number) => new Date(endMs - secondsAgo * 1000).toISOString();
  const short = Array.from({ length: 24 }, (_, index) => ({
    from: instant((24 - index) * 5),
    to: instant((23 - index) * 5),
    ...(index % 2 === 0 ? { tone: 'bad', code: 'T-4002' } : { tone: 'ok', code: 'T-6000' }),
  }));
  const spans = [{ from: sampleHistory.from, to: instant(120), tone: 'ok', code: 'T-6000' }, ...short];
  open('#/tenants/kiln-01/northwind/2204', {
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: null,
      history: { ...sampleHistory, spans, watchedMs: 120_000, upMs: 60_000 },
    }),
  });
  const strip = await screen.findByRole('slider', { name: 'The last 24 hours' });
  expect(strip.getAttribute('aria-valuetext')).toMatch(/stale listener 12 times, 1 min$/u);
  const drawn = [...(strip.parentElement?.querySelectorAll('span') ?? [])];
  expect(drawn.at(-1)?.style.right).toBe('0%');
  expect(drawn.at(-1)?.dataset['tone']).toBe('bad');
  const total = drawn.reduce((sum, span) => sum + Number.parseFloat(span.style.width), 0);
  expect(total).toBeCloseTo(100);
  expect(screen.getByText('monitored for 2 min')).toBeDefined();
});

test('the last 30 days say their base, and their report can be saved for the customer', async () => {
  const user = userEvent.setup();
  const saved: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    if (blob instanceof Blob) saved.push(blob);
    return 'blob:x';
  });
  const outage = {
    start: '2026-11-20T08:00:00.000Z',
    end: '2026-11-20T08:30:00.000Z',
    code: 'T-6001',
    reason: '',
  };
  const { calls } = open('#/tenants/kiln-01/northwind/2204', {
    'ports.availability': () => ({
      tunnels: [
        {
          applianceId,
          applianceName: 'kiln-01',
          clientId: 'northwind',
          port: 2204,
          watchedMs: 86_400_000,
          upMs: 84_600_000,
          outages: [outage],
        },
      ],
    }),
  });
  expect(await screen.findByRole('slider', { name: 'The last 30 days' })).toBeDefined();
  expect(screen.getByText('up 99.92 % of 30.0 d monitored')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Report…' }));
  const report = within(await screen.findByRole('article', { name: 'Report' }));
  expect(report.getByText('Port 2204: up 97.91 % of 24.0 h monitored')).toBeDefined();
  expect(report.getByRole('row', { name: /08:00:00 UTC 30 min T-6001 upstream refused$/u })).toBeDefined();
  await user.click(report.getByRole('button', { name: 'Save as CSV' }));
  expect(await saved[0]?.text()).toContain('"kiln-01","northwind",2204');
  expect(calls.filter((call) => call.procedure === 'ports.history').map((call) => call.input)).toEqual([
    { applianceId, clientId: 'northwind', port: 2204, days: 30 },
  ]);
});

test('the code of a tunnel leads to its help, without asking the console', async () => {
  const user = userEvent.setup();
  const { calls } = open('#/tenants/kiln-01/northwind/2204');
  const link = await screen.findByRole('button', { name: /^What T-\d{4} means$/u });
  const before = calls.length;
  const code = link.textContent.slice(5, 11);
  await user.click(link);
  const help = within(await screen.findByRole('dialog', { name: new RegExp(`^${code} `, 'u') }));
  expect(help.getByText('Next:')).toBeDefined();
  expect(calls.slice(before).filter((call) => call.procedure.startsWith('ports.'))).toEqual([]);
});
