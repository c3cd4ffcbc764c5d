/** The key store of the operating system, which only the desktop program can use. */
export type KeyStore = {
  /** Why it can't be used, as a sentence. Null if it can. */
  problem: () => string | null;
  /** Both throw if the key store refuses. */
  encrypt: (text: string) => Buffer;
  decrypt: (encrypted: Buffer) => string;
};

/** On a host without Electron. */
export const noKeyStore: KeyStore = {
  problem: () => 'Only the desktop program can use the key store of the operating system.',
  encrypt: () => {
    throw new Error('no key store');
  },
  decrypt: () => {
    throw new Error('no key store');
  },
};
