import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useState } from 'react';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { adviseOn } from '../../../src-shared/model/tunnels/advice.ts';
import { tunnelCodes, tunnelCodeSchema } from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import {
  now,
  sampleAppliance,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../../test-support/renderer/samples.ts';
import { FreshnessProvider } from '../../ui/feedback/freshness.tsx';
import { Chain } from './components/Chain.tsx';
import { exportedColumns, tunnelColumns } from './components/tunnelColumns.tsx';
import { fitColumns, measureColumns } from '../../ui/table/fitColumns.ts';
import { TunnelTable } from './components/TunnelTable.tsx';
import { arrangeRows, countRows, filterRows, shareRows } from './rows.ts';
import { findSelection } from './selection.ts';

beforeEach(() => vi.useFakeTimers({ now, shouldAdvanceTime: true }));
afterEach(() => vi.useRealTimers());

const base = sampleTenant({ clientId: 'northwind' });
const lastSession = { endedAt: '2026-11-20T08:00:00.000Z', peerAddress: null, reason: 'closed' };
const rows = [
  sampleTenant({
    clientId: 'globex',
    ports: [{ first: 2220, last: 2239 }],
    sessions: [],
    forwards: [],
    lastSession,
  }),
  sampleTenant({
    clientId: 'initech',
    suspended: true,
    ports: [{ first: 2240, last: 2259 }],
    sessions: [],
    forwards: [],
  }),
  sampleTenant({
    clientId: 'northwind',
    ports: [
      { first: 2200, last: 2219 },
      { first: 2260, last: 2279 },
    ],
    forwards: [
      ...base.forwards,
      ...base.forwards.map((forward) => ({ ...forward, port: 2204, listener: null })),
    ],
  }),
].flatMap((tenant) => sampleRows(sampleTenantView(tenant)));

function rowOf(clientId: string, port: number | null): PortRow {
  const row = rows.find((one) => one.clientId === clientId && one.port === port);
  if (row === undefined) throw new Error(`no row ${clientId} ${port}`);
  return row;
}

function tonesOf(row: PortRow, reachable = true): (string | undefined)[] {
  render(
    <FreshnessProvider reachable={reachable}>
      <Chain chain={row.chain} observedAt={row.observedAt} word={row.word} />
    </FreshnessProvider>,
  );
  return [...screen.getByTestId('chain').querySelectorAll<SVGElement>('[data-layer]')].map(
    (dot) => dot.dataset['tone'],
  );
}

test('when a tunnel listens but is not tested, four dots are green and two are hollow', () => {
  expect(tonesOf(rowOf('northwind', 2200))).toEqual(['ok', 'ok', 'ok', 'ok', 'hollow', 'hollow']);
});

test('when a layer is not OK, its dot is the last coloured one, and a screen reader names it', () => {
  expect(tonesOf(rowOf('globex', null))).toEqual(['ok', 'ok', 'warn', 'hollow', 'hollow', 'hollow']);
  expect(screen.getByRole('img').getAttribute('aria-label')).toMatch(
    /^chain: no session\. Appliance reachable: OK; Key registered: OK; Session: needs attention; Listener: unknown/u,
  );
});

test('when a tenant never connected, its row is neutral and says so', () => {
  const [row] = sampleRows(sampleTenantView(sampleTenant({ clientId: 'new', sessions: [], forwards: [] })));
  expect(row).toMatchObject({ word: 'never connected yet', tone: 'off' });
  expect(row && tonesOf(row)).toEqual(['ok', 'ok', 'hollow', 'hollow', 'hollow', 'hollow']);
  expect(countRows(row === undefined ? [] : [row])).toMatchObject({ all: 1, attention: 0, unknown: 0 });
});

test('when the console is unreachable, no dot of a chain is green', () => {
  expect(tonesOf(rowOf('northwind', 2200), false)).toEqual(['old', 'old', 'old', 'old', 'hollow', 'hollow']);
});

test('when a filter chip is chosen, as many rows are shown as it counts', () => {
  expect(countRows(rows)).toEqual({ all: 4, attention: 2, unknown: 0, suspended: 1, untested: 1 });
  expect(
    filterRows({ rows, filter: 'attention', text: '' }).map(({ clientId, port }) => [clientId, port]),
  ).toEqual([
    ['globex', null],
    ['northwind', 2204],
  ]);
  expect(filterRows({ rows, filter: 'suspended', text: '' })).toHaveLength(1);
  expect(filterRows({ rows, filter: 'untested', text: '' })).toEqual([rowOf('northwind', 2200)]);
});

test.each([
  ['2204', 1],
  ['2200-2219', 2],
  ['2204-2239', 2],
  ['2220-2239', 1],
  ['2239-2240', 2],
  ['2260-2279', 2],
  ['2280-2299', 0],
  ['NORTH', 2],
  ['files.nw', 2],
  ['t-3001', 1],
  ['north 2204', 1],
  ['nothing like it', 0],
])('when %s is typed, %i rows are shown', (text, count) => {
  expect(filterRows({ rows, filter: 'all', text })).toHaveLength(count);
});

test('when rows that need attention come first, the others keep their order', () => {
  const arranged = arrangeRows(rows, 'attention').map(({ tone }) => tone);
  expect(
    arranged.toSorted((a, b) => 'bad warn unknown off ok'.indexOf(a) - 'bad warn unknown off ok'.indexOf(b)),
  ).toEqual(arranged);
  expect(arrangeRows(rows, 'tenant')).toBe(rows);
  expect(arrangeRows(rows, 'destination').at(-1)?.destination).toBeNull();
});

test('when nothing in a row changed, it stays the same object, and so does the list', () => {
  const before = rows.map((row) => ({ ...row }));
  expect(shareRows(before, structuredClone(before))).toBe(before);
  const changed = structuredClone(before).map((row) =>
    row.port === 2204 ? { ...row, word: 'listening' } : row,
  );
  const shared = shareRows(before, changed);
  expect(shared.map((row, index) => row === before[index])).toEqual([true, true, true, false]);
  expect(shared[3]?.word).toBe('listening');
  expect(shareRows(before, before.slice(1))).toHaveLength(3);
});

const kiln = sampleAppliance();

test.each([
  [{ applianceName: 'kiln-01', clientId: 'northwind', port: '2204' }, 'row', 2204],
  [{ applianceName: 'kiln-01', clientId: 'northwind', port: null }, 'row', null],
  [{ applianceName: 'kiln-01', clientId: 'globex', port: '2200' }, 'row', 2200],
  [{ applianceName: 'kiln-01', clientId: 'northwind', port: '2299' }, 'no-port', undefined],
  [{ applianceName: 'kiln-01', clientId: 'northwind', port: 'x' }, 'no-port', undefined],
  [{ applianceName: 'kiln-01', clientId: 'missing', port: null }, 'no-tenant', undefined],
  [{ applianceName: 'kiln-09', clientId: 'northwind', port: null }, 'no-appliance', undefined],
])('when the address has %o, %s is found', (named, found, port) => {
  const selection = findSelection({ rows, named, appliances: [kiln] });
  expect(selection.found).toBe(found);
  expect(selection.found === 'row' ? selection.port : undefined).toBe(port);
});

test('when an address names any member of a cluster, the cluster’s tenant is found', () => {
  const member = { ...kiln, entry: { ...kiln.entry, name: 'kiln-02', cluster: 'kiln' } };
  const clustered = rows.map((row) => ({ ...row, cluster: 'kiln' }));
  const named = { applianceName: 'kiln-02', clientId: 'northwind', port: '2204' };
  expect(findSelection({ rows: clustered, named, appliances: [kiln, member] }).found).toBe('row');
});

test.each(Object.keys(tunnelCodes))('%s has a meaning and a next step', (name) => {
  const code = tunnelCodeSchema.parse(name);
  const unseen = { layers: [], since: null, lastSeenAt: null };
  const tunnel = { ...unseen, code, clientId: 'northwind', port: 2204, destination: null };
  const advice = adviseOn(tunnel, 'kiln-01');
  expect(advice.meaning.length).toBeGreaterThan(10);
  expect(advice.next.length).toBeGreaterThan(10);
});

function columnsOf(width: number, withAppliance = false, rows: readonly PortRow[] = []) {
  const columns = tunnelColumns({ withAppliance, order: 'tenant', placeOf: () => '/' });
  return fitColumns(columns, measureColumns(columns, rows), width + 12);
}

test.each([
  [390, ['tenant', 'port', 'chain', 'state']],
  [782, ['appliance', 'tenant', 'port', 'destination', 'chain', 'state', 'last_seen']],
  [0, ['tenant', 'state']],
])('when the window is %i px wide, the table keeps its most important columns', (width, ids) => {
  expect(columnsOf(width, true).map(({ id }) => id)).toEqual(ids);
});

test('when no row has a drop or a client, their columns are left out', () => {
  const quiet = rows.map((row) => ({ ...row, peer: null, connectVersion: null, lastDrop: null }));
  const shown = columnsOf(10_000, true, quiet).map(({ id }) => id);
  expect(shown).toHaveLength(10);
  expect(shown).not.toContain('last_drop');
  expect(shown).not.toContain('peer');
});

function widthFor(clientId: string) {
  const row = { ...rowOf('northwind', 2204), clientId };
  return columnsOf(10_000, true, [row]).find(({ id }) => id === 'tenant')?.width;
}

test('when a tenant has a long name, its column grows with it, up to 20 characters', () => {
  expect(widthFor('acme')).toBe('94px');
  expect(widthFor('a-name-of-20-letters')).toBe('164px');
  expect(widthFor('a-name-that-is-far-longer-than-that')).toBe('164px');
});

test('when the table is narrow, an export still has every column', () => {
  const row = {
    ...rowOf('northwind', 2204),
    peer: '127.10.100.1',
    lastDrop: { at: '2026-11-20T09:00:00.000Z', reason: 'closed' },
  };
  const shown = columnsOf(10_000, true, [row]).map(({ id }) => id);
  expect(shown).toHaveLength(12);
  expect(exportedColumns.map(({ header }) => header)).toEqual(
    expect.arrayContaining([
      'appliance',
      'tenant',
      'port',
      'destination',
      'code',
      'connect_version',
      'last_drop',
      'latency_ms',
    ]),
  );
  expect(exportedColumns.map(({ value }) => value?.(rowOf('northwind', 2204)))).toEqual(
    expect.arrayContaining(['kiln-01', 'northwind', 2204, 'smb://files.nw.lan:139', 'T-4001']),
  );
});

function selectedLabel(): string | null | undefined {
  return screen.queryByRole('row', { selected: true })?.getAttribute('aria-label');
}

function Table({ shown = rows }: { shown?: readonly PortRow[] }) {
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <TunnelTable
      columns={columnsOf(1200)}
      rows={shown}
      selected={selected}
      onSelect={setSelected}
      nothing="nothing"
    />
  );
}

test('when the table is used by keyboard, j and k move the selection and Esc clears it', async () => {
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  render(<Table />);
  expect(screen.getAllByText('northwind')).toHaveLength(1);
  await user.keyboard('jjj');
  expect(selectedLabel()).toBe('northwind 2200, listening, smb://files.nw.lan:139');
  await user.keyboard('k');
  expect(selectedLabel()).toBe('initech, suspended');
  await user.keyboard('{Escape}');
  expect(selectedLabel()).toBeUndefined();
});

test('when a column is sorted, every row names its tenant', async () => {
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  render(<Table />);
  await user.click(screen.getByRole('button', { name: 'Port' }));
  await user.click(screen.getByRole('button', { name: /^Port/u }));
  const labels = screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.getAttribute('aria-label'));
  expect(labels).toContain('northwind 2204, not listening, smb://files.nw.lan:139');
  expect(screen.getAllByText('northwind')).toHaveLength(2);
  expect(screen.getByRole('columnheader', { name: /^Port/u }).getAttribute('aria-sort')).toBe('descending');
});

test('when a tunnel has a state, its word has the colour of the state', () => {
  render(<Table />);
  const row = screen.getByRole('row', { name: /^northwind 2204,/u });
  expect(within(row).getByText('not listening').dataset['tone']).toBe('bad');
});

test('when there are 5,000 tunnels, the page renders a few dozen rows', () => {
  const many = Array.from({ length: 5000 }, (_, index) =>
    sampleTenantView(sampleTenant({ clientId: `tenant-${index}` })),
  ).flatMap(sampleRows);
  render(<Table shown={many} />);
  expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('5001');
  const drawn = screen.getAllByRole('row').length;
  expect(drawn).toBeGreaterThan(20);
  expect(drawn).toBeLessThan(60);
});
