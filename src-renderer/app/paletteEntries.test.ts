import '../../test-support/renderer/pageSetup.ts';
import { afterEach, expect, test, vi } from 'vitest';
import {
  sampleAppliance,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../test-support/renderer/samples.ts';
import { closeBulk, useBulkRequest } from '../features/tenants/bulk/bulkRequest.ts';
import { findEntries } from '../ui/layout/CommandPalette.tsx';
import { applianceEntries, tunnelEntries } from './paletteEntries.ts';

afterEach(closeBulk);

const base = sampleTenant({ clientId: 'northwind' });
const views = [
  {
    ...base,
    forwards: [
      ...base.forwards,
      ...base.forwards.map((forward) => ({ ...forward, port: 2204, listener: null })),
    ],
  },
  sampleTenant({ clientId: 'initech', suspended: true, sessions: [], forwards: [], keys: [] }),
].map((tenant) => sampleTenantView(tenant));
const rows = views.flatMap((view) => sampleRows(view));

function entries(test: Parameters<typeof tunnelEntries>[0]['test'] = () => undefined) {
  const go = vi.fn<(place: string) => void>();
  return { go, found: tunnelEntries({ rows, views, go, test }) };
}

const labels = (query: string) => findEntries(entries().found, query).map(({ label }) => label);

test.each([
  ['SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', ['northwind']],
  ['t-4001', ['2204']],
  ['files.nw.lan', ['2200', '2204']],
  ['10.4.0.7', ['2200', '2204']],
  ['initech', ['initech', 'Resume initech…']],
  ['suspend', ['Suspend northwind…', 'initech']],
  ['test northwind', ['Test northwind:2200', 'Test northwind:2204']],
])('when %s is typed, the palette finds what it belongs to', (query, expected) => {
  expect(labels(query)).toEqual(expected);
});

test('when a tenant has several tunnels, it shows the state of the worst', () => {
  const { found } = entries();
  const stateOf = (label: string) => found.find((entry) => entry.label === label)?.status;
  expect(stateOf('northwind')).toMatchObject({ tone: 'bad', word: 'not listening' });
  expect(stateOf('2200')).toMatchObject({ tone: 'ok' });
});

test('when an action is chosen, it asks for a change of that tenant, or tests that tunnel', () => {
  const tested = vi.fn<() => void>();
  const { found, go } = entries(tested);
  const run = (label: string) => found.find((entry) => entry.label === label)?.run();
  run('Suspend northwind…');
  expect(useBulkRequest.getState().request).toMatchObject({
    kind: 'suspend',
    tenants: [{ clientId: 'northwind' }],
  });
  run('Test northwind:2204');
  expect(tested).toHaveBeenCalledExactlyOnceWith(rows.find(({ port }) => port === 2204));
  run('2204');
  expect(go).toHaveBeenCalledExactlyOnceWith('/appliance/kiln-01/tenants/northwind/2204');
});

const due = sampleAppliance({
  schedule: {
    dates: [],
    next: { step: 'order', day: '2026-11-18' },
    isDue: true,
    hasBegun: true,
    snooze: null,
  },
});

test('when an operator looks, the licence of an appliance can be renewed and snoozed', () => {
  const go = vi.fn<(place: string) => void>();
  const found = applianceEntries([due], go, null, true);
  for (const { run } of found.filter(({ kind }) => kind === 'action')) run();
  expect(found.filter(({ kind }) => kind === 'action').map(({ label }) => label)).toEqual([
    'Renew licence of kiln-01…',
    'Snooze licence of kiln-01…',
  ]);
  expect(go.mock.calls).toEqual([['/licences?renew=kiln-01'], ['/licences?snooze=kiln-01']]);
});

test('when a viewer looks, no action is offered', () => {
  expect(entries(null).found.filter(({ kind }) => kind === 'action')).toEqual([]);
  expect(applianceEntries([due], () => undefined, null, false).map(({ kind }) => kind)).toEqual([
    'appliance',
    'tenants of',
    'syslog of',
    'usage of',
    'configuration of',
  ]);
});
