import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { WindowView } from '../../../../src-shared/model/licence/connectedWindow.ts';
import { useConsole } from '../../../rpc/client.tsx';

/** How often an open window is read again, for its bytes. */
const refreshMs = 500;

/** The plan and the last window of an appliance, and what can be done with them. */
export function useConnectedWindow(applianceId: string) {
  const { connectedWindow, licences } = useConsole().queries;
  const queryClient = useQueryClient();
  const input = { applianceId };
  const changed = {
    // The dialog shows the error beside its cause.
    meta: { errorShown: 'in-place' },
    onSuccess: (output: { window: WindowView }) => {
      queryClient.setQueryData(connectedWindow.current.queryKey({ input }), output);
      return queryClient.invalidateQueries({ queryKey: licences.trips.key() });
    },
  };
  return {
    plan: useQuery(connectedWindow.plan.queryOptions({ input, staleTime: 0, retry: false })),
    current: useQuery(
      connectedWindow.current.queryOptions({
        input,
        staleTime: 0,
        refetchInterval: ({ state }) => (state.data?.window?.finished === null ? refreshMs : false),
      }),
    ),
    open: useMutation(connectedWindow.open.mutationOptions(changed)),
    cancel: useMutation(connectedWindow.cancel.mutationOptions(changed)),
  };
}
