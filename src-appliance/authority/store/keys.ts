import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { publicKeySchema } from '../../../src-shared/model/licence/documents.ts';
import { readBounded, replaceFile } from '../../../src-shared/node/files.ts';
import { createAuthorityKey, exportKeySet, readAuthorityKey, type AuthorityKey } from '../issue.ts';
import type { AuthorityDatabase } from './database.ts';
import type { AuthorityLog } from './log.ts';

/**
 * next: published, but signs nothing yet, so that appliances can install it first. signing: signs every licence.
 * replaced: signs nothing new; its licences are still accepted. retired: licences that it signed are refused.
 */
export type KeyState = 'next' | 'signing' | 'replaced' | 'retired';
export type KeyEntry = {
  id: string;
  x: string;
  createdAt: string;
  retiredAt: string | null;
  state: KeyState;
};

const rowSchema = z
  .object({
    id: publicKeySchema.shape.kid,
    x: publicKeySchema.shape.x,
    createdAt: instantSchema,
    signsSince: instantSchema.nullable(),
    replacedAt: instantSchema.nullable(),
    retiredAt: instantSchema.nullable(),
  })
  .transform(({ id, x, createdAt, signsSince, replacedAt, retiredAt }): KeyEntry => {
    const usedState = replacedAt === null ? 'signing' : 'replaced';
    const state = signsSince === null ? 'next' : usedState;
    return { id, x, createdAt, retiredAt, state: retiredAt === null ? state : 'retired' };
  });

const maxKeyFileBytes = 4096;

export type KeyStore = {
  /** Oldest first. */
  list: () => KeyEntry[];
  /** The public keys, retired ones included, as appliances install them. */
  exportSet: () => ReturnType<typeof exportKeySet>;
  /** Adds a key that signs nothing yet. */
  add: () => KeyEntry;
  /** The next key signs from now on; without a next key, a new one. */
  rotate: () => KeyEntry;
  /** Throws NOT_FOUND, or CONFLICT for the key that signs. */
  retire: (id: string) => KeyEntry;
  /** The key that signs. Throws STORE_FAILED if its file is missing, damaged or readable for others. */
  signing: () => AuthorityKey;
};

/** A name that people can compare: the day, and the beginning of the public key's hash. */
function nameKey({ publicKey }: AuthorityKey, createdAt: string): string {
  return `${createdAt.slice(0, 10)}-${createHash('sha256').update(publicKey.x).digest('hex').slice(0, 8)}`;
}

/** Keeps private keys as files (0600) in `folder`/keys, and everything else about keys in the database. */
export function createKeyStore(options: {
  folder: string;
  database: AuthorityDatabase;
  log: AuthorityLog;
  now: () => number;
}): KeyStore {
  const { folder, database, log } = options;
  const pathOf = (id: string) => join(folder, 'keys', `${id}.pem`);
  const isoNow = () => new Date(options.now()).toISOString();
  const list = () => database.all(rowSchema, 'SELECT * FROM signingKey ORDER BY createdAt, rowid');
  const read = (id: string): KeyEntry => {
    const key = database.first(rowSchema, 'SELECT * FROM signingKey WHERE id = ?', id);
    if (key === null) throw new AppError('NOT_FOUND', `There is no key ${id}.`);
    return key;
  };
  /** The file is complete before the database names it. */
  const create = (): string => {
    const createdAt = isoNow();
    const key = createAuthorityKey();
    const id = nameKey(key, createdAt);
    const data = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    try {
      mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 });
      replaceFile({ path: pathOf(id), data, mode: 0o600, isDurable: true });
    } catch (cause) {
      throw new AppError('STORE_FAILED', `The key file ${pathOf(id)} can’t be written.`, { cause });
    }
    const { x } = key.publicKey;
    database.run('INSERT INTO signingKey (id, x, createdAt) VALUES (?, ?, ?)', id, x, createdAt);
    log.append('key-created', null, { keyId: id });
    return id;
  };
  return {
    list,
    exportSet: () =>
      exportKeySet(
        list().map(({ id, x, retiredAt }) => ({
          publicKey: publicKeySchema.parse({
            kty: 'OKP',
            crv: 'Ed25519',
            x,
            kid: id,
            ...(retiredAt === null ? {} : { retiredAt }),
          }),
        })),
      ),
    add: () => database.write(() => read(create())),
    rotate: () =>
      database.write(() => {
        const id = list().find(({ state }) => state === 'next')?.id ?? create();
        const at = isoNow();
        database.run(
          'UPDATE signingKey SET replacedAt = ? WHERE signsSince IS NOT NULL AND replacedAt IS NULL',
          at,
        );
        database.run('UPDATE signingKey SET signsSince = ? WHERE id = ?', at, id);
        log.append('key-signs', null, { keyId: id });
        return read(id);
      }),
    retire: (id) => {
      const retired = database.write(() => {
        const key = read(id);
        if (key.state === 'signing')
          throw new AppError('CONFLICT', `The key ${id} signs licences. Rotate the keys first.`);
        if (key.state === 'retired') return key;
        database.run('UPDATE signingKey SET retiredAt = ? WHERE id = ?', isoNow(), id);
        log.append('key-retired', null, { keyId: id });
        return read(id);
      });
      rmSync(pathOf(id), { force: true });
      return retired;
    },
    signing: () => {
      const key = list().find(({ state }) => state === 'signing');
      if (key === undefined) throw new AppError('STORE_FAILED', 'The authority has no key that signs.');
      return readKeyFile(pathOf(key.id), key);
    },
  };
}

function readKeyFile(path: string, { id, x }: KeyEntry): AuthorityKey {
  const fail = (reason: string, cause?: unknown) =>
    new AppError('STORE_FAILED', `The key file ${path} ${reason}.`, { cause });
  let file: ReturnType<typeof readBounded>;
  try {
    file = readBounded(path, { maxBytes: maxKeyFileBytes, isLinkFollowed: false });
  } catch (cause) {
    throw fail('can’t be read', cause);
  }
  if (typeof file === 'string') throw fail('is no key file');
  if (process.platform !== 'win32' && (file.mode & 0o077) !== 0)
    throw fail('can be read by other users; set its mode to 0600');
  let key: AuthorityKey;
  try {
    key = readAuthorityKey(id, file.content);
  } catch (cause) {
    throw fail('is damaged; restore it from a backup', cause);
  }
  if (key.publicKey.x !== x) throw fail(`is not the key ${id}; restore it from a backup`);
  return key;
}
