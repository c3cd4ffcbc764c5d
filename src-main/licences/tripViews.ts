import { summarizeTrip, buildTripView, type SeenTunnel } from './tripView.ts';
import type { TripSummary, TripView } from '../../src-shared/model/licence/trip.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { StoredTrip, TripStore } from './tripStore.ts';

/** Builds the views of trips with what the console knows of their appliances. */
export function createTripViews(options: {
  trips: TripStore;
  inventory: Pick<Inventory, 'list'>;
  fleet: Pick<Fleet, 'known'>;
  /** The tunnels of an appliance as the console last saw them. */
  tunnelsOf: (entryId: string) => readonly SeenTunnel[];
  clock: () => number;
}) {
  const { trips, inventory, fleet, tunnelsOf, clock } = options;

  const identityOf = (id: string) => fleet.known(id).status?.value.identity.id;

  /** The entry of the appliance: the one whose identity it is, or the one that made the request. */
  function findEntryId({ trip, entryId }: StoredTrip): string | null {
    const entries = inventory.list();
    const own = entries.find(({ id }) => id === entryId);
    const known = own === undefined ? undefined : identityOf(own.id);
    if (own !== undefined && (known === undefined || known === trip.applianceId)) return own.id;
    return entries.find(({ id }) => identityOf(id) === trip.applianceId)?.id ?? null;
  }

  async function build(stored: StoredTrip) {
    const entryId = findEntryId(stored);
    const tunnels = entryId === null || stored.trip.answer === null ? [] : tunnelsOf(entryId);
    return buildTripView({ trip: stored.trip, entryId, tunnels, now: clock() });
  }

  async function viewOf(stored: StoredTrip): Promise<TripView> {
    const { verification: _, ...view } = await build(stored);
    return view;
  }

  return {
    findEntryId,
    /** The view with the licence that was accepted. */
    build,
    viewOf,
    /** Throws NOT_FOUND. */
    view: async (tripId: string): Promise<TripView> => viewOf(trips.get(tripId)),
    list: async (): Promise<TripSummary[]> =>
      (await Promise.all(trips.list().map(viewOf))).map(summarizeTrip),
  };
}
export type TripViews = ReturnType<typeof createTripViews>;
