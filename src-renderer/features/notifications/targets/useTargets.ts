import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { type ConsoleClient, useConsole } from '../../../rpc/client.tsx';

/** The targets of notifications with what was sent to each. Read again while they are shown. */
export function useTargets() {
  const { queries } = useConsole();
  return useQuery(queries.notifications.targets.queryOptions({ input: {}, refetchInterval: 5 * secondMs }));
}

/** Adds and removes targets, and reads them again. */
export function useChangeTargets() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation({
    meta: { errorShown: 'in-place' },
    mutationFn: (change: (targets: ConsoleClient['notifications']) => Promise<unknown>) =>
      change(client.notifications),
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.notifications.targets.key() }),
  });
}

/** Sends a test notification to all targets. */
export function useTestTargets() {
  const { queries } = useConsole();
  return useMutation(queries.notifications.testTargets.mutationOptions({ meta: { errorShown: 'in-place' } }));
}
