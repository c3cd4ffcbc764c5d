import { useMutation } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Polls one appliance, or all, immediately. */
export function useRefresh() {
  const { queries } = useConsole();
  return useMutation(queries.fleet.refresh.mutationOptions());
}
