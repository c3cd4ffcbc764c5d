import { useQuery } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Who is at the console, which version, which host. Does not change while it runs. */
export function useAbout() {
  const { queries } = useConsole();
  return useQuery(queries.system.about.queryOptions({ input: {}, staleTime: Infinity }));
}
