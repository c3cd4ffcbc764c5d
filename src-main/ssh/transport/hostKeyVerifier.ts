import type { HostKey } from '../../../src-shared/model/appliance/hostKey.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { HopName } from '../types.ts';
import { findKeyLengthFault } from './algorithms.ts';
import { createWeakHostKeyError } from './algorithmsRefused.ts';
import { hostKeyFromBlob } from './hostKeyCheck.ts';

/**
 * Checks a server's host key at the first key exchange. Later exchanges must have the same key. Ends the
 * connection with `fail` for another key, because ssh2 would still send a message after `accept(false)`.
 */
export function createHostKeyVerifier(options: {
  hop: HopName;
  legacyAlgorithms: boolean;
  /** Resolves if the key is trusted; otherwise rejects with AppError. */
  verify: (offered: HostKey) => Promise<unknown>;
  fail: (error: unknown) => void;
}) {
  const { hop, fail } = options;
  let verified: Buffer | null = null;

  async function verifyFirst(key: Buffer): Promise<void> {
    const fault = findKeyLengthFault(key, options.legacyAlgorithms);
    if (fault !== null) throw createWeakHostKeyError(hop, fault);
    await options.verify(hostKeyFromBlob(key));
    verified = key;
  }

  return {
    verifiedKey: (): Buffer | null => verified,
    /** For ssh2's option `hostVerifier`. */
    verifyHostKey: (blob: Buffer, accept: (valid: boolean) => void): void => {
      if (verified === null) {
        // Copy the buffer, because ssh2 uses it again for later packets.
        verifyFirst(Buffer.from(blob)).then(() => accept(true), fail);
        return;
      }
      if (verified.equals(blob)) return accept(true);
      const detail = { hop, offered: hostKeyFromBlob(blob), pinned: hostKeyFromBlob(verified) };
      fail(new AppError('HOST_KEY_CHANGED', `${hop} changed its host key while connected.`, { detail }));
    },
  };
}
