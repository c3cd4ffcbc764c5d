import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { useConsole } from '../../rpc/client.tsx';

/** Each reading counts on the appliance, so nothing but the operator repeats it. */
export const onRequest = {
  staleTime: 10 * minuteMs,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
  retry: false,
} as const;

/** The counts and the invoice of a month; null is the present one of the appliance. */
export function useUsagePreview(applianceId: string, month: string | null) {
  const { queries } = useConsole();
  return useQuery(
    queries.usage.preview.queryOptions({
      input: { applianceId, month },
      select: ({ preview }) => preview,
      ...onRequest,
    }),
  );
}

/** Why the bill differs from that of the month before. Reads after the preview, whose counts it uses. */
export function useUsageComparison(applianceId: string, month: string | null, isReady: boolean) {
  const { queries } = useConsole();
  return useQuery(
    queries.usage.compare.queryOptions({
      input: { applianceId, month },
      select: ({ compared }) => compared,
      enabled: isReady,
      ...onRequest,
    }),
  );
}

/** The present amounts of all appliances. */
export function useFleetUsage() {
  const { queries } = useConsole();
  return useQuery(
    queries.usage.fleet.queryOptions({ input: {}, select: ({ fleet }) => fleet, ...onRequest }),
  );
}

/** Sets the amount above which to warn. The preview then says how it stands. */
export function useSetThreshold() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.usage.setThreshold.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.usage.preview.key() }),
    }),
  );
}

/** Counts of earlier days, which this computer kept. Read again once `takenAt` says that newer ones are kept. */
export function useUsageHistory(applianceId: string, takenAt: string | null) {
  const { queries } = useConsole();
  const options = queries.usage.history.queryOptions({ input: { applianceId } });
  return useQuery({ ...options, queryKey: [...options.queryKey, takenAt], select: ({ points }) => points });
}
