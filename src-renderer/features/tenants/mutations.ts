import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Tests one tunnel, all of a tenant or all of an appliance, then reads the lists and details again. */
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

/** Measures what the tunnels of a tenant pass. */
export function useMeasureTraffic() {
  const { queries } = useConsole();
  return useMutation(queries.ports.traffic.mutationOptions({ meta: { errorShown: 'in-place' } }));
}
