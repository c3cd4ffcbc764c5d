import { AppError } from '../../../src-shared/errors.ts';
import { destinationSchema, type Destination } from '../../../src-shared/model/syslog/forward/destination.ts';
import type { Store } from '../../store/store.ts';

/** Lines of one file that are to be sent next, by number: from `from` to before `to`. */
export type SentRange = {
  applianceId: string;
  source: string;
  to: number;
  sent: number;
  missed: number;
  refused: number;
};

export type DestinationCounts = { sent: number; missed: number; refused: number };

/** Reads and writes destinations and their positions. */
export function createDestinationRows({ store }: { store: Store }) {
  const { query } = store;
  const table = 'logDestination' as const;

  return {
    /** Leaves out destinations that this version does not know. */
    list: (): (DestinationCounts & { destination: Destination })[] =>
      store.all(query.selectFrom(table).selectAll().orderBy('name')).flatMap((row) => {
        const destination = destinationSchema.safeParse(JSON.parse(row.destinationJson)).data;
        const { sent, missed, refused } = row;
        return destination === undefined ? [] : [{ destination, sent, missed, refused }];
      }),
    /** Adds a destination with the positions from which it begins. Throws ALREADY_EXISTS. */
    add: (
      destination: Destination,
      positions: readonly { applianceId: string; source: string; nextLine: number }[],
    ): void =>
      store.write(() => {
        const { id, name } = destination;
        const known = store.first(query.selectFrom(table).select('id').where('name', '=', name));
        if (known !== undefined)
          throw new AppError(
            'ALREADY_EXISTS',
            `There is a destination named ${JSON.stringify(name)} already.`,
          );
        const destinationJson = JSON.stringify(destination);
        store.run(
          query.insertInto(table).values({ id, name, destinationJson, sent: 0, missed: 0, refused: 0 }),
        );
        for (const position of positions)
          store.run(query.insertInto('logPosition').values({ destinationId: id, ...position }));
      }),
    remove: (id: string): void => {
      store.run(query.deleteFrom(table).where('id', '=', id));
    },
    has: (id: string): boolean =>
      store.first(query.selectFrom(table).select('id').where('id', '=', id)) !== undefined,
    /** The next line of each file of an appliance, by the file's ID. */
    positions: (destinationId: string, applianceId: string): Map<string, number> => {
      const rows = store.all(
        query
          .selectFrom('logPosition')
          .select(['source', 'nextLine'])
          .where('destinationId', '=', destinationId)
          .where('applianceId', '=', applianceId),
      );
      return new Map(rows.map(({ source, nextLine }) => [source, nextLine]));
    },
    /** Records what a destination has, in one transaction. */
    advance: (destinationId: string, { applianceId, source, to, sent, missed, refused }: SentRange): void =>
      store.write(() => {
        store.run(
          query.replaceInto('logPosition').values({ destinationId, applianceId, source, nextLine: to }),
        );
        store.run(
          query
            .updateTable(table)
            .set((each) => ({
              sent: each('sent', '+', sent),
              missed: each('missed', '+', missed),
              refused: each('refused', '+', refused),
            }))
            .where('id', '=', destinationId),
        );
      }),
  };
}

export type DestinationRows = ReturnType<typeof createDestinationRows>;
