import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Mutations whose caller shows the error itself, beside what caused it. */
const shownInPlace = { errorShown: 'in-place' } as const;

function useReread() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: queries.fleet.overview.key() }),
      queryClient.invalidateQueries({ queryKey: queries.appliances.key() }),
    ]);
}

export function useAddAppliance() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.add.mutationOptions({ meta: shownInPlace, onSuccess: useReread() }));
}

export function useEditAppliance() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.edit.mutationOptions({ meta: shownInPlace, onSuccess: useReread() }));
}

export function useRemoveAppliance() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.remove.mutationOptions({ meta: shownInPlace, onSuccess: useReread() }),
  );
}

export function useScanHostKey() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.scanHostKey.mutationOptions({ meta: shownInPlace }));
}

export function useConnect() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.connect.mutationOptions());
}

export function useDisconnect() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.disconnect.mutationOptions());
}

export function useAcceptHostKey() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.acceptHostKey.mutationOptions({ meta: shownInPlace, onSuccess: useReread() }),
  );
}

export function useReplaceHostKey() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.replaceHostKey.mutationOptions({ meta: shownInPlace, onSuccess: useReread() }),
  );
}

export function useAnswerPrompt() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.answerPrompt.mutationOptions({
      meta: shownInPlace,
      onSuccess: useReread(),
      gcTime: 0,
    }),
  );
}

export function useDismissPrompt() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.dismissPrompt.mutationOptions({ onSuccess: useReread() }));
}
