import { useMutation, useQuery } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** The vault's state. Read again when the console reports a change. */
export function useVault() {
  const { queries } = useConsole();
  return useQuery(queries.secrets.vault.queryOptions({ input: {}, staleTime: Infinity })).data?.vault;
}

export function useLockVault() {
  const { queries } = useConsole();
  return useMutation(queries.secrets.lock.mutationOptions());
}
