import type { KeyStore } from '../../secrets/keyStore.ts';
import type { SafeStoragePart } from './electronParts.ts';

/** `basic_text` encrypts with a fixed, public password; `unknown` is not one that Electron has found **[doc]**. */
const weakBackends: ReadonlySet<string> = new Set(['basic_text', 'unknown']);

/** Why the key store can't protect secrets. */
function findProblem(safeStorage: SafeStoragePart, platform: NodeJS.Platform): string | null {
  if (platform === 'linux' && weakBackends.has(safeStorage.getSelectedStorageBackend()))
    return 'This desktop session has no key store (GNOME Keyring or KWallet): secrets would be stored almost in clear.';
  return safeStorage.isEncryptionAvailable()
    ? null
    : 'The key store of the operating system is not available to this program.';
}

/** The key store of the operating system through Electron. Use it once the app is ready. */
export function createDesktopKeyStore(options: {
  safeStorage: SafeStoragePart;
  platform: NodeJS.Platform;
}): KeyStore {
  const { safeStorage, platform } = options;
  return {
    problem: () => findProblem(safeStorage, platform),
    encrypt: (text) => safeStorage.encryptString(text),
    decrypt: (encrypted) => safeStorage.decryptString(encrypted),
  };
}
