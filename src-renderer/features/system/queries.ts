import { useQuery } from '@tanstack/react-query';
import { hasRole, type Role } from '../../../src-shared/contract/procedure.ts';
import { useConsole } from '../../rpc/client.tsx';

/** Who is at the console, which version, which host. Does not change while it runs. */
export function useAbout() {
  const { queries } = useConsole();
  return useQuery(queries.system.about.queryOptions({ input: {}, staleTime: Infinity }));
}

/** Whether the operator may do what needs `role`. Until that is known, yes: the console decides at each call anyway. */
export function useMay(role: Role): boolean {
  const held = useAbout().data?.role;
  return held === undefined || hasRole(held, role);
}
