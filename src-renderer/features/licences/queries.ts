import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TripView } from '../../../src-shared/model/licence/trip.ts';
import { useConsole } from '../../rpc/client.tsx';

/** All renewals: open ones first. */
export function useTrips() {
  const { queries } = useConsole();
  return useQuery(queries.licences.trips.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useTrip(tripId: string) {
  const { queries } = useConsole();
  return useQuery(queries.licences.trip.queryOptions({ input: { tripId }, staleTime: 1000 }));
}

/** Stores the new state of a trip, so that the page shows it before the list is read again. */
function useTripChanged() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return {
    // The step shows the error beside its cause.
    meta: { errorShown: 'in-place' },
    onSuccess: ({ view }: { view: TripView }) => {
      queryClient.setQueryData(queries.licences.trip.queryKey({ input: { tripId: view.trip.id } }), { view });
      return queryClient.invalidateQueries({ queryKey: queries.licences.trips.key() });
    },
  };
}

export function useOpenTrip() {
  const { queries } = useConsole();
  return useMutation(queries.licences.openTrip.mutationOptions(useTripChanged()));
}

export function useImportTrip() {
  const { queries } = useConsole();
  return useMutation(queries.licences.importTrip.mutationOptions(useTripChanged()));
}

/** Everything that a trip's page can do. */
export function useTripActions() {
  const { queries } = useConsole();
  const changed = useTripChanged();
  const { licences } = queries;
  return {
    markCarried: useMutation(licences.markCarried.mutationOptions(changed)),
    readAnswer: useMutation(licences.readAnswer.mutationOptions(changed)),
    rejectAnswer: useMutation(licences.rejectAnswer.mutationOptions(changed)),
    acknowledgeLoss: useMutation(licences.acknowledgeLoss.mutationOptions(changed)),
    dryRun: useMutation(licences.dryRun.mutationOptions(changed)),
    apply: useMutation(licences.apply.mutationOptions(changed)),
    settle: useMutation(licences.settle.mutationOptions(changed)),
    markReceiptCarried: useMutation(licences.markReceiptCarried.mutationOptions(changed)),
    cancelTrip: useMutation(licences.cancelTrip.mutationOptions(changed)),
    exportTrip: useMutation(licences.exportTrip.mutationOptions()),
  };
}
export type TripActions = ReturnType<typeof useTripActions>;

/** The settings of the calendar. */
export function useCalendarSettings() {
  const { queries } = useConsole();
  return useQuery(queries.licences.calendar.queryOptions({ input: {}, staleTime: 1000 }));
}

/** What people do to the calendar of a licence. The stream of changes then brings its new dates. */
export function useCalendarActions() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  const inPlace = { meta: { errorShown: 'in-place' } } as const;
  const changed = {
    ...inPlace,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.licences.calendar.key() }),
  };
  const { licences } = queries;
  return {
    snooze: useMutation(licences.snooze.mutationOptions(inPlace)),
    endSnooze: useMutation(licences.endSnooze.mutationOptions()),
    markStep: useMutation(licences.markStep.mutationOptions(inPlace)),
    setLeadTimes: useMutation(licences.setLeadTimes.mutationOptions(changed)),
    setReminders: useMutation(licences.setReminders.mutationOptions(changed)),
  };
}
