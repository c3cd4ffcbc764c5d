import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { createContext, use, type ReactNode } from 'react';
import type { Contract } from '../../src-shared/contract/index.ts';

export type ConsoleClient = ContractRouterClient<Contract>;

/**
 * `client` makes calls, `queries` creates options for react-query. Both have the types of the contract.
 */
export function createConsoleClient(link: ClientLink<ClientContext>) {
  const client: ConsoleClient = createORPCClient(link);
  return { client, queries: createTanstackQueryUtils(client) };
}
export type ConsoleAccess = ReturnType<typeof createConsoleClient>;

const ConsoleContext = createContext<ConsoleAccess | null>(null);

export function ConsoleProvider({ access, children }: { access: ConsoleAccess; children: ReactNode }) {
  return <ConsoleContext value={access}>{children}</ConsoleContext>;
}

export function useConsole(): ConsoleAccess {
  const access = use(ConsoleContext);
  if (access === null) throw new Error('ConsoleProvider is missing above this component');
  return access;
}
