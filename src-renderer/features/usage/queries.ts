import { useQuery } from '@tanstack/react-query';
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

/** Counts of earlier days, which this computer kept. Read again once `takenAt` says that newer ones are kept. */
export function useUsageHistory(applianceId: string, takenAt: string | null) {
  const { queries } = useConsole();
  const options = queries.usage.history.queryOptions({ input: { applianceId } });
  return useQuery({ ...options, queryKey: [...options.queryKey, takenAt], select: ({ points }) => points });
}
