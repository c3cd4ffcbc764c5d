import { useQuery } from '@tanstack/react-query';
import { hasRole, type Role } from '../../../src-shared/contract/procedure.ts';
import { useConsole } from '../../rpc/client.tsx';

/** The operator, the version and the host of the console. Constant while it runs. */
export function useConsoleInfo() {
  const { queries } = useConsole();
  return useQuery(queries.system.about.queryOptions({ input: {}, staleTime: Infinity }));
}

/** The managed policy of this computer. */
export function usePolicy() {
  const { queries } = useConsole();
  return useQuery(queries.system.policy.queryOptions({ input: {}, staleTime: Infinity }));
}

/** The appliances to which this computer lends its network now, each to one host and port. */
export function useOpenWindows() {
  const { queries } = useConsole();
  return useQuery(queries.connectedWindow.listOpen.queryOptions({ input: {}, staleTime: 1000 })).data
    ?.windows;
}

/**
 * Whether the operator's role allows what `role` may do. True until known, because the console checks each call anyway.
 */
export function useMay(role: Role): boolean {
  const held = useConsoleInfo().data?.role;
  return held === undefined || hasRole(held, role);
}
