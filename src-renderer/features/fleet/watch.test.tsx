import '../../../test-support/renderer/pageSetup.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Changes } from '../../../src-shared/contract/fleet.ts';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { ConsoleProvider, createConsoleClient } from '../../rpc/client.tsx';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  now,
  sampleAppliance,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../../test-support/renderer/samples.ts';
import type { RunView } from '../../../src-shared/model/fanOut/fleetRun.ts';
import { useRun } from '../fanOut/queries.ts';
import { usePorts } from '../tenants/queries.ts';
import { useFleetWatch } from './watch.ts';

beforeEach(() => vi.useFakeTimers({ now }));
afterEach(() => vi.useRealTimers());

const change: Changes = {
  appliances: [sampleAppliance()],
  removed: [],
  audit: false,
  prompts: false,
  ports: false,
  notifications: false,
  licences: false,
  policy: false,
  secrets: false,
  runs: false,
};

const aRun: RunView = {
  number: 31,
  task: { kind: 'read', command: 'status' },
  order: { canaryId: null, wave: 8, stopAfter: null, watchSeconds: 0 },
  command: 'ke_status',
  state: 'running',
  stopCause: null,
  operator: 'ada',
  reason: '',
  startedAt: '2026-11-20T09:00:00.000Z',
  endedAt: null,
  waves: [],
  results: [],
  most: [],
};

/**
 * Renders a page that follows the fleet, a run, and one list of ports. The test decides when the console reports a
 * change.
 */
async function follow(shown: string | null, rows: readonly PortRow[] = []) {
  const listeners: ((changes: Changes) => void)[] = [];
  async function* changes() {
    for (;;) yield await new Promise<Changes>((resolve) => listeners.push(resolve));
  }
  const { connection, calls } = createFakeConsole({
    'fleet.watch': () => changes(),
    'ports.list': () => ({ rows }),
    'fanOut.get': () => ({ run: aRun }),
  });
  connection.start();
  const access = createConsoleClient(connection.link);
  const queryClient = new QueryClient();
  renderHook(
    () => {
      useFleetWatch(1);
      useRun(aRun.number);
      return usePorts({ applianceId: shown });
    },
    {
      wrapper: ({ children }) => (
        <QueryClientProvider client={queryClient}>
          <ConsoleProvider access={access}>{children}</ConsoleProvider>
        </QueryClientProvider>
      ),
    },
  );
  await act(() => vi.advanceTimersByTimeAsync(100));
  return {
    access,
    queryClient,
    readings: (procedure = 'ports.list') => calls.filter((call) => call.procedure === procedure).length,
    passAfterChange: (changes = change) =>
      act(async () => {
        listeners.at(-1)?.(changes);
        await vi.advanceTimersByTimeAsync(1100);
      }),
  };
}

const manyRows = Array.from({ length: 1001 }, (_, index) =>
  sampleTenantView(sampleTenant({ clientId: `tenant-${index}` })),
).flatMap(sampleRows);

test('when the machine’s clock is set back, still reads changes', async () => {
  const { queryClient, readings, passAfterChange } = await follow(null);
  await passAfterChange();
  const before = readings();
  vi.setSystemTime(now - 3_600_000);
  await passAfterChange();
  expect(readings()).toBe(before + 1);
  queryClient.clear();
});

test('when a run changes, reads it again, and not without a change', async () => {
  const { queryClient, readings, passAfterChange } = await follow(null);
  await passAfterChange();
  const before = readings('fanOut.get');
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  await passAfterChange();
  expect(readings('fanOut.get')).toBe(before);
  await passAfterChange({ ...change, appliances: [], runs: true });
  expect(readings('fanOut.get')).toBe(before + 1);
  queryClient.clear();
});

test('reads a long table of one appliance at most every five seconds', async () => {
  const { queryClient, readings, passAfterChange } = await follow(applianceId, manyRows);
  await passAfterChange();
  const before = readings();
  for (let second = 0; second < 3; second += 1) await passAfterChange();
  expect(readings()).toBe(before);
  await act(() => vi.advanceTimersByTimeAsync(2000));
  expect(readings()).toBe(before + 1);
  queryClient.clear();
});

test('when a long table is not shown, it doesn’t slow a short one', async () => {
  const { access, queryClient, readings, passAfterChange } = await follow(applianceId);
  const all = access.queries.ports.list.queryKey({ input: { applianceId: null } });
  queryClient.setQueryData(all, { rows: manyRows });
  await passAfterChange();
  const before = readings();
  await passAfterChange();
  expect(readings()).toBe(before + 1);
  queryClient.clear();
});
