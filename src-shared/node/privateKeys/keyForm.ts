import { isUtf8 } from 'node:buffer';
import { visibleLine } from '../../base/machineText.ts';
import { decodeLatin1, keyTypeOf, readSshString } from '../../base/sshWire.ts';
import { readOpenSshFields } from './openSshFields.ts';
import { damagedKey, dsaKey, findPemFault, findPkcs8Fault, readPlainPem } from './openSslKey.ts';
import { describeForeignForm } from './foreignKeyForms.ts';
import {
  decodeKeyText,
  findKeyBlock,
  findLookAlike,
  formatKeyBlock,
  isUtf16,
  readPemHeaders,
  type KeyBlock,
} from './keyText.ts';

type PublicBlob = { publicBlob: Uint8Array | null };

/**
 * What a key file holds. `text` is the key in the form that ssh2 reads; `reason` is why it can't be used, with
 * the command that converts it. `publicBlob` is the public key in wire format, if the file shows it.
 */
export type KeyForm = PublicBlob &
  (
    | { kind: 'private'; text: string; isEncrypted: boolean }
    | { kind: 'public' }
    | { kind: 'unusable'; reason: string }
  );

/** Ciphers of OpenSSH's private keys that ssh2 decrypts; the test tries each cipher of ssh-keygen. */
const openSshCiphers = /^(?:none|3des-cbc|aes(?:128|192|256)-(?:cbc|ctr)|aes(?:128|256)-gcm@openssh\.com)$/u;
const privateTypes = /^(?:ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521))$/u;
const shorten = (name: string) => visibleLine(name.slice(0, 64));

function unusable(reason: string, publicBlob: Uint8Array | null = null): KeyForm {
  return { kind: 'unusable', reason, publicBlob };
}

function findTypeFault(type: string): string | null {
  if (privateTypes.test(type)) return null;
  if (type.startsWith('sk-') || type.startsWith('webauthn-sk-'))
    return `security keys (sk) are not supported by this driver: it is a reference to a FIDO key (${shorten(type)})`;
  if (type === 'ssh-dss') return dsaKey;
  return `keys of type ${shorten(type)} are not supported by this driver`;
}

/** Reads a key in OpenSSH's own format (PROTOCOL.key). Everything but the private part can be read unasked. */
function readOpenSshBlock(block: KeyBlock): KeyForm {
  const text = formatKeyBlock(block);
  const fields = readOpenSshFields(block.hasEnd ? text : `${text}\n-----END ${block.label}-----`);
  if (fields === null) return unusable(damagedKey);
  const cipher = readSshString(fields, 0);
  const kdf = readSshString(fields, cipher?.next ?? fields.length);
  const kdfOptions = readSshString(fields, kdf?.next ?? fields.length);
  const blob = readSshString(fields, (kdfOptions?.next ?? fields.length) + 4);
  if (cipher === null || kdf === null || blob === null) return unusable(damagedKey);
  const publicBlob = blob.value;
  const typeFault = findTypeFault(keyTypeOf(publicBlob) ?? 'unknown');
  if (typeFault !== null) return unusable(typeFault, publicBlob);
  const cipherName = decodeLatin1(cipher.value);
  const kdfName = decodeLatin1(kdf.value);
  if (!openSshCiphers.test(cipherName))
    return unusable(
      `it is encrypted with ${shorten(cipherName)}, which is not supported; ssh-keygen -p -Z aes256-ctr -f FILE converts it`,
      publicBlob,
    );
  if (!block.hasEnd || readSshString(fields, blob.next) === null) return unusable(damagedKey, publicBlob);
  if (kdfName !== (cipherName === 'none' ? 'none' : 'bcrypt'))
    return unusable(
      `it is encrypted with the key derivation ${shorten(kdfName)}, which is not supported`,
      publicBlob,
    );
  return { kind: 'private', text, isEncrypted: cipherName !== 'none', publicBlob };
}

/** Reads a key in PKCS#8 or in OpenSSL's traditional format (`RSA PRIVATE KEY`, `EC PRIVATE KEY`). */
function readPemBlock(block: KeyBlock): KeyForm {
  const { body, hasEnd, label } = block;
  if (label.startsWith('DSA')) return unusable(dsaKey);
  if (!hasEnd) return unusable(damagedKey);
  const isPkcs8 = label === 'ENCRYPTED PRIVATE KEY';
  const isEncrypted = isPkcs8 || /^Proc-Type:|DEK-Info:/mu.test(body);
  const text = formatKeyBlock(block);
  if (!isEncrypted) {
    const plain = readPlainPem(text);
    if (plain.reason !== undefined) return unusable(plain.reason);
    return { kind: 'private', text: plain.text, isEncrypted, publicBlob: null };
  }
  const { cipher, data } = readPemHeaders(body);
  if (!isPkcs8 && cipher === null)
    return unusable(
      'it is encrypted, but its DEK-Info line, which names the cipher, is missing or damaged; copy the file again',
    );
  const bytes = Buffer.from(data, 'base64');
  const fault = cipher === null ? findPkcs8Fault(bytes) : findPemFault(cipher, bytes);
  return fault === null ? { kind: 'private', text, isEncrypted, publicBlob: null } : unusable(fault);
}

/** Reads a key of PuTTY. ssh2 reads format 2 with RSA only. */
function readPuttyKey(text: string): KeyForm {
  const lines = text.split(/\r\n?|\n/u).map((line) => line.trim());
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const part = (name: string) => {
    const start = lines.findIndex((line) => line.startsWith(`${name}: `)) + 1;
    return lines.slice(start, start + Number(field(name)));
  };
  const publicBlob = Buffer.from(part('Public-Lines').join(''), 'base64');
  const [, format = '', type = ''] = /^PuTTY-User-Key-File-(\d+): (\S+)/u.exec(text) ?? [];
  const encryption = field('Encryption');
  if (type === 'ssh-dss') return unusable(dsaKey, publicBlob);
  if (format !== '2' || type !== 'ssh-rsa' || !/^(?:none|aes256-cbc)$/u.test(encryption))
    return unusable(
      `a PuTTY key of format ${shorten(format)} (${shorten(type)}) is not supported; puttygen FILE -O private-openssh -o NEW converts it`,
      publicBlob,
    );
  if (part('Private-Lines').length !== Number(field('Private-Lines')) || field('Private-MAC') === '')
    return unusable(damagedKey, publicBlob);
  return { kind: 'private', text: lines.join('\n'), isEncrypted: encryption !== 'none', publicBlob };
}

const isPublicKey = (text: string) => /^(?:ssh|ecdsa|sk)-\S+ AAAA/u.test(text) && !/^\S+-cert-v0/u.test(text);

/** The key of a file with one public key in OpenSSH's form. Null if it has more, or a damaged one. */
function readPublicBlob(text: string): Uint8Array | null {
  const [line = '', ...more] = text.trim().split(/[\r\n]+/u);
  const [type, encoded = ''] = line.split(/[ \t]+/u);
  const blob = Buffer.from(encoded, 'base64');
  return more.length === 0 && keyTypeOf(blob) === type ? blob : null;
}

/** Finds out what a key file holds, without a passphrase. */
export function readKeyForm(content: Buffer): KeyForm {
  if (isUtf16(content))
    return unusable(
      'it is text in UTF-16, as PowerShell writes it; iconv -f UTF-16 -t UTF-8 FILE > NEW converts it',
    );
  const text = decodeKeyText(content);
  const lookAlike = findLookAlike(text, isUtf8(content));
  if (lookAlike !== null) return unusable(lookAlike);
  const block = findKeyBlock(text);
  if (block === null && isPublicKey(text.trimStart())) {
    return { kind: 'public', publicBlob: readPublicBlob(text) };
  }
  if (text.trimStart().startsWith('PuTTY-User-Key-File-')) return readPuttyKey(text.trimStart());
  if (block !== null && /\\n/u.test(block.body))
    return unusable(
      String.raw`its line ends are written as \n; printf '%b\n' "$(cat FILE)" > NEW converts it`,
    );
  if (block?.label === 'OPENSSH PRIVATE KEY') return readOpenSshBlock(block);
  if (block !== null && /^(?:(?:RSA|EC|DSA|ENCRYPTED) )?PRIVATE KEY$/u.test(block.label))
    return readPemBlock(block);
  return unusable(describeForeignForm({ content, text: text.trimStart() }));
}
