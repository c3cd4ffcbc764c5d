import { randomUUID } from 'node:crypto';
import { AppError, joinErrors } from '../../src-shared/errors.ts';
import {
  applianceFieldNames,
  mergeFields,
  type ApplianceEntry,
  type ApplianceField,
  type ApplianceInput,
  type PinnedHostKey,
  type SshTarget,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ConnectMode } from '../../src-shared/model/appliance/connectModeNames.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { Store } from '../store/store.ts';
import { leaveNotesInCluster } from './clusterNotes.ts';
import { createEntryRows } from './entryRows.ts';
import { createPins, type Pin } from './pins.ts';
import { isSameAppliance } from './sameAppliance.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';

/** The fields of an entry that must be unique. `target` is null while the address is incomplete. */
export type ApplianceIdentity = {
  name: string;
  target: SshTarget | null;
  jumps: readonly SshTarget[];
};

function findConflictsIn(
  entries: readonly ApplianceEntry[],
  { name, target, jumps }: ApplianceIdentity,
): AppError[] {
  const namesake = entries.find((entry) => entry.name === name);
  const same =
    target === null
      ? undefined
      : entries.find((entry) => isSameAppliance(entry, { target, jumps: [...jumps] }));
  return [
    namesake === undefined
      ? null
      : new AppError('ALREADY_EXISTS', `There is already an appliance named ${name}.`, {
          detail: { name },
        }),
    same === undefined
      ? null
      : new AppError(
          'ADDRESS_TAKEN',
          `${same.name} already has this address: ${[same.target, ...same.jumps.toReversed()].map(hopNameOf).join(' over ')}.`,
          { detail: { existing: same.name } },
        ),
  ].flatMap((problem) => problem ?? []);
}

function entryOf(entries: readonly ApplianceEntry[], id: string): ApplianceEntry {
  const entry = entries.find((one) => one.id === id);
  if (entry === undefined) throw new AppError('NOT_FOUND', 'There is no such appliance.', { detail: { id } });
  return entry;
}

const hopsOf = ({ target, jumps }: ApplianceEntry) => [target, ...jumps];

/** Stores the operator's appliances and the host keys that the operator trusts. Contains no secrets. */
export function createInventory(options: { store: Store; clock: () => number; operator: string }) {
  const { store, clock } = options;
  const pins = createPins(options);
  const rows = createEntryRows(options);
  const changes = createEmitter();

  let cachedEntries: readonly ApplianceEntry[] | null = null;
  const list = () => (cachedEntries ??= rows.all());

  /**
   * Throws if another entry has the same name or address. Editing an entry never fails because of its own old
   * address, because earlier versions allowed two entries with the same address.
   */
  const assertUnique = (input: ApplianceInput, before: ApplianceEntry | null) => {
    const others = rows.all().filter((entry) => entry.id !== before?.id);
    const target = before !== null && isSameAppliance(before, input) ? null : input.target;
    const problem = joinErrors(findConflictsIn(others, { ...input, target }));
    if (problem !== null) throw problem;
  };

  const forgetUnusedPins = (before: ApplianceEntry) =>
    pins.forgetUnused(hopsOf(before), rows.all().flatMap(hopsOf));

  /** Entries and pins as text, to detect changes by another process. */
  const content = () => JSON.stringify([rows.content(), pins.all()]);
  let lastContent = content();
  // Another console writes its observations every second. Continue only if it changed entries or pins.
  store.onForeignChange(() => {
    const now = content();
    if (now === lastContent) return;
    lastContent = now;
    cachedEntries = null;
    changes.emit();
  });

  /**
   * Runs `work` in a write transaction. `work` must read the store and not the cached list, because another
   * process may have changed the entries.
   */
  function writeAndPublish<Result>(work: () => Result): Result {
    const result = store.write(work);
    lastContent = content();
    cachedEntries = null;
    changes.emit();
    return result;
  }

  return {
    /** Sorted by name. Returns the same array until an entry changes. */
    list,
    /** Throws NOT_FOUND. */
    get: (id: string): ApplianceEntry => entryOf(list(), id),
    find: (name: string) => list().find((entry) => entry.name === name),
    /** Returns why an entry can't be added: ALREADY_EXISTS for its name, ADDRESS_TAKEN for its address. */
    findConflicts: (input: ApplianceIdentity): AppError[] => findConflictsIn(list(), input),
    pinned: pins.find,
    pinnedOf: (entry: ApplianceEntry): PinnedHostKey[] =>
      hopsOf(entry).flatMap((target) => pins.find(target) ?? []),
    /**
     * Throws ALREADY_EXISTS, ADDRESS_TAKEN, or HOST_KEY_CHANGED if another key than in `newPins` is already
     * pinned.
     */
    add: (input: ApplianceInput, newPins: readonly Pin[]): ApplianceEntry =>
      writeAndPublish(() => {
        assertUnique(input, null);
        const entry: ApplianceEntry = {
          ...input,
          id: randomUUID(),
          locked: false,
          createdAt: new Date(clock()).toISOString(),
        };
        pins.addAll(newPins);
        return rows.insert(entry);
      }),
    /**
     * Changes `fields` only, and saves `newPins`. Throws NOT_FOUND, ALREADY_EXISTS, ADDRESS_TAKEN, or
     * HOST_KEY_CHANGED if another key than in `newPins` is already pinned.
     */
    edit: (
      id: string,
      input: ApplianceInput,
      {
        fields = applianceFieldNames,
        newPins = [],
      }: { fields?: readonly ApplianceField[] | undefined; newPins?: readonly Pin[] } = {},
    ): ApplianceEntry =>
      writeAndPublish(() => {
        const before = entryOf(rows.all(), id);
        const after = mergeFields(before, input, fields);
        assertUnique(after, before);
        if (after.cluster !== before.cluster) leaveNotesInCluster(store, before, rows.all());
        const entry = rows.update(after);
        forgetUnusedPins(before);
        pins.addAll(newPins);
        return entry;
      }),
    /** Sets when the console connects to these appliances, all at once. Throws NOT_FOUND. */
    setConnect: (ids: readonly string[], connect: ConnectMode): void =>
      writeAndPublish(() => {
        const entries = rows.all();
        for (const id of ids) rows.update({ ...entryOf(entries, id), connect });
      }),
    /** Throws NOT_FOUND. */
    setLock: (id: string, locked: boolean): ApplianceEntry =>
      writeAndPublish(() => rows.update({ ...entryOf(rows.all(), id), locked })),
    /**
     * Throws APPLIANCE_LOCKED. Reads the store, because another process may have just locked the appliance.
     */
    assertUnlocked: (id: string, what: 'tenants' | 'licence' | 'configuration' = 'tenants'): void => {
      const { name, locked } = entryOf(rows.all(), id);
      if (locked)
        throw new AppError('APPLIANCE_LOCKED', `${name} is locked: its ${what} can’t be changed.`, {
          detail: { name },
        });
    },
    /**
     * Also deletes the last values of the appliance, and host keys that no other entry needs. Tenant notes stay
     * if its cluster has other members.
     */
    remove: (id: string): void =>
      writeAndPublish(() => {
        const before = entryOf(rows.all(), id);
        leaveNotesInCluster(store, before, rows.all());
        rows.delete(id);
        forgetUnusedPins(before);
      }),
    pin: (address: { host: string; port: number }, key: HostKey): void =>
      writeAndPublish(() => pins.save(address, key)),
    /** Registers a listener that is called after any process has changed entries or pins. */
    onChange: changes.on,
  };
}

export type Inventory = ReturnType<typeof createInventory>;
