import type { AnyAuthMethod } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import type { AuthenticationStep } from '../../../src-shared/model/appliance/link.ts';
import { findAgentIdentity } from './agentIdentities.ts';
import { readLockedKey, createUnreadableError, type LoadKeyFile } from './keyFile.ts';
import type { AskSecret, HopName } from '../types.ts';

/** An attempt for the records. `detail` is for its step, `words` for the error that lists all attempts. */
export type LoginAttempt = {
  method: Exclude<AuthenticationStep['method'], 'message'>;
  detail: string;
  words: string;
};

type Offer = {
  path: string;
  /** Fingerprints of the keys that were offered. This key is added. */
  triedFingerprints: Set<string>;
  agentPath: string | null;
  loadKeyFile: LoadKeyFile;
  askSecret: AskSecret;
  hop: HopName;
  username: string;
  attempt: (tried: LoginAttempt, method: AnyAuthMethod) => Promise<unknown>;
  skip: (method: LoginAttempt['method'], detail: string) => void;
};

/**
 * Offers the key of a file. If the file is encrypted or a public key, tries the same key from the agent
 * first, as OpenSSH does. Rejects with KEY_UNREADABLE, or with SECRET_NEEDED if the user enters no
 * passphrase.
 */
export async function offerKeyFile(offer: Offer): Promise<void> {
  const { path, triedFingerprints } = offer;
  const withoutAgent = await offerThroughAgent(offer);
  if (withoutAgent === true) return;
  const loaded = await loadKey(offer, withoutAgent);
  if (triedFingerprints.has(loaded.fingerprint)) {
    offer.skip('key-file', `${path} holds ${loaded.label}, which the agent already offered`);
    return;
  }
  triedFingerprints.add(loaded.fingerprint);
  await offer.attempt(
    {
      method: 'key-file',
      detail: `${loaded.label} from ${path}`,
      words: `key file ${path} ${loaded.label}`,
    },
    { type: 'publickey', username: offer.username, key: loaded.key },
  );
}

/**
 * Offers the file's key from the agent. Resolves with true if nothing more needs to be tried, with the reason
 * if the agent can't offer it, and with null for an unencrypted private key.
 */
async function offerThroughAgent(offer: Offer): Promise<true | string | null> {
  const { path, triedFingerprints, username } = offer;
  const locked = await readLockedKey(path);
  if (locked === null) return null;
  const label = locked.label ?? path;
  if (locked.fingerprint !== null && triedFingerprints.has(locked.fingerprint)) {
    offer.skip('key-file', `${path} holds ${label}, which the agent already offered`);
    return true;
  }
  const found = await findAgentIdentity(offer.agentPath, locked);
  if ('why' in found) {
    if (locked.fault !== null) throw createUnreadableError(path, locked.fault);
    if (locked.isPublic) throw createUnreadableError(path, `it is a public key, and ${found.why}`);
    return found.why;
  }
  if (locked.fingerprint !== null) triedFingerprints.add(locked.fingerprint);
  await offer.attempt(
    {
      method: 'agent',
      detail: `${label} of ${path}, from the agent`,
      words: `agent key ${label} of ${path}`,
    },
    { type: 'agent', username, agent: found.agent },
  );
  return true;
}

async function loadKey({ path, hop, askSecret, loadKeyFile }: Offer, withoutAgent: string | null) {
  try {
    return await loadKeyFile({ path, hop, askSecret });
  } catch (error) {
    if (withoutAgent === null || !(error instanceof AppError) || error.code !== 'SECRET_NEEDED') throw error;
    throw new AppError('SECRET_NEEDED', `The key file ${path} needs its passphrase; ${withoutAgent}.`, {
      detail: error.detail,
    });
  }
}
