import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';
import { shareRows } from './rows.ts';
import { dayMs, minuteMs } from '../../../src-shared/base/time.ts';

export type TunnelRef = { applianceId: string; clientId: string; port: number | null };

/**
 * Every tunnel of one appliance, or of all. Rows that say the same as before stay the same objects, so that only what
 * changed is drawn; comparing by row is far cheaper here than react-query's own comparison.
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

/** One tunnel and its tenant, with what is remembered of it. */
export function useTunnelDetail(place: TunnelRef) {
  const { queries } = useConsole();
  return useQuery(queries.ports.detail.queryOptions({ input: place, staleTime: 1000 }));
}

/** The last 30 days of one tunnel, in spans of whole hours. */
export function useMonth(place: TunnelRef) {
  const { queries } = useConsole();
  return useQuery(
    queries.ports.history.queryOptions({ input: { ...place, days: 30 }, staleTime: 5 * minuteMs }),
  );
}

/** How available each tunnel of a tenant was in the last 30 days. */
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
 * What the appliance's log says about a verdict. Read once for each verdict, not with every change: it costs the
 * appliance a search of its log.
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
