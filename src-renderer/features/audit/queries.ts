import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

const pageSize = 200;

/** The audit trail, newest first; older pages are read on demand. */
export function useAuditTrail(query: string) {
  const { queries } = useConsole();
  return useInfiniteQuery(
    queries.audit.list.infiniteOptions({
      input: (before: number | null) => ({ before, limit: pageSize, query }),
      initialPageParam: null,
      getNextPageParam: (page) =>
        page.records.length < pageSize ? undefined : (page.records.at(-1)?.seq ?? undefined),
      placeholderData: keepPreviousData,
    }),
  );
}

/** The number of records and the hash of the last one, which a second person can write down. */
export function useAuditHead() {
  const { queries } = useConsole();
  return useQuery(
    queries.audit.list.queryOptions({
      input: { before: null, limit: 1, query: '' },
      select: ({ total, head }) => ({ total, head }),
    }),
  );
}

export function useVerifyAudit() {
  const { queries } = useConsole();
  return useMutation({ mutationFn: () => queries.audit.verify.call({}) });
}
