import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Probes one tunnel, one tenant's or all of an appliance's, and reads what is shown of them again. */
export function useProbe() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.ports.probe.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: async () => {
        await Promise.all([
          queryClient.invalidateQueries({ queryKey: queries.ports.detail.key() }),
          queryClient.invalidateQueries({ queryKey: queries.ports.list.key() }),
        ]);
      },
    }),
  );
}
