import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import { findKeyPathFault } from '../../../src-shared/model/appliance/keyPath.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { keyTypeLabel } from './agentIdentities.ts';
import { expandHome } from './homePath.ts';
import { readKeyForm, type KeyForm } from '../../../src-shared/node/privateKeys/keyForm.ts';
import type { AskSecret, HopName } from '../types.ts';
import { decryptPem, isEncryptedPem } from '../../../src-shared/node/privateKeys/openSslKey.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { fingerprintOf, keyTypeOf } from '../../../src-shared/base/sshWire.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';

type LoadedKey = { key: ParsedKey; label: string; fingerprint: string };

/** Maximum size of a key file. No private key is larger, so the user has chosen a wrong file. */
const maxKeyFileBytes = 64 * 1024;
/** How often the user may enter a wrong passphrase, as in OpenSSH. */
const passphraseAttempts = 3;

/** Creates the error KEY_UNREADABLE for the key file `path`. */
export function createUnreadableError(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('KEY_UNREADABLE', `The key file ${path} can’t be used: ${reason}.`, {
    detail: { path, reason },
    cause,
  });
}

async function readKeyFile(path: string): Promise<Buffer> {
  try {
    const expanded = expandHome(path);
    // Check the path and the real path, because a symbolic link may lead to a forbidden folder.
    const fault = findKeyPathFault(expanded) ?? findKeyPathFault(await realpath(expanded));
    if (fault !== null) throw createUnreadableError(visibleLine(path), fault);
    // With O_NONBLOCK, opening a named pipe does not wait for a writer.
    await using file = await open(expanded, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw createUnreadableError(path, 'it is not a file');
    if (facts.size > maxKeyFileBytes) throw createUnreadableError(path, 'it is too large for a private key');
    return await file.readFile();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw createUnreadableError(path, 'there is no such file', error);
    if (code === 'EACCES' || code === 'EPERM')
      throw createUnreadableError(path, 'this user may not read it', error);
    throw createUnreadableError(path, 'reading it failed', error);
  }
}

/** Why ssh2 could not decrypt a key, if the passphrase is wrong. With any other text, the key can't be read. */
const wrongPassphrase = /passphrase|unable to authenticate data|bad decrypt|wrong final block/iu;

/** Resolves with null if the passphrase is wrong. Throws KEY_UNREADABLE if the key can't be read. */
function parse(path: string, text: string, passphrase?: string): LoadedKey | null {
  // ssh2 reads no PKCS#8 and few ciphers.
  const plain = passphrase !== undefined && isEncryptedPem(text) ? decryptPem(text, passphrase) : undefined;
  if (plain === null) return null;
  if (plain?.reason !== undefined) throw createUnreadableError(path, plain.reason);
  const key = ssh2.utils.parseKey(plain?.text ?? text, passphrase);
  if (key instanceof Error) {
    if (passphrase !== undefined && wrongPassphrase.test(key.message)) return null;
    throw createUnreadableError(
      path,
      `it is damaged or of a kind that is not supported (${key.message})`,
      key,
    );
  }
  const fingerprint = fingerprintOf(key.getPublicSSH());
  return { key, fingerprint, label: `${keyTypeLabel(key.type)} ${fingerprint}` };
}

/** The public key of a key file, or of the `.pub` file beside it. */
async function findPublicBlob(path: string, form: KeyForm): Promise<Uint8Array | null> {
  if (form.publicBlob !== null) return form.publicBlob;
  return readKeyFile(`${path}.pub`).then(
    (content) => readKeyForm(content).publicBlob,
    () => null,
  );
}

/**
 * Describes a key that only the agent may be able to use without a question: an encrypted one, a public one,
 * or one whose form can't be read. Null for an unencrypted private key. `fault` is why its form can't be
 * read. `label` and `fingerprint` are null if neither the file nor its `.pub` file has the public key.
 * Rejects with KEY_UNREADABLE.
 */
export async function readLockedKey(path: string): Promise<{
  isPublic: boolean;
  fault: string | null;
  label: string | null;
  fingerprint: string | null;
} | null> {
  const form = readKeyForm(await readKeyFile(path));
  if (form.kind === 'private' && !form.isEncrypted) return null;
  const facts = { isPublic: form.kind === 'public', fault: form.kind === 'unusable' ? form.reason : null };
  const blob = await findPublicBlob(path, form);
  if (blob === null) return { ...facts, label: null, fingerprint: null };
  const fingerprint = fingerprintOf(blob);
  return { ...facts, label: `${keyTypeLabel(keyTypeOf(blob) ?? 'unknown')} ${fingerprint}`, fingerprint };
}

/**
 * Reads the private key in `path`; `~/` is expanded. Asks for its passphrase if it is encrypted, again if it
 * is wrong. Rejects with KEY_UNREADABLE, or with SECRET_NEEDED if the user does not answer.
 */
export type LoadKeyFile = (input: { path: string; hop: HopName; askSecret: AskSecret }) => Promise<LoadedKey>;

/** How long a decrypted key is kept in memory, for other hops that use it **[ours]**. */
const keepDecryptedMs = minuteMs;

/**
 * Decrypts keys and keeps them for a short time. ssh2's bcrypt blocks the process for half a second, and a
 * hundred links may reconnect at once. A kept key is only returned for the same passphrase.
 */
function createDecryption(): (path: string, text: string, passphrase: string) => LoadedKey | null {
  const kept = new Map<string, { loaded: LoadedKey; timer: NodeJS.Timeout }>();
  const salt = randomBytes(32);
  return (path, text, passphrase) => {
    const name = createHmac('sha256', salt).update(`${passphrase.length}:${passphrase}${text}`).digest('hex');
    const known = kept.get(name);
    if (known !== undefined) {
      known.timer.refresh();
      return known.loaded;
    }
    const loaded = parse(path, text, passphrase);
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
  const form = readKeyForm(await readKeyFile(path));
  if (form.kind === 'unusable') throw createUnreadableError(path, form.reason);
  if (form.kind === 'public') throw createUnreadableError(path, 'it is a public key');
  const { text } = form;
  if (!form.isEncrypted) {
    const loaded = parse(path, text);
    if (loaded === null) throw createUnreadableError(path, 'it needs a passphrase');
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
    const loaded = passphrase === '' ? null : decrypt(path, text, passphrase);
    if (loaded !== null) return loaded;
  }
  throw createUnreadableError(path, `the passphrase was wrong ${passphraseAttempts} times`);
}

export function createKeyFileLoader(): LoadKeyFile {
  const decrypt = createDecryption();
  return (input) => load(input, decrypt);
}
