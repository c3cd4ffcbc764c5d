import { randomUUID } from 'node:crypto';
import { AppError, joinErrors } from '../../src-shared/errors.ts';
import {
  applianceEntrySchema,
  pinnedHostKeySchema,
  type ApplianceEntry,
  type ApplianceInput,
  type PinnedHostKey,
  type SshTarget,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { Store } from '../store/store.ts';
import { isSameAppliance } from './sameAppliance.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';

/** What tells entries apart; `target` null if it is not known yet. */
export type Identity = {
  name: string;
  target: SshTarget | null;
  jumps: readonly SshTarget[];
};

/** A host key to trust at one address. */
export type Pin = { host: string; port: number; key: HostKey };

/** The appliances that the operator entered, and the host keys they trust. Nothing here is a secret. */
export type Inventory = {
  /** Sorted by name; the same array and the same entries until something changes. */
  list: () => readonly ApplianceEntry[];
  /** Throws NOT_FOUND. */
  get: (id: string) => ApplianceEntry;
  find: (name: string) => ApplianceEntry | undefined;
  /** What of an entry to be is taken: ALREADY_EXISTS for its name, ADDRESS_TAKEN for the way to it. */
  taken: (input: Identity) => AppError[];
  /** Throws ALREADY_EXISTS, ADDRESS_TAKEN; HOST_KEY_CHANGED when one of `pins` contradicts a pinned key. */
  add: (input: ApplianceInput, pins: readonly Pin[]) => ApplianceEntry;
  /** Throws as `add` does. */
  edit: (id: string, input: ApplianceInput) => ApplianceEntry;
  /** Also forgets last values, and the host keys that no other entry needs. */
  remove: (id: string) => void;
  pinned: (at: { host: string; port: number }) => PinnedHostKey | null;
  pinnedOf: (entry: ApplianceEntry) => PinnedHostKey[];
  pin: (at: { host: string; port: number }, key: HostKey) => void;
  /** This process or another one changed entries or pins. */
  onChange: (listener: () => void) => () => void;
};

function takenBy(entries: readonly ApplianceEntry[], { name, target, jumps }: Identity): AppError[] {
  const namesake = entries.find((entry) => entry.name === name);
  const same =
    target === null
      ? undefined
      : entries.find((entry) => isSameAppliance(entry, { target, jumps: [...jumps] }));
  return [
    namesake === undefined
      ? null
      : new AppError('ALREADY_EXISTS', `There already is an appliance named ${name}.`, {
          detail: { name },
        }),
    same === undefined
      ? null
      : new AppError(
          'ADDRESS_TAKEN',
          `${same.name} is this appliance already: ${[same.target, ...same.jumps.toReversed()].map(hopNameOf).join(' over ')}.`,
          { detail: { existing: same.name } },
        ),
  ].flatMap((problem) => problem ?? []);
}

function entryOf(entries: readonly ApplianceEntry[], id: string): ApplianceEntry {
  const entry = entries.find((one) => one.id === id);
  if (entry === undefined) throw new AppError('NOT_FOUND', 'There is no such appliance.', { detail: { id } });
  return entry;
}

export function createInventory(options: { store: Store; clock: () => number; operator: string }): Inventory {
  const { store, clock, operator } = options;
  const { query } = store;
  const changes = createEmitter();

  const readEntries = () =>
    store
      .all(query.selectFrom('appliance').select('entryJson').orderBy('name'))
      .map((row) => applianceEntrySchema.parse(JSON.parse(row.entryJson)));
  let kept: readonly ApplianceEntry[] | null = null;
  const list = () => (kept ??= readEntries());

  const find = (name: string) => list().find((entry) => entry.name === name);

  const pinned = (at: { host: string; port: number }) => {
    const row = store.first(
      query.selectFrom('hostKey').selectAll().where('host', '=', at.host).where('port', '=', at.port),
    );
    if (row === undefined) return null;
    return pinnedHostKeySchema.parse(row);
  };

  const savePin = (at: { host: string; port: number }, key: HostKey) => {
    const values = {
      host: at.host,
      port: at.port,
      type: key.type,
      fingerprint: key.fingerprint,
      pinnedAt: new Date(clock()).toISOString(),
      pinnedBy: operator,
    };
    store.run(query.replaceInto('hostKey').values(values));
  };

  /** An entry whose way stays may share it with another from before this was refused. */
  const assertFree = (input: ApplianceInput, before: ApplianceEntry | null) => {
    const others = readEntries().filter((entry) => entry.id !== before?.id);
    const target = before !== null && isSameAppliance(before, input) ? null : input.target;
    const problem = joinErrors(takenBy(others, { ...input, target }));
    if (problem !== null) throw problem;
  };

  const forgetUnusedPins = (targets: readonly SshTarget[]) => {
    const used = readEntries().flatMap((entry) => [entry.target, ...entry.jumps]);
    for (const target of targets) {
      if (used.some((one) => one.host === target.host && one.port === target.port)) continue;
      store.run(query.deleteFrom('hostKey').where('host', '=', target.host).where('port', '=', target.port));
    }
  };

  /** Everything that `onChange` is about, as one text. */
  const content = () =>
    JSON.stringify([
      store.all(query.selectFrom('appliance').select('entryJson').orderBy('id')),
      store.all(query.selectFrom('hostKey').selectAll().orderBy('host').orderBy('port')),
    ]);
  let lastContent = content();
  // Another console writes what it observes every second; only entries and pins are of interest here.
  store.onForeignChange(() => {
    const now = content();
    if (now === lastContent) return;
    lastContent = now;
    kept = null;
    changes.emit();
  });

  /** `work` reads the store, not the kept list: another process may have written since. */
  function changing<Result>(work: () => Result): Result {
    const result = store.write(work);
    lastContent = content();
    kept = null;
    changes.emit();
    return result;
  }

  return {
    list,
    get: (id) => entryOf(list(), id),
    find,
    taken: (input) => takenBy(list(), input),
    pinned,
    pinnedOf: (entry) => [entry.target, ...entry.jumps].flatMap((target) => pinned(target) ?? []),
    add: (input, pins) =>
      changing(() => {
        assertFree(input, null);
        const entry: ApplianceEntry = {
          ...input,
          id: randomUUID(),
          createdAt: new Date(clock()).toISOString(),
        };
        for (const { host, port, key } of pins) {
          const known = pinned({ host, port });
          if (known !== null && known.fingerprint !== key.fingerprint)
            throw new AppError(
              'HOST_KEY_CHANGED',
              `For ${host}:${port} another key is pinned: ${known.fingerprint}.`,
              { detail: { pinned: known.fingerprint, offered: key.fingerprint } },
            );
          if (known === null) savePin({ host, port }, key);
        }
        store.run(
          query.insertInto('appliance').values({
            id: entry.id,
            name: entry.name,
            entryJson: JSON.stringify(entry),
            createdAt: entry.createdAt,
          }),
        );
        return entry;
      }),
    edit: (id, input) =>
      changing(() => {
        const before = entryOf(readEntries(), id);
        assertFree(input, before);
        const entry: ApplianceEntry = { ...input, id, createdAt: before.createdAt };
        store.run(
          query
            .updateTable('appliance')
            .set({ name: entry.name, entryJson: JSON.stringify(entry) })
            .where('id', '=', id),
        );
        forgetUnusedPins([before.target, ...before.jumps]);
        return entry;
      }),
    remove: (id) =>
      changing(() => {
        const before = entryOf(readEntries(), id);
        store.run(query.deleteFrom('appliance').where('id', '=', id));
        forgetUnusedPins([before.target, ...before.jumps]);
      }),
    pin: (at, key) => changing(() => savePin(at, key)),
    onChange: changes.on,
  };
}
