import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { applianceId, sampleHistory } from '../../../test-support/renderer/samples.ts';
import { northwind, openTenants, panel, rows } from '../../../test-support/renderer/tenantPanel.tsx';

test('when the last 24 hours are shown, spans and drops have labels, and unmonitored time has no data', async () => {
  openTenants('#/tenants/kiln-01/northwind/2204');
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

test('when this console recorded no drop, the end of the last session is shown', async () => {
  const lastDrop = { at: '2026-11-20T09:00:00.000Z', reason: 'the connection ended' };
  openTenants('#/tenants/kiln-01/northwind/2204', {
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

test('when the tunnel was down since monitoring started, the card does not say that no drop was seen', async () => {
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: null,
      history: { ...sampleHistory, drops: [] },
    }),
  });
  expect(await screen.findByText('It was already down when monitoring started.')).toBeDefined();
  expect(screen.queryByText('No drops seen.')).toBeNull();
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
  openTenants('#/tenants/kiln-01/northwind/2204', {
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

test('when the last 30 days are shown, each day says its base, and their report can be saved for the customer', async () => {
  const user = userEvent.setup();
  const saved: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    if (blob instanceof Blob) saved.push(blob);
    return 'blob:x';
  });
  const outage = {
    start: '2026-11-20T08:00:00.000Z',
    end: '2026-11-20T08:30:00.000Z',
    seenUntil: '2026-11-20T08:30:00.000Z',
    code: 'T-6001',
    reason: '',
  };
  const { calls } = openTenants('#/tenants/kiln-01/northwind/2204', {
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
  const days = await screen.findByRole('slider', { name: 'The last 30 days' });
  expect(days.getAttribute('aria-valuetext')).toMatch(
    /^11-20: up \d+(\.\d+)? % of .* h monitored, upstream refused 1 h$/u,
  );
  fireEvent.change(days, { target: { value: '0' } });
  expect(days.getAttribute('aria-valuetext')).toMatch(/^11-19: /u);
  const faults = within(screen.getByRole('list', { name: 'Faults of the last 30 days' }));
  expect(faults.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'T-6001 upstream refused 1 h',
  ]);
  expect(screen.getByText('up 99.92 % of 30.0 d monitored')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Open report…' }));
  const report = within(await screen.findByRole('article', { name: 'Report' }));
  expect(report.getByText('Port 2204: up 97.91 % of 24.0 h monitored')).toBeDefined();
  expect(report.getByRole('row', { name: /08:00:00 UTC 30 min T-6001 upstream refused$/u })).toBeDefined();
  await user.click(report.getByRole('button', { name: 'Save as CSV' }));
  expect(await saved[0]?.text()).toContain('"kiln-01","northwind",2204');
  expect(calls.filter((call) => call.procedure === 'ports.history').map((call) => call.input)).toEqual([
    { applianceId, clientId: 'northwind', port: 2204, days: 30 },
  ]);
});

/** The instant `agoMs` before now. */
function instantBefore(agoMs: number): string {
  return new Date(Date.now() - agoMs).toISOString();
}

test.each([
  ['is going on', 20_000, /ongoing, 15 min so far/u],
  ['was last seen before the appliance was lost', 3_600_000, /at least 15 min, end not seen/u],
])('when an outage %s, the report of the appliance says how long it is', async (_which, agoMs, words) => {
  const user = userEvent.setup();
  const start = instantBefore(agoMs + 900_000);
  const outage = { start, end: null, seenUntil: instantBefore(agoMs), code: 'T-6001', reason: '' };
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.availability': () => ({
      tunnels: [
        {
          applianceId,
          applianceName: 'kiln-01',
          clientId: 'northwind',
          port: 2204,
          watchedMs: 1_000_000,
          upMs: 100_000,
          outages: [outage],
        },
      ],
    }),
  });
  await user.click(await screen.findByRole('button', { name: 'Open report…' }));
  const report = within(await screen.findByRole('article', { name: 'Report' }));
  expect(report.getByRole('heading', { name: 'Availability of northwind on kiln-01' })).toBeDefined();
  expect(report.getByText('Port 2204: up 10 % of 16 min monitored')).toBeDefined();
  expect(report.getByRole('row', { name: words })).toBeDefined();
});

test.each([
  ['was read just now', 0, /^now$/u],
  ['is older than the answers of its appliance', 300_000, /^until \d\d:\d\d, no newer data$/u],
])('when the history %s, its end says so', async (_age, ageMs, words) => {
  const to = new Date(Date.now() - ageMs).toISOString();
  const from = new Date(Date.parse(to) - 86_400_000).toISOString();
  const spans = [{ from, to, tone: 'ok', code: 'T-6000' }];
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: null,
      history: { ...sampleHistory, from, to, spans, drops: [], latency: [] },
    }),
  });
  await screen.findByRole('slider', { name: 'The last 24 hours' });
  expect(await screen.findByText(words)).toBeDefined();
});
