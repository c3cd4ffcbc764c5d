import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { secondMs } from '../../../src-shared/base/time.ts';
import { useConsole } from '../../rpc/client.tsx';
import { useRereadFleet } from '../fleet/mutations.ts';

/** Settings of automatic tests. */
export function useProbing() {
  const { queries } = useConsole();
  return useQuery(queries.ports.probing.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useSetProbing() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.ports.setProbing.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.ports.probing.key() }),
    }),
  );
}

/** Sets when the console connects to appliances. */
export function useSetConnect() {
  const { queries } = useConsole();
  const reread = useRereadFleet();
  return useMutation(
    queries.appliances.setConnect.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: reread,
    }),
  );
}

/** The limits of links, with how many there are. */
export function useLinkLimits() {
  const { queries } = useConsole();
  return useQuery(
    queries.appliances.linkLimits.queryOptions({ input: {}, staleTime: 1000, refetchInterval: 5 * secondMs }),
  );
}

export function useSetLinkLimits() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.appliances.setLinkLimits.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.appliances.linkLimits.key() }),
    }),
  );
}
