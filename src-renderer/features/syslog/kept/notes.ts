import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ConsoleClient } from '../../../rpc/client.tsx';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { notify } from '../../../ui/feedback/notify.ts';

/** Saved filters, bookmarks and the last look. */
export function useNotes() {
  const { queries } = useConsole();
  return useQuery(queries.logs.notes.queryOptions({ input: {}, staleTime: 1000 }));
}

/** Changes notes, and reads them again. */
export function useChangeNotes() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: (logs: ConsoleClient['logs']) => Promise<unknown>) => change(client.logs),
    onError: (thrown) => notify({ title: toErrorData(thrown).message, tone: 'bad' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.logs.notes.key() }),
  });
}
