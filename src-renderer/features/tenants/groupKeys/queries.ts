import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../../rpc/client.tsx';

type TenantRef = { applianceId: string; clientId: string };

/** The keys of a tenant's repository groups, masked. Read from the appliance when they are shown. */
export function useGroupKeys({ applianceId, clientId }: TenantRef) {
  const { queries } = useConsole();
  return useQuery(
    queries.tenants.groupKeys.queryOptions({
      input: { applianceId, clientId },
      staleTime: 60_000,
      retry: false,
    }),
  );
}

/** Reads one key. Not a query, so that no key stays in the page's cache. */
export function useShowGroupKey() {
  const { queries } = useConsole();
  return useMutation(
    queries.tenants.showGroupKey.mutationOptions({ gcTime: 0, meta: { errorShown: 'in-place' } }),
  );
}

export function useRotateGroupKey() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.tenants.rotateGroupKey.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.tenants.groupKeys.key() }),
    }),
  );
}
