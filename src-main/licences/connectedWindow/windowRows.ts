import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import {
  windowSecondsSchema,
  windowViewSchema,
  type WindowView,
} from '../../../src-shared/model/licence/connectedWindow.ts';
import { licenceShowOutputSchema } from '../../../src-shared/model/licence/licence.ts';
import { isProcessAlive } from '../../../src-shared/node/isProcessAlive.ts';
import type { Store } from '../../store/store.ts';

/** A window of a live console has ended by its time limit and this time, even if another program has its process ID. */
const maxAfterLimitMs = 5 * minuteMs;

const storedSchema = z.object({
  view: windowViewSchema,
  seconds: windowSecondsSchema,
  /** The licence before it was opened. Null until it was read. */
  before: licenceShowOutputSchema.nullable(),
});
type StoredWindow = z.infer<typeof storedSchema>;

/** `interrupted`: its console has ended, and the appliance was not asked yet what became of it. */
export type WindowState = 'open' | 'interrupted' | 'settled';
export type WindowRow = StoredWindow & { applianceId: string; state: WindowState; isMine: boolean };

/** The stored windows: those that are open in any console of this data folder, and those whose console has ended. */
export function createWindowRows({ store, clock }: { store: Store; clock: () => number }) {
  const { query } = store;
  const owner = randomUUID();
  const ownerPid = process.pid;

  function list(): (WindowRow & { owner: string; isOwnerGone: boolean })[] {
    return store.all(query.selectFrom('connectedWindow').selectAll()).flatMap((row) => {
      const { data } = storedSchema.safeParse(JSON.parse(row.windowJson));
      if (data === undefined) return [];
      const isMine = row.owner === owner;
      const endsAt = Date.parse(data.view.startedAt) + data.seconds * secondMs + maxAfterLimitMs;
      // A restarted console may have the process ID of the one before.
      const isLive = row.ownerPid !== ownerPid && isProcessAlive(row.ownerPid);
      const isOwnerGone = !isMine && (!isLive || clock() > endsAt);
      return [
        { ...data, applianceId: row.applianceId, owner: row.owner, state: row.state, isMine, isOwnerGone },
      ];
    });
  }

  function save(applianceId: string, state: WindowState, window: StoredWindow): void {
    const windowJson = JSON.stringify(storedSchema.parse(window));
    store.writeDurably(() =>
      store.run(
        query.replaceInto('connectedWindow').values({ applianceId, owner, ownerPid, state, windowJson }),
      ),
    );
  }

  return {
    save,
    find: (applianceId: string): WindowRow | undefined =>
      list().find((row) => row.applianceId === applianceId),
    /** Another console's window that is open now. */
    findForeign: (applianceId: string): WindowView | null =>
      list().find(
        (row) => row.applianceId === applianceId && row.state === 'open' && !row.isMine && !row.isOwnerGone,
      )?.view ?? null,
    /** Takes over the windows whose console has ended and that are not settled. No other console takes them too. */
    takeOver: (): WindowRow[] =>
      list().filter(
        (row) =>
          row.state !== 'settled' &&
          row.isOwnerGone &&
          store.writeDurably(() =>
            store.run(
              query
                .updateTable('connectedWindow')
                .set({ owner, ownerPid })
                .where('applianceId', '=', row.applianceId)
                .where('owner', '=', row.owner),
            ),
          ) > 0,
      ),
    /** Forgets a window of this console that has ended. */
    remove: (applianceId: string): void => {
      store.writeDurably(() =>
        store.run(
          query
            .deleteFrom('connectedWindow')
            .where('applianceId', '=', applianceId)
            .where('owner', '=', owner),
        ),
      );
    },
  };
}
export type WindowRows = ReturnType<typeof createWindowRows>;
