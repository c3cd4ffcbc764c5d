import '../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { AuditRecord } from '../../src-shared/model/audit/audit.ts';
import { createFakeConsole, throwAppError } from '../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../test-support/renderer/samples.ts';
import { App } from './App.tsx';
import { EndedPage } from './EndedPage.tsx';

const pageSchema = z.object({ before: z.int().nullable(), limit: z.int() });

const followedSchema = z.object({ applianceIds: z.array(z.string()) });

function sampleRecord(seq: number): AuditRecord {
  return {
    seq,
    at: '2026-11-20T09:30:00.000Z',
    phase: 'event',
    intentSeq: null,
    operator: 'm.ivers',
    role: 'admin',
    session: 's',
    event: 'link.up',
    object: 'kiln-01',
    result: 'ok',
    errorCode: null,
    source: 'console',
    destination: null,
    command: null,
    reason: null,
    detail: '',
    previousHash: '0'.repeat(64),
    hash: 'f'.repeat(64),
  };
}

function open(hash: string, answers: Parameters<typeof createFakeConsole>[0]) {
  location.hash = hash;
  const fake = createFakeConsole({
    'appliances.explain': () => throwAppError('NOT_FOUND', 'Gone.'),
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

test.each(['#/appliance/kiln-01', '#/appliance/kiln-01/tenants'])(
  'a first reading that fails at %s says so, offers another try, and does not deny the appliance',
  async (hash) => {
    const user = userEvent.setup();
    let canRead = false;
    open(hash, {
      'fleet.overview': () =>
        canRead
          ? { appliances: [sampleAppliance()] }
          : throwAppError('STORE_FAILED', 'The data folder can’t be read.'),
    });
    const main = within(await screen.findByRole('main'));
    expect(await main.findByText('STORE_FAILED')).toBeDefined();
    expect(screen.queryByText('No such appliance')).toBeNull();
    canRead = true;
    await user.click(main.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(main.queryByText('STORE_FAILED')).toBeNull());
    expect(main.getAllByText('kiln-01').length).toBeGreaterThan(0);
  },
);

test('an appliance whose next readings fail stays on its page', async () => {
  let isWell = true;
  let failures = 0;
  open('#/appliance/kiln-01', {
    'fleet.overview': () => {
      if (isWell) return { appliances: [sampleAppliance()] };
      failures += 1;
      return throwAppError('STORE_FAILED', 'The data folder can’t be read.');
    },
    // Each time the stream of changes ends, the page reads all data again.
    'fleet.watch': () => throwAppError('INTERNAL', 'ended'),
  });
  expect(await screen.findByRole('heading', { level: 1, name: 'kiln-01' })).toBeDefined();
  isWell = false;
  // Readings run one after the other, so the second shows that the page has processed the first.
  await waitFor(() => expect(failures).toBeGreaterThan(1));
  expect(screen.getByRole('heading', { level: 1, name: 'kiln-01' })).toBeDefined();
});

test('what a machine said is made visible in the fleet’s cells and titles', async () => {
  const hostile = 'red\u202etxt';
  const link = {
    state: 'stopped',
    since: '2026-11-20T08:00:00.000Z',
    error: { code: 'AUTHENTICATION_FAILED', message: hostile, retryable: false, detail: {} },
  } as const;
  const problem = { code: 'A-1030', severity: 'bad', text: hostile, clientId: null, port: null } as const;
  open('#/', {
    'fleet.overview': () => ({
      appliances: [sampleAppliance({ link, health: { tone: 'bad', problems: [problem] } })],
    }),
  });
  const row = await screen.findByRole('row', { name: 'kiln-01' });
  expect(within(row).getByText('red⟨U+202E⟩txt')).toBeDefined();
  expect(row.outerHTML).not.toContain('\u202e');
  expect(row.outerHTML.match(/⟨U\+202E⟩/gu)).toHaveLength(3);
});

test('when older records can’t be read, requests them once and leaves the retry to the operator', async () => {
  const user = userEvent.setup();
  const actions = Array.from({ length: 200 }, (_, index) => ({
    start: sampleRecord(400 - index),
    outcome: null,
  }));
  let canRead = false;
  const { calls } = open('#/audit', {
    'audit.actions': (input) => {
      const { before, limit } = pageSchema.parse(input);
      if (before === null) return { actions: actions.slice(0, limit), count: 400, head: null };
      return canRead
        ? { actions: [], count: 400, head: null }
        : throwAppError('STORE_FAILED', 'The trail can’t be read.');
    },
  });
  const older = () => calls.filter(({ input }) => pageSchema.safeParse(input).data?.before === 201);
  await screen.findByRole('grid', { name: 'Audit records' });
  const table = screen.getByTestId('table');
  table.scrollTop = 200 * 34;
  fireEvent.scroll(table);
  const notice = within(await screen.findByRole('alert'));
  expect(notice.getByText('The trail can’t be read.')).toBeDefined();
  fireEvent.scroll(table);
  expect(older()).toHaveLength(1);
  canRead = true;
  await user.click(notice.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(older()).toHaveLength(2);
});

test('when the log of one appliance is opened, follows only that one and keeps the usual choice', async () => {
  const user = userEvent.setup();
  const second = sampleAppliance();
  const other = {
    ...second,
    entry: { ...second.entry, id: applianceId.replace(/1$/u, '2'), name: 'kiln-02' },
  };
  const { calls } = open('#/appliance/kiln-02/syslog', {
    'fleet.overview': () => ({ appliances: [sampleAppliance(), other] }),
  });
  const followed = () =>
    calls
      .filter((call) => call.procedure === 'syslog.tail')
      .map((call) => followedSchema.parse(call.input).applianceIds);
  await waitFor(() => expect(followed()).toEqual([[other.entry.id]]));
  await user.click(await screen.findByRole('button', { name: 'kiln-01', pressed: false }));
  await waitFor(() => expect(followed().at(-1)).toEqual([applianceId, other.entry.id]));
  await user.click(screen.getByRole('button', { name: 'kiln-02', pressed: true }));
  await waitFor(() => expect(followed().at(-1)).toEqual([applianceId]));
  location.hash = '#/syslog';
  await waitFor(() => expect(followed().at(-1)).toEqual([applianceId, other.entry.id]));
});

test('when the appliance doesn’t exist, its log page says so', async () => {
  const { calls } = open('#/appliance/kiln-09/syslog', {
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
  });
  expect(await screen.findByText('There is no appliance called kiln-09.')).toBeDefined();
  expect(calls.filter((call) => call.procedure === 'syslog.tail')).toEqual([]);
});

const unlicensed = {
  contract: 1,
  state: 'not-required',
  reason: 'No licence required: no licence authority is configured',
  key: null,
  sequence: null,
  notBefore: null,
  expiresAt: null,
  graceEndsAt: null,
  entitlements: null,
  clockRanBackFrom: null,
  mode: null,
} as const;

test.each(['#/', '#/appliance/kiln-01'])(
  'when no licence is required, %s says so without a warning',
  async (hash) => {
    const observedAt = new Date().toISOString();
    open(hash, {
      'fleet.overview': () => ({
        appliances: [sampleAppliance({ licence: { value: unlicensed, observedAt } })],
      }),
    });
    const said = await screen.findAllByText('No licence required');
    expect(said.length).toBeGreaterThan(0);
    for (const one of said)
      expect(one.closest('[data-tone="warn"], [data-tone="bad"], [data-tone="old"]')).toBeNull();
    expect(screen.queryByText('Grace ends')).toBeNull();
    expect(screen.queryByText('No licence data yet')).toBeNull();
  },
);

function sampleStatus(observedAt: string): ApplianceStatus {
  return {
    contract: 1,
    identity: { id: applianceId, hostname: 'kiln' },
    versions: { appliance: '1.0.0', kit: '1.0.0', sshd: null, os: null },
    clock: { now: observedAt, ranBackFrom: null },
    uptimeSeconds: 1,
    disks: [],
    services: [{ name: 'sshd', state: 'running', detail: null }],
    findings: [{ name: 'clock record', detail: 'clock.json is damaged' }],
    logs: { syslog: '/var/log/syslog' },
  };
}

test('when the appliance finds something wrong with itself, it has a card of its own and is no service', async () => {
  const observedAt = new Date().toISOString();
  const value = sampleStatus(observedAt);
  open('#/appliance/kiln-01', {
    'fleet.overview': () => ({ appliances: [sampleAppliance({ status: { value, observedAt } })] }),
  });
  const findings = await screen.findByRole('region', { name: 'Findings' });
  expect(findings.textContent).toContain('clock recordclock.json is damaged');
  const services = screen.getByRole('region', { name: 'Services and disks' });
  expect(services.textContent).toContain('sshd');
  expect(services.textContent).not.toContain('clock record');
});

test('when the link goes down, no service stays green, however recent the answer', async () => {
  const observedAt = new Date().toISOString();
  const error = { code: 'CONNECT_FAILED', message: 'gone', retryable: true, detail: {} } as const;
  open('#/appliance/kiln-01', {
    'fleet.overview': () => ({
      appliances: [
        sampleAppliance({
          link: { state: 'retrying', since: observedAt, attempt: 1, nextAttemptAt: observedAt, error },
          status: { value: sampleStatus(observedAt), observedAt },
        }),
      ],
    }),
  });
  const services = await screen.findByRole('region', { name: 'Services and disks' });
  expect(services.textContent).toContain('was running');
  expect(services.querySelector('[data-tone="ok"]')).toBeNull();
});

test('when a log can’t be read, the page says why, and waits for no line', async () => {
  const reason = 'The log can’t be read: ubuntu may not read it. Update the appliance kit.';
  async function* unreadable() {
    yield await Promise.resolve({
      streamId: '00000000-0000-4000-8000-0000000000bb',
      batch: 0,
      lines: [],
      dropped: 0,
      linesPerSecond: 0,
      unreadable: [{ applianceId, reason, since: new Date().toISOString() }],
    });
    await new Promise(() => undefined);
  }
  open('#/appliance/kiln-01/syslog', {
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'syslog.tail': unreadable,
    'syslog.ack': () => ({}),
  });
  expect(await screen.findByText(`kiln-01: ${reason} The console keeps trying.`)).toBeDefined();
  expect(screen.getByText('LOG_UNREADABLE')).toBeDefined();
  expect(screen.getByText('No lines: the log can’t be read.')).toBeDefined();
  expect(screen.queryByText('Waiting for the first line…')).toBeNull();
});

test('a licence that runs out says so in words', async () => {
  const expiresAt = new Date(Date.now() + 19.5 * 24 * 3_600_000).toISOString();
  const value = {
    contract: 1,
    state: 'expiring',
    reason: 'runs out soon',
    key: null,
    sequence: null,
    notBefore: null,
    expiresAt,
    graceEndsAt: null,
    entitlements: null,
    clockRanBackFrom: null,
    mode: null,
  } as const;
  open('#/', {
    'fleet.overview': () => ({
      appliances: [sampleAppliance({ licence: { value, observedAt: new Date().toISOString() } })],
    }),
  });
  const row = await screen.findByRole('row', { name: 'kiln-01' });
  expect(within(row).getByText('expires in 19 d')).toBeDefined();
});

test('when the palette is closed, tunnels are no longer read', async () => {
  const user = userEvent.setup();
  const { calls } = open('#/', {
    // Each time the stream of changes ends, the page reads all data again.
    'fleet.watch': () => throwAppError('INTERNAL', 'ended'),
  });
  const count = (procedure: string) => calls.filter((call) => call.procedure === procedure).length;
  await screen.findByText('no appliances yet');
  expect(count('ports.list')).toBe(0);
  await user.keyboard('{Control>}k{/Control}');
  await waitFor(() => expect(count('ports.list')).toBeGreaterThan(0));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('combobox', { name: 'Go to' })).toBeNull());
  const [tenants, overviews] = [count('ports.list'), count('fleet.overview')];
  await waitFor(() => expect(count('fleet.overview')).toBeGreaterThan(overviews + 1));
  expect(count('ports.list')).toBe(tenants);
});

test.each([
  ['token-refused', 'This address is no longer valid'],
  ['not-signed-in', 'This tab is not signed in'],
  ['session-unknown', 'This session has ended'],
  ['signed-out', 'Signed out'],
  ['idle', 'Signed out due to inactivity'],
] as const)('when the page ended with %s, it says how to sign in', (reason, title) => {
  render(<EndedPage reason={reason} />);
  expect(screen.getByRole('heading', { name: title })).toBeDefined();
  expect(screen.getByText(/press Enter in the terminal/u)).toBeDefined();
  expect(screen.getByText(/^sallyport web\s+npm start$/u)).toBeDefined();
});

test('when the host has sessions, the header signs out; the desktop has no such button', async () => {
  const user = userEvent.setup();
  const signOut = vi.fn<() => Promise<void>>().mockResolvedValue();
  const { connection } = createFakeConsole({});
  const { rerender } = render(<App connection={{ ...connection, signOut }} />);
  connection.start();
  const button = await screen.findByRole<HTMLButtonElement>('button', { name: 'Sign out' });
  await waitFor(() => expect(button.disabled).toBe(false));
  await user.click(button);
  expect(signOut).toHaveBeenCalledTimes(1);
  rerender(<App connection={{ ...connection, signOut: null }} />);
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Sign out' })).toBeNull());
});

test('when a stored group, cluster or description has hidden characters, the page shows them as signs', async () => {
  const view = sampleAppliance();
  const texts = { group: 'Plant\u202eA', cluster: 'k\u200bx', description: 'tow\u001bn' };
  open('#/appliance/kiln-01', {
    'fleet.overview': () => ({ appliances: [{ ...view, entry: { ...view.entry, ...texts } }] }),
  });
  expect(await screen.findByRole('region', { name: 'Plant⟨U+202E⟩A' })).toBeDefined();
  expect(await screen.findByText('Plant⟨U+202E⟩A · cluster k⟨U+200B⟩x · tow␛n')).toBeDefined();
  expect(document.body.textContent).not.toMatch(/[\u202e\u200b\u001b]/u);
});
