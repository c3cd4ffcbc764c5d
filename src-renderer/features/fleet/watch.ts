import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Changes } from '../../../src-shared/contract/fleet.ts';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { type ConsoleAccess, useConsole } from '../../rpc/client.tsx';
import { patchFleet } from './queries.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';

/** Minimum time between two readings of one list, so that a busy fleet does not keep the page reading. */
const minReadIntervalMs = 1000;

/** Long lists are read at most as often as an appliance is polled, because each reading costs the page a frame. */
const minLongListReadIntervalMs = 5000;
const longList = 1000;

/** The cached data of `ports.list`. */
type PortList = { rows: readonly PortRow[] };

/** Calls `run` soon, at most once per `minIntervalMs()`, measured by a clock that never runs backwards. */
function createCoalescer(
  run: () => void,
  minIntervalMs = () => minReadIntervalMs,
): { ask: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = -Infinity;
  return {
    ask: () => {
      if (timer !== null) return;
      timer = setTimeout(
        () => {
          timer = null;
          last = performance.now();
          run();
        },
        Math.max(0, last + minIntervalMs() - performance.now()),
      );
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function createChangeSink(queryClient: QueryClient, queries: ConsoleAccess['queries']) {
  const invalidate = (queryKey: readonly unknown[]) => void queryClient.invalidateQueries({ queryKey });
  const tenants = createCoalescer(() => invalidate(queries.tenants.key()));
  const audit = createCoalescer(() => invalidate(queries.audit.actions.key()));
  // Leaves out two queries of `ports`: log lines, which are read on demand, and settings.
  const ports = createCoalescer(() => {
    invalidate(queries.ports.detail.key());
    invalidate(queries.ports.capacity.key());
  });
  const lists = { queryKey: queries.ports.list.key(), type: 'active' } as const;
  const longest = (): number =>
    Math.max(0, ...queryClient.getQueriesData<PortList>(lists).map(([, data]) => data?.rows.length ?? 0));
  const rows = createCoalescer(
    () => invalidate(queries.ports.list.key()),
    () => (longest() > longList ? minLongListReadIntervalMs : minReadIntervalMs),
  );
  // Thirty days cost the console more than a row, and a strip of them changes slowly.
  const history = createCoalescer(
    () => invalidate(queries.ports.history.key()),
    () => minLongListReadIntervalMs,
  );
  const notifications = createCoalescer(() => invalidate(queries.notifications.key()));
  const licences = createCoalescer(() => {
    invalidate(queries.licences.trips.key());
    invalidate(queries.licences.trip.key());
    invalidate(queries.licences.calendar.key());
    invalidate(queries.connectedWindow.listOpen.key());
  });
  const links = createCoalescer(() => invalidate(queries.appliances.explain.key()));
  const runs = createCoalescer(() => {
    invalidate(queries.fanOut.get.key());
    invalidate(queries.fanOut.list.key());
  });
  return {
    take: (changes: Changes) => {
      patchFleet({ queryClient, queries, changed: changes.appliances, removed: changes.removed });
      if (changes.appliances.length > 0 || changes.removed.length > 0) {
        tenants.ask();
        ports.ask();
        history.ask();
        rows.ask();
        links.ask();
      }
      if (changes.ports) {
        ports.ask();
        history.ask();
        rows.ask();
      }
      if (changes.notifications) notifications.ask();
      if (changes.licences) licences.ask();
      if (changes.policy) invalidate(queries.system.policy.key());
      if (changes.secrets) invalidate(queries.secrets.key());
      if (changes.runs) runs.ask();
      if (changes.audit) audit.ask();
      if (changes.prompts) invalidate(queries.appliances.prompts.key());
    },
    stop: () => {
      tenants.stop();
      audit.stop();
      links.stop();
      ports.stop();
      history.stop();
      rows.stop();
      notifications.stop();
      licences.stop();
      runs.stop();
    },
  };
}

/** Follows the console's changes while this connection is up. The console also keeps its links up during that time. */
export function useFleetWatch(generation: number | null): void {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  useEffect(() => {
    if (generation === null) return;
    const abort = new AbortController();
    const sink = createChangeSink(queryClient, queries);
    const follow = async (): Promise<void> => {
      while (!abort.signal.aborted) {
        try {
          const changes = await client.fleet.watch({}, { signal: abort.signal });
          for await (const change of changes) sink.take(change);
        } catch {
          // Ignore the error: either the connection was lost, which the banner shows, or this page ended the
          // stream.
        }
        if (abort.signal.aborted) return;
        await systemClock.sleep(minReadIntervalMs, abort.signal);
        // Changes during the interruption were missed, so everything is read again.
        if (!abort.signal.aborted) await queryClient.invalidateQueries();
      }
    };
    void queryClient.invalidateQueries();
    void follow();
    return () => {
      abort.abort();
      sink.stop();
    };
  }, [generation, client, queries, queryClient]);
}
