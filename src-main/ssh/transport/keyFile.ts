import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import { keyPathFault } from '../../../src-shared/model/appliance/keyPath.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { keyTypeLabel } from './agentIdentities.ts';
import { expandHome } from './homePath.ts';
import { isPublicKey, isSecurityKey, publicBlobOf, explainNotAKey } from './keyFormat.ts';
import type { AskSecret, HopName } from '../types.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { fingerprintOf, keyTypeOf } from '../../../src-shared/base/sshWire.ts';
import { isEncryptedKey } from '../../../src-shared/node/privateKeyFile.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';

type LoadedKey = { key: ParsedKey; label: string; fingerprint: string };

/** No private key is longer; a longer file was chosen by mistake. */
const maxKeyFileBytes = 64 * 1024;
/** How often a passphrase may be wrong before the login fails, as in OpenSSH. */
const passphraseAttempts = 3;

/** KEY_UNREADABLE for the key file `path`. */
export function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('KEY_UNREADABLE', `The key file ${path} can not be used: ${reason}.`, {
    detail: { path, reason },
    cause,
  });
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const expanded = expandHome(path);
    // Check before the path is used, and again for its real path, because a link may lead elsewhere.
    const fault = keyPathFault(expanded) ?? keyPathFault(await realpath(expanded));
    if (fault !== null) throw unreadable(visibleLine(path), fault);
    // Opening a pipe must not wait for its writer.
    await using file = await open(expanded, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw unreadable(path, 'it is not a file');
    if (facts.size > maxKeyFileBytes) throw unreadable(path, 'it is too large for a private key');
    return await file.readFile('latin1');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw unreadable(path, 'there is no such file', error);
    if (code === 'EACCES' || code === 'EPERM') throw unreadable(path, 'reading it is not permitted', error);
    throw unreadable(path, 'reading it failed', error);
  }
}

function parse(text: string, passphrase?: string): LoadedKey | null {
  const key = ssh2.utils.parseKey(text, passphrase);
  if (key instanceof Error || !key.isPrivateKey()) return null;
  const fingerprint = fingerprintOf(key.getPublicSSH());
  return { key, fingerprint, label: `${keyTypeLabel(key.type)} ${fingerprint}` };
}

/**
 * Facts about a key file that needs a passphrase or an agent; null for an unencrypted private key. `label` and
 * `fingerprint` are null if neither the file nor its `.pub` file contains the public half. Rejects with KEY_UNREADABLE.
 */
export async function readLockedKey(
  path: string,
): Promise<{ isPublic: boolean; label: string | null; fingerprint: string | null } | null> {
  const text = await readKeyFile(path);
  const isPublic = isPublicKey(text);
  if (!isPublic && !isEncryptedKey(text)) return null;
  const beside = () => readKeyFile(`${path}.pub`).then(publicBlobOf, () => null);
  const blob = publicBlobOf(text) ?? (await beside());
  if (blob === null) return { isPublic, label: null, fingerprint: null };
  const fingerprint = fingerprintOf(blob);
  return { isPublic, label: `${keyTypeLabel(keyTypeOf(blob) ?? 'unknown')} ${fingerprint}`, fingerprint };
}

/**
 * Reads the private key in `path` (`~/` allowed). Asks for the passphrase of an encrypted one, repeatedly if it is
 * wrong. Rejects with KEY_UNREADABLE, or SECRET_NEEDED if the question is not answered.
 */
export type LoadKeyFile = (input: { path: string; hop: HopName; askSecret: AskSecret }) => Promise<LoadedKey>;

/** How long a decrypted key is kept for the next hop that uses it **[ours]**. */
const keepDecryptedMs = minuteMs;

/**
 * Decrypting uses ssh2's own bcrypt, which blocks the process for about half a second, and a hundred links that
 * reconnect at once must not repeat that. The kept key is returned only for the same passphrase.
 */
function createDecryption(): (text: string, passphrase: string) => LoadedKey | null {
  const kept = new Map<string, { loaded: LoadedKey; timer: NodeJS.Timeout }>();
  const salt = randomBytes(32);
  return (text, passphrase) => {
    const name = createHmac('sha256', salt).update(`${passphrase.length}:${passphrase}${text}`).digest('hex');
    const known = kept.get(name);
    if (known !== undefined) {
      known.timer.refresh();
      return known.loaded;
    }
    const loaded = parse(text, passphrase);
    if (loaded === null) return null;
    kept.set(name, { loaded, timer: setTimeout(() => kept.delete(name), keepDecryptedMs).unref() });
    return loaded;
  };
}

async function load(
  input: Parameters<LoadKeyFile>[0],
  decrypt: ReturnType<typeof createDecryption>,
): Promise<LoadedKey> {
  const { path } = input;
  const text = await readKeyFile(path);
  if (isSecurityKey(text)) throw unreadable(path, explainNotAKey(text));
  if (!isEncryptedKey(text)) {
    const loaded = parse(text);
    if (loaded === null) throw unreadable(path, explainNotAKey(text));
    return loaded;
  }
  for (let attempt = 0; attempt < passphraseAttempts; attempt += 1) {
    const answers = await input.askSecret({
      hop: input.hop,
      kind: 'key-passphrase',
      title: `Passphrase for ${path}`,
      fields: [{ label: 'Passphrase', echo: false }],
      refused: attempt > 0,
    });
    const passphrase = answers?.[0];
    if (passphrase === undefined)
      throw new AppError('SECRET_NEEDED', `The key file ${path} needs its passphrase.`, {
        detail: { hop: input.hop, kind: 'key-passphrase' },
      });
    const loaded = passphrase === '' ? null : decrypt(text, passphrase);
    if (loaded !== null) return loaded;
  }
  throw unreadable(path, `the passphrase was wrong ${passphraseAttempts} times`);
}

export function createKeyFileLoader(): LoadKeyFile {
  const decrypt = createDecryption();
  return (input) => load(input, decrypt);
}
