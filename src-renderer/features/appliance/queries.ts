import { useQuery } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** The pinned keys of all hops and the steps of the last login. */
export function useExplanation(id: string) {
  const { queries } = useConsole();
  return useQuery(queries.appliances.explain.queryOptions({ input: { id } }));
}

/** Open prompts for passwords and other secrets. */
export function usePrompts() {
  const { queries } = useConsole();
  return useQuery(queries.appliances.prompts.queryOptions({ input: {} }));
}
