import { useMutation, useQuery, useQueryClient, keepPreviousData } from '@tanstack/react-query';
import { useConsole } from '../../../rpc/client.tsx';
import { onRequest } from '../queries.ts';
import type { requestOf } from './scenario.ts';

/** The bill before and after a scenario. Each one is rehearsed on the appliance; its hashes are not kept. */
export function useWhatIf(applianceId: string, request: ReturnType<typeof requestOf>) {
  const { queries } = useConsole();
  return useQuery({
    ...queries.usageChanges.whatIf.queryOptions({
      input: { applianceId, ...request },
      select: ({ whatIf }) => whatIf,
      ...onRequest,
    }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

export function useApplications(applianceId: string) {
  const { queries } = useConsole();
  return useQuery(
    queries.usageChanges.applications.queryOptions({
      input: { applianceId },
      select: ({ applications }) => applications,
      ...onRequest,
    }),
  );
}

export const accountsPerPage = 100;

/** Not a query: names of accounts are read on request and kept only while the view shows them. */
export function useReadAccounts(applianceId: string) {
  const { client } = useConsole();
  return useMutation({
    mutationFn: async (choice: {
      application: number | null;
      idleDays: number | null;
      hasNames: boolean;
      skip: number;
    }) => (await client.usageChanges.accounts({ applianceId, ...choice, limit: accountsPerPage })).listed,
    gcTime: 0,
    meta: { errorShown: 'in-place' },
  });
}

/** Plans the undo of an applied card. */
export function usePlanSteps() {
  const { queries } = useConsole();
  return useMutation(
    queries.usageChanges.plan.mutationOptions({ gcTime: 0, meta: { errorShown: 'in-place' } }),
  );
}

/** After a change, also if it failed, the counts are read again. */
export function useApplyChange() {
  const { queries } = useConsole();
  const cache = useQueryClient();
  return useMutation(
    queries.usageChanges.apply.mutationOptions({
      gcTime: 0,
      meta: { errorShown: 'in-place' },
      onSettled: () =>
        Promise.all([
          cache.invalidateQueries({ queryKey: queries.usage.key() }),
          cache.invalidateQueries({ queryKey: queries.usageChanges.key() }),
        ]),
    }),
  );
}

export function useReconcile() {
  const { queries } = useConsole();
  return useMutation(
    queries.usageChanges.reconcile.mutationOptions({ gcTime: 0, meta: { errorShown: 'in-place' } }),
  );
}
