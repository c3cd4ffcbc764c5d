import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { AuditChip } from '../../../src-shared/model/audit/auditEvents.ts';
import { useConsole } from '../../rpc/client.tsx';

const pageSize = 200;

/** The actions, newest first. Older pages are loaded on demand. */
export function useAuditTrail({ query, chip }: { query: string; chip: AuditChip | null }) {
  const { queries } = useConsole();
  return useInfiniteQuery(
    queries.audit.actions.infiniteOptions({
      input: (before: number | null) => ({ before, limit: pageSize, query, chip }),
      initialPageParam: null,
      getNextPageParam: (page) =>
        page.actions.length < pageSize ? undefined : (page.actions.at(-1)?.start.seq ?? undefined),
      placeholderData: keepPreviousData,
    }),
  );
}

/** The number of records and the hash of the last one. A second person can write them down as proof. */
export function useAuditHead() {
  const { queries } = useConsole();
  return useQuery(
    queries.audit.actions.queryOptions({
      input: { before: null, limit: 1, query: '', chip: null },
      select: ({ count, head }) => ({ count, head }),
    }),
  );
}

export function useVerifyAudit() {
  const { queries } = useConsole();
  return useMutation({ mutationFn: () => queries.audit.verify.call({}) });
}
