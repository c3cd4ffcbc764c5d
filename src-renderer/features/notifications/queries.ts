import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Alerts that the console raised, newest first. */
export function useNotifications() {
  const { queries } = useConsole();
  return useQuery(queries.notifications.list.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useMarkSeen() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.notifications.markSeen.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.notifications.list.key() }),
    }),
  );
}

export function useNotificationRules() {
  const { queries } = useConsole();
  return useQuery(queries.notifications.rules.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useSetNotificationRules() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.notifications.setRules.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.notifications.key() }),
    }),
  );
}
