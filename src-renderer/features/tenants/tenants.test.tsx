import '../../testing/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useState } from 'react';
import { tunnelCodes, tunnelCodeSchema } from '../../../src-shared/model/chain.ts';
import { now, sampleTenant, sampleTenantView } from '../../testing/samples.ts';
import { FreshnessProvider } from '../../ui/freshness.tsx';
import { adviseOn } from '../../../src-shared/model/advice.ts';
import { Chain } from './components/Chain.tsx';
import { tunnelColumns } from './components/tunnelColumns.tsx';
import { tunnelReport } from './components/TunnelDetail.tsx';
import { TunnelTable } from './components/TunnelTable.tsx';
import { countRows, filterRows, toRows, type TunnelRow } from './rows.ts';

beforeEach(() => vi.useFakeTimers({ now, shouldAdvanceTime: true }));
afterEach(() => vi.useRealTimers());

const base = sampleTenant({ clientId: 'northwind' });
const tenants = [
  sampleTenantView(sampleTenant({ clientId: 'globex', sessions: [], forwards: [] })),
  sampleTenantView(sampleTenant({ clientId: 'initech', suspended: true, sessions: [], forwards: [] })),
  sampleTenantView(
    sampleTenant({
      clientId: 'northwind',
      forwards: [
        ...base.forwards,
        ...base.forwards.map((forward) => ({ ...forward, port: 2204, listener: null })),
      ],
    }),
  ),
];
const rows = toRows(tenants);

function tonesOf(row: TunnelRow | undefined, reachable = true): (string | undefined)[] {
  if (row === undefined) throw new Error('no such row');
  render(
    <FreshnessProvider reachable={reachable}>
      <Chain layers={row.tunnel.layers} observedAt={row.tunnel.observedAt} word={row.tunnel.word} />
    </FreshnessProvider>,
  );
  return [...screen.getByTestId('chain').querySelectorAll('circle')].map((dot) => dot.dataset['tone']);
}

test('a listening tunnel has four green dots and two hollow ones: untested is never green', () => {
  expect(tonesOf(rows.find((row) => row.tunnel.port === 2200))).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
    'hollow',
    'hollow',
  ]);
});

test('the first failing layer is the last coloured dot', () => {
  expect(tonesOf(rows.find((row) => row.view.tenant.clientId === 'globex'))).toEqual([
    'ok',
    'ok',
    'bad',
    'hollow',
    'hollow',
    'hollow',
  ]);
});

test('no dot of a chain is green while the console is not reachable', () => {
  expect(
    tonesOf(
      rows.find((row) => row.tunnel.port === 2200),
      false,
    ),
  ).toEqual(['old', 'old', 'old', 'old', 'hollow', 'hollow']);
});

test('chips count and filter alike', () => {
  expect(countRows(rows)).toEqual({ all: 4, attention: 2, suspended: 1 });
  expect(
    filterRows({ rows, filter: 'attention', text: '' }).map((row) => row.key.split('/').slice(1)),
  ).toEqual([
    ['globex', '-'],
    ['northwind', '2204'],
  ]);
  expect(filterRows({ rows, filter: 'suspended', text: '' })).toHaveLength(1);
});

test.each([
  ['2204', 1],
  ['NORTH', 2],
  ['files.nw', 2],
  ['t-3001', 1],
  ['nothing like it', 0],
])('typing %s leaves %i rows', (text, count) => {
  expect(filterRows({ rows, filter: 'all', text })).toHaveLength(count);
});

test.each(Object.keys(tunnelCodes))('%s has a meaning and something to do', (name) => {
  const code = tunnelCodeSchema.parse(name);
  const advice = adviseOn({ code, clientId: 'northwind', port: 2204, destination: null }, 'kiln-01');
  expect(advice.meaning.length).toBeGreaterThan(10);
  expect(advice.next.length).toBeGreaterThan(10);
});

test('the report for the customer names layer, evidence and next step', () => {
  const row = rows.find((one) => one.view.tenant.clientId === 'globex');
  if (row === undefined) throw new Error('no such row');
  const report = tunnelReport(row);
  expect(report).toContain('globex on kiln-01: no session (T-3001)');
  expect(report).toMatch(/Session +fail +no session seen yet/u);
});

function selectedLabel(): string | null | undefined {
  return screen.queryByRole('row', { selected: true })?.getAttribute('aria-label');
}

function Table() {
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <TunnelTable
      columns={tunnelColumns({ withAppliance: false, narrow: false })}
      rows={rows}
      selected={selected}
      onSelect={setSelected}
      nothing="nothing"
    />
  );
}

test('a tenant’s name stands once, j and k walk, Esc leaves', async () => {
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  render(<Table />);
  expect(screen.getAllByText('northwind')).toHaveLength(1);
  await user.keyboard('jjj');
  expect(selectedLabel()).toBe('northwind 2200');
  await user.keyboard('k');
  expect(selectedLabel()).toBe('initech');
  await user.keyboard('{Escape}');
  expect(selectedLabel()).toBeUndefined();
});

test('the head sorts, and then every row names its tenant', async () => {
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  render(<Table />);
  await user.click(screen.getByRole('button', { name: 'Port' }));
  await user.click(screen.getByRole('button', { name: /^Port/u }));
  const labels = screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.getAttribute('aria-label'));
  expect(labels).toContain('northwind 2204');
  expect(screen.getAllByText('northwind')).toHaveLength(2);
  expect(screen.getByRole('columnheader', { name: /^Port/u }).getAttribute('aria-sort')).toBe('descending');
});

test('a state is a word in its colour', () => {
  render(<Table />);
  const row = screen.getByRole('row', { name: 'northwind 2204' });
  expect(within(row).getByText('not listening').dataset['tone']).toBe('bad');
});

test('5,000 tunnels are a few dozen rows of the page', () => {
  const many = toRows(
    Array.from({ length: 5000 }, (_, index) =>
      sampleTenantView(sampleTenant({ clientId: `tenant-${index}` })),
    ),
  );
  render(
    <TunnelTable
      columns={tunnelColumns({ withAppliance: false, narrow: false })}
      rows={many}
      selected={null}
      onSelect={() => undefined}
      nothing="nothing"
    />,
  );
  expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('5001');
  const drawn = screen.getAllByRole('row').length;
  expect(drawn).toBeGreaterThan(20);
  expect(drawn).toBeLessThan(60);
});
