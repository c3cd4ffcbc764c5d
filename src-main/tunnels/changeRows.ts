import { z } from 'zod';
import { toneSchema } from '../../src-shared/model/tunnels/tone.ts';
import { tunnelCodes, tunnelCodeSchema } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { provesSession, type TunnelChange } from '../../src-shared/model/tunnels/tunnelHistory.ts';
import type { TunnelChangeTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { PlacedChange } from './knownStates.ts';
import { placeKey, type TunnelRef } from './tunnelRef.ts';

/** SQLite allows 32,766 values per statement, and a change has eight. */
const rowsAtOnce = 2_000;

const codesOfSession = Object.keys(tunnelCodes).filter((code) => provesSession(tunnelCodeSchema.parse(code)));

const stateSchema = z.object({ tone: toneSchema, code: tunnelCodeSchema });
type Row = Omit<TunnelChangeTable, 'applianceId'>;

/** Converts a row to a change. Leaves out codes that this version does not know. */
function parseChange(row: Row): PlacedChange[] {
  const state = stateSchema.safeParse(row).data;
  if (state === undefined) return [];
  return [
    {
      ...state,
      clientId: row.clientId,
      port: row.port,
      atMs: row.atMs,
      reason: row.reason,
      dropped: row.dropped === 1,
    },
  ];
}

function toRow({ clientId, port, atMs, tone, code, reason, dropped }: PlacedChange) {
  return { clientId, port, atMs, tone, code, reason, dropped: dropped ? 1 : 0 };
}

/**
 * Reads and writes the stored changes of tunnels. Every method throws STORE_FAILED if the database fails.
 */
export function createChangeRows({ store }: { store: Store }) {
  const { query } = store;

  return {
    /** Whether a console has seen a session of the tenant after `sinceMs`. */
    hadSession: ({ applianceId, clientId }: Omit<TunnelRef, 'port'>, sinceMs: number): boolean =>
      store.first(
        query
          .selectFrom('tunnelChange')
          .select('atMs')
          .where((expression) => expression.and({ applianceId, clientId }))
          .where('atMs', '>=', sinceMs)
          .where('code', 'in', codesOfSession)
          .limit(1),
      ) !== undefined,

    /** Adds changes of tunnels of one appliance. */
    insert: (applianceId: string, changes: readonly PlacedChange[]): void => {
      for (let at = 0; at < changes.length; at += rowsAtOnce)
        store.run(
          query
            .insertInto('tunnelChange')
            .values(changes.slice(at, at + rowsAtOnce).map((change) => ({ applianceId, ...toRow(change) }))),
        );
    },

    /** Removes the drop flag of a change, because a later change contains the reason of the same drop. */
    unmarkDrop: ({ applianceId, clientId, port }: TunnelRef, atMs: number): void => {
      store.run(
        query
          .updateTable('tunnelChange')
          .set({ dropped: 0 })
          .where((expression) => expression.and({ applianceId, clientId, port, atMs })),
      );
    },

    /** Replaces the state that began at `change.atMs`, because a later answer shows what it was. */
    replaceState: ({ applianceId, clientId, port }: TunnelRef, change: TunnelChange): void => {
      const { atMs, tone, code, reason, dropped } = change;
      store.run(
        query
          .updateTable('tunnelChange')
          .set({ tone, code, reason, dropped: dropped ? 1 : 0 })
          .where((expression) => expression.and({ applianceId, clientId, port, atMs })),
      );
    },

    /**
     * The changes since `sinceMs`, and the last change of each tunnel before that. Grouped by tunnel, oldest
     * first.
     */
    listSince: (applianceId: string, place: Partial<TunnelRef>, sinceMs: number): PlacedChange[] => {
      const { clientId, port } = place;
      const ofPlace = query
        .selectFrom('tunnelChange')
        .where('applianceId', '=', applianceId)
        .$if(clientId !== undefined, (build) => build.where('clientId', '=', clientId ?? ''))
        .$if(port !== undefined, (build) => build.where('port', '=', port ?? 0));
      // With max(), SQLite takes the other columns from the row that has the maximum.
      const before = ofPlace
        .select((expression) => [
          'clientId',
          'port',
          expression.fn.max('atMs').as('atMs'),
          'tone',
          'code',
          'reason',
          'dropped',
        ])
        .where('atMs', '<', sinceMs)
        .groupBy(['clientId', 'port']);
      const since = ofPlace
        .select(['clientId', 'port', 'atMs', 'tone', 'code', 'reason', 'dropped'])
        .where('atMs', '>=', sinceMs);
      const rows = [...store.all(before), ...store.all(since.orderBy('atMs'))];
      return [...Map.groupBy(rows, placeKey).values()].flat().flatMap(parseChange);
    },

    /** The last drop of each tunnel of an appliance. The keys are from `placeKey`. */
    lastDrops: (applianceId: string): Map<string, { atMs: number; reason: string }> =>
      new Map(
        store
          .all(
            query
              .selectFrom('tunnelChange')
              .select((expression) => ['clientId', 'port', 'reason', expression.fn.max('atMs').as('atMs')])
              .where('applianceId', '=', applianceId)
              .where('dropped', '=', 1)
              .groupBy(['clientId', 'port']),
          )
          .map((row) => [placeKey(row), { atMs: row.atMs, reason: row.reason }]),
      ),

    /**
     * The number of drops of each tunnel of an appliance since `sinceMs`. The keys are from `placeKey`.
     */
    dropsSince: (applianceId: string, sinceMs: number): Map<string, number> =>
      new Map(
        store
          .all(
            query
              .selectFrom('tunnelChange')
              .select((expression) => ['clientId', 'port', expression.fn.countAll<number>().as('drops')])
              .where('applianceId', '=', applianceId)
              .where('dropped', '=', 1)
              .where('atMs', '>=', sinceMs)
              .groupBy(['clientId', 'port']),
          )
          .map((row) => [placeKey(row), row.drops]),
      ),
  };
}
