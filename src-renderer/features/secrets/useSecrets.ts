import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ConsoleClient, useConsole } from '../../rpc/client.tsx';

/** The named credentials with their users. */
export function useCredentials() {
  const { queries } = useConsole();
  return useQuery(queries.secrets.credentials.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useSecretSettings() {
  const { queries } = useConsole();
  return useQuery(queries.secrets.settings.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useSetSecretSettings() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.secrets.setSettings.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.secrets.key() }),
    }),
  );
}

/**
 * Changes the vault or its credentials, and reads them again. What was typed is in the function only, so that the page keeps
 * no copy of a secret.
 */
export function useChangeSecrets() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  const change = useMutation({
    meta: { errorShown: 'in-place' },
    gcTime: 0,
    mutationFn: (work: (secrets: ConsoleClient['secrets']) => Promise<unknown>) => work(client.secrets),
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.secrets.key() }),
  });
  const { mutate, reset } = change;
  return {
    error: change.error,
    isPending: change.isPending,
    change: (
      work: (secrets: ConsoleClient['secrets']) => Promise<unknown>,
      { onDone }: { onDone?: () => void } = {},
    ) =>
      mutate(work, {
        onSuccess: () => {
          reset();
          onDone?.();
        },
      }),
  };
}
