import { keepPreviousData, type QueryClient, useQuery } from '@tanstack/react-query';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { type ConsoleAccess, useConsole } from '../../rpc/client.tsx';

/** All appliances. Read once per connection; the watch stream keeps them up to date. */
export function useFleet() {
  const { queries } = useConsole();
  return useQuery(queries.fleet.overview.queryOptions({ input: {}, staleTime: Infinity }));
}

export function useApplianceByName(name: string) {
  const { queries } = useConsole();
  return useQuery(
    queries.fleet.overview.queryOptions({
      input: {},
      staleTime: Infinity,
      select: ({ appliances }) => appliances.find((view) => view.entry.name === name) ?? null,
    }),
  );
}

/** The query of all appliances, without the other data of the overview. */
export function useApplianceList() {
  const { queries } = useConsole();
  return useQuery(
    queries.fleet.overview.queryOptions({
      input: {},
      staleTime: Infinity,
      select: ({ appliances }) => appliances,
    }),
  );
}

/** The appliances whose logs can be followed. Stays the same object unless one of these fields changes. */
export function useLogSources() {
  const { queries } = useConsole();
  return useQuery(
    queries.fleet.overview.queryOptions({
      input: {},
      staleTime: Infinity,
      select: ({ appliances }) =>
        appliances.map(({ entry: { id, name }, link }) => ({
          id,
          name,
          isConnected: link.state === 'connected',
        })),
    }),
  );
}
export type LogSource = NonNullable<ReturnType<typeof useLogSources>['data']>[number];

const noAppliances: readonly ApplianceView[] = [];

/** The last known appliances; empty before the first answer. */
export function useAppliances(): readonly ApplianceView[] {
  return useFleet().data?.appliances ?? noAppliances;
}

/** Why tenants of the appliance, or of any appliance, can't be changed; null if they can. */
export function useLockReason(applianceId: string | null): string | null {
  const appliances = useAppliances();
  const entry = appliances.find((view) => view.entry.id === applianceId)?.entry;
  if (entry?.locked === true) return `${entry.name} is read-only. An admin can unlock it on its page.`;
  const areAllLocked = appliances.length > 0 && appliances.every((view) => view.entry.locked);
  return applianceId === null && areAllLocked
    ? 'Every appliance is read-only. An admin can unlock one on its page.'
    : null;
}

/**
 * The last known tenants with their keys and ports, of one appliance or of all. Much larger than the list of
 * rows.
 */
export function useTenants({
  applianceId,
  enabled = true,
}: {
  applianceId: string | null;
  enabled?: boolean;
}) {
  const { queries } = useConsole();
  return useQuery(
    queries.tenants.list.queryOptions({
      input: { applianceId },
      enabled,
      placeholderData: keepPreviousData,
      staleTime: 1000,
    }),
  );
}

/** Merges changed appliances into the cached list, sorted by name. */
export function patchFleet({
  queryClient,
  queries,
  changed,
  removed,
}: {
  queryClient: QueryClient;
  queries: ConsoleAccess['queries'];
  changed: readonly ApplianceView[];
  removed: readonly string[];
}): void {
  queryClient.setQueryData(queries.fleet.overview.queryKey({ input: {} }), (current) => {
    if (current === undefined) return current;
    const byId = new Map(current.appliances.map((view) => [view.entry.id, view]));
    for (const view of changed) byId.set(view.entry.id, view);
    for (const id of removed) byId.delete(id);
    return { appliances: [...byId.values()].sort((a, b) => a.entry.name.localeCompare(b.entry.name)) };
  });
}
