import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { secondMs } from '../../../../../src-shared/base/time.ts';
import { type ConsoleClient, useConsole } from '../../../../rpc/client.tsx';

/** The watch rules, each with what it raised last. Read again while they are shown. */
export function useWatchRules() {
  const { queries } = useConsole();
  return useQuery(
    queries.logWatch.rules.queryOptions({
      input: {},
      refetchInterval: 5 * secondMs,
      select: ({ rules }) => rules,
    }),
  );
}

/** Changes rules, and reads them again. */
export function useChangeRules() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: (rules: ConsoleClient['logWatch']) => Promise<unknown>) => change(client.logWatch),
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.logWatch.rules.key() }),
  });
}
