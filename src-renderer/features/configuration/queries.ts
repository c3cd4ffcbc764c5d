import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { useConsole } from '../../rpc/client.tsx';
import { discardDraft, useDrafts } from './draft.ts';

/** The present configuration, or a kept version of it. Each reading runs a command on the appliance. */
export function useConfiguration(applianceId: string, version: number | null = null) {
  const { queries } = useConsole();
  return useQuery(
    queries.configuration.show.queryOptions({
      input: { applianceId, version },
      staleTime: version === null ? minuteMs : Infinity,
      refetchOnWindowFocus: false,
      retry: false,
    }),
  );
}

export function useCheckConfiguration() {
  const { queries } = useConsole();
  return useMutation(
    queries.configuration.check.mutationOptions({ gcTime: 0, meta: { errorShown: 'in-place' } }),
  );
}

/** Options of a change. After it, also if it failed, the appliance is read again. */
function useChangeOptions() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return {
    gcTime: 0,
    meta: { errorShown: 'in-place' },
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.configuration.show.key() }),
  } as const;
}

/** Applies a draft, and discards it once the appliance has its content. Also if the page was left. */
export function useApplyConfiguration() {
  const { queries } = useConsole();
  const options = useChangeOptions();
  return useMutation(
    queries.configuration.apply.mutationOptions({
      ...options,
      onSuccess: ({ output: { outcome }, readBack }, { applianceId, text }) => {
        const isThere = outcome === 'unchanged' || (outcome === 'applied' && readBack === 'same');
        if (isThere && useDrafts.getState()[applianceId]?.text === text) discardDraft(applianceId);
      },
    }),
  );
}

export function useRollBackConfiguration() {
  const { queries } = useConsole();
  return useMutation(queries.configuration.rollBack.mutationOptions(useChangeOptions()));
}
