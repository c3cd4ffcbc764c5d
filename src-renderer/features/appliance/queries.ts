import { useQuery } from '@tanstack/react-query';
import { useConsole } from '../../rpc/client.tsx';

/** Pinned keys of all hops, and what the login tried. */
export function useExplanation(id: string) {
  const { queries } = useConsole();
  return useQuery(queries.appliances.explain.queryOptions({ input: { id } }));
}

/** Questions that only the person in front can answer. */
export function usePrompts() {
  const { queries } = useConsole();
  return useQuery(queries.appliances.prompts.queryOptions({ input: {} }));
}
