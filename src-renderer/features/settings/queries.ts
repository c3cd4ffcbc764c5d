import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

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
