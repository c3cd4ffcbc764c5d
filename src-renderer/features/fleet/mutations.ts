import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { useConsole } from '../../rpc/client.tsx';
import { openApplianceDialog } from '../../state/viewState.ts';

/** Polls one appliance, or all, immediately. */
export function useRefresh() {
  const { queries } = useConsole();
  return useMutation(queries.fleet.refresh.mutationOptions());
}

/** Reads the overview and the entries again after an entry changed. */
export function useRereadFleet() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: queries.fleet.overview.key() }),
      queryClient.invalidateQueries({ queryKey: queries.appliances.key() }),
    ]);
}

export function useSetLock() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.setLock.mutationOptions({ onSuccess: useRereadFleet() }));
}

/** What an admin can do with an appliance from its page and from its row. */
export function entryActions(
  { id, name, locked }: Pick<ApplianceEntry, 'id' | 'name' | 'locked'>,
  setLock: (change: { id: string; locked: boolean }) => void,
): { text: string; run: () => void }[] {
  return [
    {
      text: locked ? `Unlock ${name}` : `Make ${name} read-only`,
      run: () => setLock({ id, locked: !locked }),
    },
    { text: `Duplicate ${name}…`, run: () => openApplianceDialog({ kind: 'add', from: id }) },
  ];
}
