import { systemClock, type Clock } from '../../src-shared/base/clock.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { settingGroups } from '../../src-shared/model/policy/settingGroups.ts';
import {
  newPassphraseSchema,
  protections,
  type SecretSettings,
  type VaultState,
} from '../../src-shared/model/secrets/vault.ts';
import type { Audit } from '../audit/audit.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Log } from '../base/log.ts';
import type { PolicyService } from '../policy/policy.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { createAutoLock } from './autoLock.ts';
import { createCredentialRows } from './credentialRows.ts';
import { createCredentials } from './credentials.ts';
import type { KeyStore } from './keyStore.ts';
import { createSecretKeeper, type SecretKeeper } from './secretKeeper.ts';
import { createStoredSecrets } from './storedSecrets.ts';
import { createUnlockQuestion } from './unlockQuestion.ts';

/** Asks for the vault's passphrase and unlocks it by `unlock`. Resolves with false if no passphrase is entered. */
export type AskVaultPassphrase = (unlock: (passphrase: string) => Promise<void>) => Promise<boolean>;

type SecretsOptions = {
  dataFolder: string;
  store: Store;
  inventory: { list: () => readonly ApplianceEntry[] };
  audit: Audit;
  policy: Pick<PolicyService, 'locksOf'>;
  changes: ChangeMarks;
  log: Pick<Log, 'error'>;
  clock: () => number;
  keyStore: KeyStore;
  /** Asks on the terminal. Null: on the page, where the vault also locks after a time without input. */
  askPassphrase: AskVaultPassphrase | null;
  /** For tests. */
  timer?: Clock;
  keeper?: SecretKeeper;
};

function assertNewPassphrase(passphrase: string): void {
  const { error } = newPassphraseSchema.safeParse(passphrase);
  if (error !== undefined)
    throw new AppError(
      'INVALID_INPUT',
      `The new passphrase can’t be used: ${error.issues[0]?.message ?? ''}.`,
    );
}

/**
 * The vault, its lock, and the credentials in it. What changes is recorded; no record has a secret. On the page's hosts, the
 * vault locks after a time without input.
 */
export function createSecrets(options: SecretsOptions) {
  const { audit, askPassphrase, changes, inventory, keyStore, store, timer = systemClock } = options;
  const keeper = options.keeper ?? createSecretKeeper({ folder: options.dataFolder, keyStore, clock: timer });
  const rows = createCredentialRows(options);
  const setting = createSetting({
    store,
    locks: options.policy.locksOf('secrets'),
    ...settingGroups.secrets,
  });
  const mark = () => changes.mark({ secrets: true });
  const unlocks = createEmitter();
  /** True once the vault was locked: then only the user unlocks it, also with the key store. */
  let wasLocked = false;

  const autoLock = createAutoLock({
    clock: timer,
    minutes: () => (askPassphrase === null ? setting.get().lockMinutes : null),
    lock: () => {
      try {
        lock('after a time without input');
      } catch (thrown) {
        options.log.error({ err: thrown }, 'the lock of the vault could not be recorded');
      }
    },
  });
  const question = createUnlockQuestion({
    ask: askPassphrase === null ? null : () => askPassphrase(unlock),
    onChange: mark,
  });
  const readState = () => {
    autoLock.lockIfDue();
    return keeper.state();
  };

  function lock(detail: string): void {
    autoLock.stop();
    wasLocked = true;
    if (!keeper.lock()) return;
    audit.event({ event: 'vault.lock', object: 'vault', detail });
  }
  function onUnlocked(): void {
    autoLock.restart();
    question.settle(true);
    unlocks.emit();
    mark();
  }
  async function unlock(passphrase: string | null): Promise<void> {
    await audit.act({ event: 'vault.unlock', object: 'vault' }, () => keeper.unlock(passphrase));
    onUnlocked();
  }
  async function waitForUnlock(): Promise<boolean> {
    if (readState().protection !== 'key-store' || wasLocked) return question.wait();
    await unlock(null);
    return true;
  }

  const content = () => JSON.stringify(rows.list());
  let lastContent = content();
  const stopForeign = store.onForeignChange(() => {
    const now = content();
    if (now === lastContent) return;
    lastContent = now;
    mark();
  });
  const stopChanges = keeper.onChange(mark);
  const credentials = createCredentials({
    ...options,
    rows,
    keeper,
    entries: inventory.list,
    onChange: mark,
  });

  return {
    credentials,
    stored: createStoredSecrets({
      rows,
      keeper: { read: keeper.read, state: readState },
      waitForUnlock,
      audit,
    }),
    state: (): VaultState => {
      const state = readState();
      const locksAt = autoLock.locksAt();
      return {
        ...state,
        locksAt: locksAt === null ? null : new Date(locksAt).toISOString(),
        waiting: question.waiting(),
        keyStoreProblem: keyStore.problem(),
      };
    },
    /** Null: the key store protects it. Rejects with ALREADY_EXISTS, INVALID_INPUT or KEY_STORE_UNAVAILABLE. */
    create: async (passphrase: string | null): Promise<void> => {
      if (passphrase !== null) assertNewPassphrase(passphrase);
      const { label } = protections[passphrase === null ? 'key-store' : 'passphrase'];
      const action = { event: 'vault.create', object: 'vault', detail: label } as const;
      await audit.act(action, () => keeper.create(passphrase));
      onUnlocked();
    },
    unlock,
    lock: () => lock('by the operator'),
    /** Unlocks the vault if it is locked; resolves with false if the user does not. */
    unlockIfLocked: async (): Promise<boolean> =>
      readState().condition !== 'locked' || (await waitForUnlock()),
    changePassphrase: async (before: string, after: string): Promise<void> => {
      assertNewPassphrase(after);
      const action = { event: 'vault.passphrase', object: 'vault' } as const;
      await audit.act(action, () => keeper.changePassphrase(before, after));
      onUnlocked();
    },
    /** The operator did something. */
    touch: autoLock.extend,
    dismissUnlock: (): void => question.settle(false),
    settings: setting.get,
    setSettings: async (next: SecretSettings): Promise<void> => {
      const detail = `${JSON.stringify(setting.get())} → ${JSON.stringify(next)}`;
      await audit.act({ event: 'vault.settings', object: 'vault', detail }, () => setting.set(next));
      autoLock.extend();
      mark();
    },
    onUnlocked: unlocks.on,
    close: (): void => {
      stopForeign();
      stopChanges();
      autoLock.stop();
      question.settle(false);
      keeper.lock();
    },
  };
}
