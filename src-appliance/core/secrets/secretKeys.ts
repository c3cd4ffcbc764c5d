import { generateKeyPair } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../src-shared/errors.ts';
import { readBounded, replaceFile } from '../../../src-shared/node/files.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { fileError } from '../state/fileErrors.ts';
import { createFileLock } from '../state/stateLock.ts';

/** Folder of the RSA pair in the state folder. `install.sh` sets owners and modes of its files. */
export const secretsFolder = 'secrets';
const modulusLength = 2048;
const maxKeyBytes = 16 * 1024;

const files = {
  /** Readable by the API's group, so that it can store secrets **[doc]**. */
  public: 'public.pem',
  /** A copy for the appliance's own service, which is not in the API's group **[ours]**. */
  service: 'service-public.pem',
  /** Readable only by root and the workers' group **[doc]**. */
  private: 'private.pem',
} as const;

function pathOf(stateFolder: string, kind: keyof typeof files): string {
  return join(stateFolder, secretsFolder, files[kind]);
}

/** More than two generations of a pair take. */
const lockSeconds = 30;

/**
 * Generates the pair unless a private key exists. Returns whether it did. Throws COMMAND_FAILED if the files can't be
 * written. Commands that start together wait for each other, because halves of two pairs would make secrets unreadable.
 */
export async function createSecretKeys(stateFolder: string): Promise<boolean> {
  if (existsSync(pathOf(stateFolder, 'private'))) return false;
  const path = join(stateFolder, secretsFolder, 'keys.lock');
  return createFileLock({ path, waitSeconds: lockSeconds })(() => createPair(stateFolder));
}

/** The private key is written last: a public key without it is replaced by the next call. */
async function createPair(stateFolder: string): Promise<boolean> {
  const privatePath = pathOf(stateFolder, 'private');
  if (existsSync(privatePath)) return false;
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  try {
    replaceFile({ path: pathOf(stateFolder, 'public'), data: publicKey, mode: 0o640, isDurable: true });
    replaceFile({ path: privatePath, data: privateKey, mode: 0o600, isDurable: true });
  } catch (error) {
    throw fileError(privatePath, error);
  }
  return true;
}

/** Throws NOT_PERMITTED without the right to read the key, and COMMAND_FAILED if the file is missing. */
function loadKey(stateFolder: string, kind: keyof typeof files): string {
  const path = pathOf(stateFolder, kind);
  try {
    const file = readBounded(path, { maxBytes: maxKeyBytes, isLinkFollowed: false });
    if (typeof file !== 'string') return file.content.toString('utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EACCES') throw fileError(path, error);
    throw new AppError(
      'COMMAND_FAILED',
      `${path} can’t be read (${code ?? 'unknown'}); ke_manage_remote_networks group-key init creates a new pair`,
      { cause: error },
    );
  }
  throw new AppError('COMMAND_FAILED', `${path} is no key`);
}

/** The key that encrypts secrets, for root, the API and the service. Throws like `loadPrivateKey`. */
export function loadPublicKey(stateFolder: string): string {
  try {
    return loadKey(stateFolder, 'public');
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NOT_PERMITTED') throw error;
    return loadKey(stateFolder, 'service');
  }
}

/** The key that decrypts secrets. Throws NOT_PERMITTED, or COMMAND_FAILED if there is no key. */
export function loadPrivateKey(stateFolder: string): string {
  return loadKey(stateFolder, 'private');
}
