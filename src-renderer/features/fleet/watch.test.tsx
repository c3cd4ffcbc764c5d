import '../../testing/pageSetup.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Changes } from '../../../src-shared/contract/fleet.ts';
import { ConsoleProvider, createConsoleClient } from '../../rpc/client.tsx';
import { createFakeConsole } from '../../testing/fakeConsole.ts';
import { now, sampleAppliance } from '../../testing/samples.ts';
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
};

test('changes are read though the clock of the machine is set back', async () => {
  const listeners: (() => void)[] = [];
  async function* changes() {
    for (;;) {
      await new Promise<void>((resolve) => listeners.push(resolve));
      yield change;
    }
  }
  const { connection, calls } = createFakeConsole({ 'fleet.watch': () => changes() });
  connection.start();
  const access = createConsoleClient(connection.link);
  const queryClient = new QueryClient();
  renderHook(
    () => {
      useFleetWatch(1);
      return usePorts({ applianceId: null });
    },
    {
      wrapper: ({ children }) => (
        <QueryClientProvider client={queryClient}>
          <ConsoleProvider access={access}>{children}</ConsoleProvider>
        </QueryClientProvider>
      ),
    },
  );
  const readings = () => calls.filter((call) => call.procedure === 'ports.list').length;
  const passAfterChange = () =>
    act(async () => {
      listeners.at(-1)?.();
      await vi.advanceTimersByTimeAsync(1100);
    });
  await act(() => vi.advanceTimersByTimeAsync(100));
  await passAfterChange();
  const before = readings();
  vi.setSystemTime(now - 3_600_000);
  await passAfterChange();
  expect(readings()).toBe(before + 1);
  queryClient.clear();
});
