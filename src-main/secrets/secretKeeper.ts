import { randomBytes } from 'node:crypto';
import { AppError, toErrorData } from '../../src-shared/errors.ts';
import type { Clock } from '../../src-shared/base/clock.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { createKeyedQueue } from '../../src-shared/base/keyedQueue.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { SecretPart } from '../../src-shared/model/secrets/credential.ts';
import type { VaultState } from '../../src-shared/model/secrets/vault.ts';
import { createWriterLock } from '../syslog/store/writerLock.ts';
import type { KeyStore } from './keyStore.ts';
import { decodeSecrets, encodeSecrets, getSecret, wipeSecrets, type SecretRecords } from './secretRecords.ts';
import {
  createDamagedError,
  createVaultFile,
  headerOf,
  type SealedVault,
  type VaultKeyFacts,
} from './vaultFile.ts';
import {
  assertRightKey,
  checkOf,
  defaultCost,
  deriveKey,
  makeKey,
  open,
  seal,
  type DeriveKey,
  type ScryptCost,
} from './vaultKey.ts';

const lockName = 'vault.lock';
const lockRetryMs = 50;
const maxLockWaitMs = 5 * secondMs;

const absent = () =>
  new AppError('NOT_FOUND', 'There is no vault yet. Create one on the page, or with: sallyport vault create');
const locked = () => new AppError('VAULT_LOCKED', 'The vault is locked.');
const isSameKey = (one: VaultKeyFacts, other: VaultKeyFacts) => headerOf(one).equals(headerOf(other));

type OpenKey = { key: Buffer; facts: VaultKeyFacts };

/** Decrypts a vault. Throws VAULT_DAMAGED. */
function openVault(vault: SealedVault, key: Buffer): SecretRecords {
  const plain = open(vault, { key, header: headerOf(vault.key) });
  const records = plain === null ? null : decodeSecrets(plain);
  plain?.fill(0);
  if (records === null) throw createDamagedError('its content was changed');
  return records;
}

function sealVault(records: SecretRecords, { key, facts }: OpenKey): SealedVault {
  const plain = encodeSecrets(records);
  const sealed = seal(plain, { key, header: headerOf(facts) });
  plain.fill(0);
  return { key: facts, ...sealed };
}

/** Makes and finds keys. Rejects with VAULT_WRONG_PASSPHRASE, VAULT_LOCKED or KEY_STORE_UNAVAILABLE. */
function createKeys(options: { keyStore: KeyStore; derive: DeriveKey; cost: ScryptCost }) {
  const { keyStore, cost } = options;
  // A derivation needs 128 MiB, so there is one at a time.
  const queue = createKeyedQueue();
  const derive: DeriveKey = (passphrase, given) =>
    queue.take('derive', () => options.derive(passphrase, given));

  /** Runs `work` with the key store, whose own errors say nothing that a user understands. */
  function withKeyStore<Result>(work: () => Result): Result {
    const problem = keyStore.problem();
    if (problem !== null) throw new AppError('KEY_STORE_UNAVAILABLE', problem);
    try {
      return work();
    } catch (cause) {
      throw new AppError('KEY_STORE_UNAVAILABLE', 'The key store of the operating system refused.', {
        cause,
      });
    }
  }

  return {
    /** Null: the key store protects the key. */
    make: async (passphrase: string | null): Promise<OpenKey> => {
      if (passphrase === null) {
        const key = makeKey();
        const wrapped = withKeyStore(() => keyStore.encrypt(key.toString('base64'))).toString('base64');
        const facts = { protection: 'key-store', wrapped, check: checkOf(key).toString('base64') } as const;
        return { key, facts };
      }
      const salt = randomBytes(32);
      const key = await derive(passphrase, { salt, cost });
      const check = checkOf(key).toString('base64');
      return { key, facts: { protection: 'passphrase', salt: salt.toString('base64'), cost, check } };
    },
    find: async (facts: VaultKeyFacts, passphrase: string | null): Promise<OpenKey> => {
      if (facts.protection === 'key-store') {
        const wrapped = Buffer.from(facts.wrapped, 'base64');
        const key = Buffer.from(
          withKeyStore(() => keyStore.decrypt(wrapped)),
          'base64',
        );
        assertRightKey(key, facts);
        return { key, facts };
      }
      if (passphrase === null) throw locked();
      const key = await derive(passphrase, { salt: Buffer.from(facts.salt, 'base64'), cost: facts.cost });
      assertRightKey(key, facts);
      return { key, facts };
    },
  };
}

/**
 * Keeps secrets in the encrypted vault of a data folder. Between uses only its key is in memory; `lock` wipes that. What
 * another program wrote counts at the next use, so several may use one vault.
 */
export function createSecretKeeper(options: {
  folder: string;
  keyStore: KeyStore;
  clock: Clock;
  /** For tests, which can't spend half a second on each key. */
  cost?: ScryptCost;
  derive?: DeriveKey;
}) {
  const { folder, clock } = options;
  const file = createVaultFile(folder);
  const keys = createKeys({ cost: defaultCost, derive: deriveKey, ...options });
  const changes = createEmitter();
  let current: OpenKey | null = null;

  function lock(): boolean {
    if (current === null) return false;
    current.key.fill(0);
    current = null;
    changes.emit();
    return true;
  }
  function adopt(opened: OpenKey): void {
    current?.key.fill(0);
    current = opened;
    changes.emit();
  }
  /** Throws NOT_FOUND. */
  function readFile(): SealedVault {
    const vault = file.read();
    if (vault === null) throw absent();
    return vault;
  }
  /** The vault and its key. Locks if another program gave it another key. Throws VAULT_LOCKED or NOT_FOUND. */
  function readOpen(): { vault: SealedVault; opened: OpenKey } {
    const vault = readFile();
    if (current !== null && !isSameKey(current.facts, vault.key)) lock();
    if (current === null) throw locked();
    return { vault, opened: current };
  }

  /** Runs `work` while no other program writes. Rejects with VAULT_BUSY. */
  async function withLock<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    const writer = createWriterLock(folder, lockName);
    try {
      const { signal } = new AbortController();
      for (let waitedMs = 0; !writer.take(); waitedMs += lockRetryMs) {
        if (waitedMs >= maxLockWaitMs)
          throw new AppError('VAULT_BUSY', 'Another program is writing to the vault. Nothing was changed.');
        await clock.sleep(lockRetryMs, signal);
      }
      return await work();
    } finally {
      writer.close();
    }
  }

  return {
    /** Never throws. A vault that another program gave another key counts as locked. */
    state: (): Pick<VaultState, 'condition' | 'protection' | 'problem'> => {
      try {
        const vault = file.read();
        if (vault === null) return { condition: 'absent', protection: null, problem: null };
        const isOpen = current !== null && isSameKey(current.facts, vault.key);
        const condition = isOpen ? 'unlocked' : 'locked';
        return { condition, protection: vault.key.protection, problem: null };
      } catch (thrown) {
        return { condition: 'unreadable', protection: null, problem: toErrorData(thrown).message };
      }
    },
    /** Creates an empty vault and leaves it unlocked. Rejects with ALREADY_EXISTS, also if the existing one is damaged. */
    create: (passphrase: string | null): Promise<void> =>
      withLock(async () => {
        if (file.read() !== null)
          throw new AppError('ALREADY_EXISTS', 'There is already a vault in this data folder.');
        const made = await keys.make(passphrase);
        file.write(sealVault(new Map(), made));
        adopt(made);
      }),
    /** `passphrase` is null for a vault that the key store protects. */
    unlock: async (passphrase: string | null): Promise<void> => {
      const vault = readFile();
      const found = await keys.find(vault.key, passphrase);
      try {
        wipeSecrets(openVault(vault, found.key));
      } catch (thrown) {
        found.key.fill(0);
        throw thrown;
      }
      adopt(found);
    },
    /** Wipes the key, whatever has become of the file. Returns whether there was one. */
    lock,
    /** Encrypts all secrets with a new key. Rejects with VAULT_WRONG_PASSPHRASE if `before` is not the passphrase. */
    changePassphrase: (before: string, after: string): Promise<void> =>
      withLock(async () => {
        const vault = readFile();
        if (vault.key.protection !== 'passphrase')
          throw new AppError(
            'INVALID_INPUT',
            'The key store of the operating system protects this vault. It has no passphrase.',
          );
        const found = await keys.find(vault.key, before);
        const records = openVault(vault, found.key);
        try {
          const made = await keys.make(after);
          file.write(sealVault(records, made));
          adopt(made);
        } finally {
          found.key.fill(0);
          wipeSecrets(records);
        }
      }),
    /** A copy that the caller wipes. Null if the vault has no such secret. Throws VAULT_LOCKED, VAULT_DAMAGED or NOT_FOUND. */
    read: (id: string, part: SecretPart): Buffer | null => {
      const { vault, opened } = readOpen();
      const records = openVault(vault, opened.key);
      const secret = getSecret(records, id, part);
      const copy = secret === null ? null : Buffer.from(secret);
      wipeSecrets(records);
      return copy;
    },
    /** Changes the newest secrets and writes them. Rejects with VAULT_LOCKED, VAULT_BUSY, VAULT_DAMAGED or STORE_FAILED. */
    write: (change: (records: SecretRecords) => void): Promise<void> =>
      withLock(() => {
        const { vault, opened } = readOpen();
        const records = openVault(vault, opened.key);
        try {
          change(records);
          file.write(sealVault(records, opened));
        } finally {
          wipeSecrets(records);
        }
      }),
    /** Called after it was locked or unlocked in this process. */
    onChange: changes.on,
  };
}
export type SecretKeeper = ReturnType<typeof createSecretKeeper>;
