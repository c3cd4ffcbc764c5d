import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** The last known tenants with their judged tunnels, of one appliance or of all. */
export function useTenants({
  applianceId,
  enabled = true,
}: {
  applianceId: string | null;
  enabled?: boolean;
}) {
  const { queries } = useConsole();
  return useQuery(
    queries.tenants.list.queryOptions({
      input: { applianceId },
      enabled,
      placeholderData: keepPreviousData,
      staleTime: 1000,
    }),
  );
}
