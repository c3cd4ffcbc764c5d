import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RunView } from '../../../src-shared/model/fanOut/fleetRun.ts';
import { useConsole } from '../../rpc/client.tsx';

export const isActive = ({ state }: Pick<RunView, 'state'>): boolean =>
  state === 'running' || state === 'rolling-back';

/** A run. The fleet's watch reads it again when it has changed. */
export function useRun(number: number) {
  const { queries } = useConsole();
  return useQuery(queries.fanOut.get.queryOptions({ input: { number }, select: ({ run }) => run }));
}

export function useRuns() {
  const { queries } = useConsole();
  return useQuery(queries.fanOut.list.queryOptions({ input: {}, select: ({ runs }) => runs }));
}

/** The output of one appliance beside that of most. `version` changes when it may have changed. */
export function useOutput(number: number, applianceId: string, version: string) {
  const { queries } = useConsole();
  const input = { number, applianceId };
  return useQuery({
    ...queries.fanOut.output.queryOptions({ input }),
    queryKey: [...queries.fanOut.output.queryKey({ input }), version],
  });
}

const inPlace = { meta: { errorShown: 'in-place' }, gcTime: 0 } as const;

export function usePrepare() {
  const { queries } = useConsole();
  return useMutation(queries.fanOut.prepare.mutationOptions(inPlace));
}

export function usePrepareRest() {
  const { queries } = useConsole();
  return useMutation(queries.fanOut.prepareRest.mutationOptions(inPlace));
}

/** Options of a call that changes a run: it is read again at once. */
function useChangeOptions() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return {
    ...inPlace,
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.fanOut.key() }),
  };
}

export function useStart() {
  const { queries } = useConsole();
  return useMutation(queries.fanOut.start.mutationOptions(useChangeOptions()));
}

export function useStop() {
  const { queries } = useConsole();
  return useMutation(queries.fanOut.stop.mutationOptions(useChangeOptions()));
}

export function useRollBack() {
  const { queries } = useConsole();
  return useMutation(queries.fanOut.rollBack.mutationOptions(useChangeOptions()));
}
