import { useQuery } from '@tanstack/react-query';
import { secondMs } from '../../../src-shared/base/time.ts';
import { useConsole } from '../../rpc/client.tsx';

/** What the program says about itself. Read again while the page is shown, because links come and go. */
export function useTrust() {
  const { queries } = useConsole();
  return useQuery(queries.system.trust.queryOptions({ input: {}, refetchInterval: 5 * secondMs }));
}

export function useNotices(isWanted: boolean) {
  const { queries } = useConsole();
  return useQuery(queries.system.notices.queryOptions({ input: {}, staleTime: Infinity, enabled: isWanted }));
}
