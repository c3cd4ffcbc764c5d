import { AppError } from '../../src-shared/errors.ts';
import { quoteText } from '../../src-shared/base/machineText.ts';
import { credentialSchema, type Credential } from '../../src-shared/model/secrets/credential.ts';
import type { Store } from '../store/store.ts';

const table = 'credential' as const;

/** Reads and writes the names of credentials. Their secrets are in the vault. */
export function createCredentialRows({ store }: { store: Store }) {
  const { query } = store;
  const find = (name: string): Credential | undefined => {
    const row = store.first(query.selectFrom(table).selectAll().where('name', '=', name));
    return row === undefined ? undefined : credentialSchema.parse(row);
  };
  const assertFree = (name: string): void => {
    if (find(name) !== undefined)
      throw new AppError('ALREADY_EXISTS', `There is already a credential named ${quoteText(name)}.`, {
        detail: { name },
      });
  };
  return {
    list: (): Credential[] =>
      store
        .all(query.selectFrom(table).selectAll().orderBy('name'))
        .map((row) => credentialSchema.parse(row)),
    find,
    /** Throws NOT_FOUND. */
    get: (name: string): Credential => {
      const found = find(name);
      if (found === undefined)
        throw new AppError('NOT_FOUND', `There is no credential named ${quoteText(name)}.`, {
          detail: { name },
        });
      return found;
    },
    assertFree,
    /** Throws ALREADY_EXISTS. */
    add: (credential: Credential): void =>
      store.write(() => {
        assertFree(credential.name);
        store.run(query.insertInto(table).values(credential));
      }),
    setRotatedAt: (id: string, rotatedAt: string): void =>
      void store.run(query.updateTable(table).set({ rotatedAt }).where('id', '=', id)),
    /** Runs `check` first, in the same transaction. */
    remove: (id: string, check: () => void): void =>
      store.write(() => {
        check();
        store.run(query.deleteFrom(table).where('id', '=', id));
      }),
  };
}
export type CredentialRows = ReturnType<typeof createCredentialRows>;
