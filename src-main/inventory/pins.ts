import { AppError } from '../../src-shared/errors.ts';
import { pinnedHostKeySchema, type PinnedHostKey } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import type { Store } from '../store/store.ts';

type Address = { host: string; port: number };
/** A trusted host key and the address that it belongs to. */
export type Pin = Address & { key: HostKey };

/**
 * Stores the host keys that the operator trusts, by address. Call the methods that write inside a transaction
 * of the inventory.
 */
export function createPins(options: { store: Store; clock: () => number; operator: string }) {
  const { store, clock, operator } = options;
  const { query } = store;

  const find = ({ host, port }: Address): PinnedHostKey | null => {
    const row = store.first(
      query.selectFrom('hostKey').selectAll().where('host', '=', host).where('port', '=', port),
    );
    return row === undefined ? null : pinnedHostKeySchema.parse(row);
  };

  const save = ({ host, port }: Address, { type, fingerprint }: HostKey): void => {
    const values = {
      host,
      port,
      type,
      fingerprint,
      pinnedAt: new Date(clock()).toISOString(),
      pinnedBy: operator,
    };
    store.run(query.replaceInto('hostKey').values(values));
  };

  return {
    find,
    save,
    /**
     * Saves pins for addresses that have none yet. Throws HOST_KEY_CHANGED if another key is already pinned.
     */
    addAll: (pins: readonly Pin[]): void => {
      for (const { key, ...address } of pins) {
        const known = find(address);
        if (known === null) save(address, key);
        else if (known.fingerprint !== key.fingerprint)
          throw new AppError(
            'HOST_KEY_CHANGED',
            `Another key is already pinned for ${address.host}:${address.port}: ${known.fingerprint}.`,
            { detail: { pinned: known.fingerprint, offered: key.fingerprint } },
          );
      }
    },
    /** Deletes the pins of those `addresses` that are not in `used`. */
    forgetUnused: (addresses: readonly Address[], used: readonly Address[]): void => {
      for (const { host, port } of addresses)
        if (!used.some((other) => other.host === host && other.port === port))
          store.run(query.deleteFrom('hostKey').where('host', '=', host).where('port', '=', port));
    },
    /** All pins in a fixed order, to detect changes by another process. */
    all: () => store.all(query.selectFrom('hostKey').selectAll().orderBy('host').orderBy('port')),
  };
}
