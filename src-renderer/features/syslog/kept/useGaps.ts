import { useQuery } from '@tanstack/react-query';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { useConsole } from '../../../rpc/client.tsx';

const noGaps: readonly KeptGap[] = [];

/** Where lines of these appliances are missing, within a time. Read again while the page is open. */
export function useGaps(
  applianceIds: readonly string[],
  { from, to }: { from: number | null; to: number | null },
): readonly KeptGap[] {
  const { queries } = useConsole();
  const { data } = useQuery(
    queries.logs.gaps.queryOptions({
      input: { applianceIds: [...applianceIds] },
      enabled: applianceIds.length > 0,
      refetchInterval: 10 * secondMs,
      select: ({ gaps }) =>
        gaps.filter(({ key }) => (from ?? key.sort) <= key.sort && key.sort <= (to ?? key.sort)),
    }),
  );
  return data ?? noGaps;
}
