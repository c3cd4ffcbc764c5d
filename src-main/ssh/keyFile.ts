import { createHmac, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { AppError } from '../../src-shared/errors.ts';
import { keyTypeLabel } from './agentIdentities.ts';
import { fingerprintOf } from './hostKeyCheck.ts';
import type { AskSecret, HopName } from './types.ts';
import { readSshString } from './wire.ts';

type LoadedKey = { key: ParsedKey; label: string; fingerprint: string };

/** No private key is longer; a file that is has been chosen by mistake. */
const maxKeyFileBytes = 64 * 1024;
/** How often a passphrase may be wrong before the log-in gives up, as OpenSSH has it. */
const passphraseAttempts = 3;
const openSshMagic = 'openssh-key-v1\0';

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('KEY_UNREADABLE', `The key file ${path} can not be used: ${reason}.`, {
    detail: { path, reason },
    cause,
  });
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const expanded = expandHome(path);
    const facts = await stat(expanded);
    if (!facts.isFile()) throw unreadable(path, 'it is not a file');
    if (facts.size > maxKeyFileBytes) throw unreadable(path, 'it is too large for a private key');
    return await readFile(expanded, 'latin1');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw unreadable(path, 'there is no such file', error);
    if (code === 'EACCES' || code === 'EPERM') throw unreadable(path, 'reading it is not permitted', error);
    throw unreadable(path, 'reading it failed', error);
  }
}

function openSshBody(text: string): Buffer | null {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  if (match?.[1] === undefined) return null;
  const body = Buffer.from(match[1], 'base64');
  return body.subarray(0, openSshMagic.length).toString('latin1') === openSshMagic ? body : null;
}

/** Read from the file's own structure: ssh2 tells a wrong passphrase and a broken file apart by wording only. */
function isEncryptedKey(text: string): boolean {
  const body = openSshBody(text);
  if (body !== null) {
    const cipher = readSshString(body, openSshMagic.length);
    return cipher !== null && cipher.value.toString('latin1') !== 'none';
  }
  return /^Proc-Type: 4,ENCRYPTED/m.test(text) || /^Encryption: (?!none)/m.test(text);
}

/** The type of the public half that an OpenSSH private key carries in clear. */
function openSshKeyType(text: string): string | null {
  const body = openSshBody(text);
  let offset = openSshMagic.length;
  if (body === null) return null;
  for (let field = 0; field < 3; field += 1) offset = readSshString(body, offset)?.next ?? body.length;
  const blob = readSshString(body, offset + 4);
  const type = blob === null ? null : readSshString(blob.value, 0);
  return type === null ? null : type.value.toString('latin1').slice(0, 64);
}

function reasonNotAKey(text: string): string {
  const type = openSshKeyType(text);
  if (type?.startsWith('sk-') === true) return 'security keys (sk) are not supported by this driver';
  if (/^(ssh|ecdsa|sk)-\S+ AAAA/.test(text)) return 'it is a public key; the private one is needed';
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text))
    return 'PKCS#8 is not supported; ssh-keygen -p -f FILE rewrites it in OpenSSH form';
  return 'it does not hold a private key in a known form';
}

function parse(text: string, passphrase?: string): LoadedKey | null {
  const key = ssh2.utils.parseKey(text, passphrase);
  if (key instanceof Error || !key.isPrivateKey()) return null;
  const fingerprint = fingerprintOf(key.getPublicSSH());
  return { key, fingerprint, label: `${keyTypeLabel(key.type)} ${fingerprint}` };
}

/**
 * Gives the private key in `path` (`~/` allowed). Asks for the passphrase of an encrypted one, again when it was wrong.
 * Rejects with KEY_UNREADABLE, or SECRET_NEEDED when nobody answers.
 */
export type LoadKeyFile = (input: { path: string; hop: HopName; askSecret: AskSecret }) => Promise<LoadedKey>;

/** How long a decrypted key is kept for the next hop that uses it **[ours]**. */
const keepDecryptedMs = 60_000;

/**
 * Decrypts with ssh2's own bcrypt, which takes the whole process about half a second: a hundred links that come back
 * together must not do that a hundred times. Only who gives the passphrase again gets the kept key.
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
  if (openSshKeyType(text)?.startsWith('sk-') === true) throw unreadable(path, reasonNotAKey(text));
  if (!isEncryptedKey(text)) {
    const loaded = parse(text);
    if (loaded === null) throw unreadable(path, reasonNotAKey(text));
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
