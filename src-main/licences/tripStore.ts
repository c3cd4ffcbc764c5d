import { AppError } from '../../src-shared/errors.ts';
import { tripSchema, type Trip } from '../../src-shared/model/licence/trip.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';

/** Ended trips beyond this number are deleted, the oldest first **[ours]**. */
const maxEndedTrips = 500;

/** A trip and the console's entry of its appliance when it was stored. */
export type StoredTrip = { trip: Trip; entryId: string | null };

type Row = { tripJson: string; entryId: string | null };

/** Stores offline renewals, so that they survive restarts. */
export function createTripStore(options: {
  store: Store;
  changes: ChangeMarks;
  log: Pick<Log, 'error'>;
  /** Called with the console's entry of a changed trip. */
  onChanged?: (entryId: string | null) => void;
}) {
  const { store, changes, log } = options;
  const { query } = store;

  function read(row: Row): StoredTrip | null {
    const trip = tripSchema.safeParse(JSON.parse(row.tripJson));
    if (trip.success) return { trip: trip.data, entryId: row.entryId };
    log.error({ err: trip.error }, 'a stored licence trip can’t be read');
    return null;
  }

  function find(tripId: string): StoredTrip | null {
    const row = store.first(query.selectFrom('licenceTrip').selectAll().where('id', '=', tripId));
    return row === undefined ? null : read(row);
  }

  function get(tripId: string): StoredTrip {
    const found = find(tripId);
    if (found === null) throw new AppError('NOT_FOUND', 'There is no such renewal.', { detail: { tripId } });
    return found;
  }

  function openOf(applianceId: string): StoredTrip | null {
    const row = store.first(
      query
        .selectFrom('licenceTrip')
        .selectAll()
        .where('applianceId', '=', applianceId)
        .where('endedAt', 'is', null),
    );
    return row === undefined ? null : read(row);
  }

  function write({ trip, entryId }: StoredTrip, requestNumber: number | null): void {
    const row = {
      entryId,
      endedAt: trip.ended?.at ?? null,
      tripJson: JSON.stringify(tripSchema.parse(trip)),
    };
    const changed = store.run(query.updateTable('licenceTrip').set(row).where('id', '=', trip.id));
    if (changed > 0) return;
    const { id, applianceId, openedAt } = trip;
    store.run(
      query
        .insertInto('licenceTrip')
        .values({ id, applianceId, openedAt, requestNumber: requestNumber ?? 0, ...row }),
    );
    const old = query
      .selectFrom('licenceTrip')
      .select('id')
      .where('endedAt', 'is not', null)
      .orderBy('endedAt', 'desc')
      .limit(-1)
      .offset(maxEndedTrips);
    store.run(query.deleteFrom('licenceTrip').where('id', 'in', old));
  }

  return {
    /** Open trips first, then ended ones, newest first. */
    list: (): StoredTrip[] =>
      store
        .all(
          query
            .selectFrom('licenceTrip')
            .selectAll()
            .orderBy((build) => build('endedAt', 'is not', null))
            .orderBy('openedAt', 'desc'),
        )
        .flatMap((row) => read(row) ?? []),
    find,
    /** Throws NOT_FOUND. */
    get,
    openOf,
    /** Stores a trip. The appliance's other open trip becomes void, because the appliance answers only one request. */
    add: (added: StoredTrip & { requestNumber: number; at: string; by: string }): void => {
      const { trip, entryId, requestNumber, at, by } = added;
      store.writeDurably(() => {
        const open = openOf(trip.applianceId);
        if (open !== null && open.trip.id !== trip.id && trip.ended === null)
          write({ ...open, trip: { ...open.trip, ended: { at, by, how: 'void' } } }, null);
        write({ trip, entryId }, requestNumber);
      });
      options.onChanged?.(entryId);
      changes.mark({ licences: true });
    },
    /** Changes the stored trip in one transaction, so that no other console’s change is lost. Throws NOT_FOUND. */
    update: (tripId: string, change: (trip: Trip) => Trip): StoredTrip => {
      const after = store.writeDurably(() => {
        const { trip, entryId } = get(tripId);
        const changed = { trip: change(trip), entryId };
        write(changed, null);
        return changed;
      });
      options.onChanged?.(after.entryId);
      changes.mark({ licences: true });
      return after;
    },
  };
}
export type TripStore = ReturnType<typeof createTripStore>;
