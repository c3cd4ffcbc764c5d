import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';
import { shareRows } from './rows.ts';
import { dayMs, minuteMs } from '../../../src-shared/base/time.ts';

export type TunnelRef = { applianceId: string; clientId: string; port: number | null };

/**
 * Every tunnel of one appliance, or of all. Unchanged rows stay the same objects, so that only changed rows
 * are rendered. Comparing row by row is much faster than react-query’s comparison.
 */
export function usePorts({ applianceId, enabled = true }: { applianceId: string | null; enabled?: boolean }) {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  const input = { applianceId };
  const { queryKey } = queries.ports.list.queryOptions({ input });
  return useQuery(
    queryOptions({
      queryKey,
      queryFn: async ({ signal }) => {
        const { rows } = await client.ports.list(input, { signal });
        return { rows: shareRows(queryClient.getQueryData(queryKey)?.rows ?? [], rows) };
      },
      structuralSharing: false,
      enabled,
      placeholderData: keepPreviousData,
      staleTime: 1000,
    }),
  );
}

/** A tunnel, its tenant, its last test and its history. */
export function useTunnelDetail(place: TunnelRef) {
  const { queries } = useConsole();
  return useQuery(queries.ports.detail.queryOptions({ input: place, staleTime: 1000 }));
}

/** The last 30 days of a tunnel. Read again every minute, because the panel shows the last day beside it. */
export function useMonth(place: TunnelRef) {
  const { queries } = useConsole();
  return useQuery(
    queries.ports.history.queryOptions({
      input: { ...place, days: 30 },
      staleTime: minuteMs,
      refetchInterval: minuteMs,
    }),
  );
}

/** The availability of each tunnel of a tenant in the last 30 days. */
export function useAvailability({ applianceId, clientId }: Omit<TunnelRef, 'port'>) {
  const { client, queries } = useConsole();
  const place = { applianceId, clientId };
  return useQuery({
    queryKey: [...queries.ports.availability.key(), place],
    queryFn: async ({ signal }) => {
      const now = Date.now();
      const period = { from: new Date(now - 30 * dayMs).toISOString(), to: new Date(now).toISOString() };
      const { tunnels } = await client.ports.availability({ ...place, ...period }, { signal });
      return { ...period, tunnels };
    },
    staleTime: Infinity,
    gcTime: 0,
  });
}

/**
 * The log lines that prove a diagnosis. Read once for each diagnosis, because the appliance must search its
 * log.
 */
export function useDiagnosis({ place, code, enabled }: { place: TunnelRef; code: string; enabled: boolean }) {
  const { client, queries } = useConsole();
  return useQuery({
    queryKey: [...queries.ports.diagnose.key({ input: place }), code],
    queryFn: ({ signal }) => client.ports.diagnose(place, { signal }),
    enabled,
    staleTime: 5 * minuteMs,
  });
}

export function useCapacity(applianceId: string | null) {
  const { queries } = useConsole();
  return useQuery(queries.ports.capacity.queryOptions({ input: { applianceId }, staleTime: 1000 }));
}
