import { readPublicKey } from '../../../src-shared/model/tenants/publicKey.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { decodeLatin1, keyTypeOf, readSshString } from '../../../src-shared/base/sshWire.ts';
import { readOpenSshFields } from '../../../src-shared/node/privateKeyFile.ts';
import { describeForeignForm } from './foreignKeyForms.ts';
import {
  decodeKeyText,
  findKeyBlock,
  findLookAlike,
  formatKeyBlock,
  isUtf16,
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
/** Ciphers of a PEM file's DEK-Info line that ssh2 decrypts. */
const pemCiphers = /^(?:AES-(?:128|192|256)-CBC|DES-EDE3-CBC)$/iu;
const privateTypes = /^(?:ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521))$/u;
const damaged = 'it is cut off or damaged; copy the file again';
const dsa = 'it is a DSA key, which servers no longer accept; make a new key: ssh-keygen -t ed25519 -f NEW';

const shorten = (name: string) => visibleLine(name.slice(0, 64));

function unusable(reason: string, publicBlob: Uint8Array | null = null): KeyForm {
  return { kind: 'unusable', reason, publicBlob };
}

function findTypeFault(type: string): string | null {
  if (privateTypes.test(type)) return null;
  if (type.startsWith('sk-') || type.startsWith('webauthn-sk-'))
    return `security keys (sk) are not supported by this driver: it is a reference to a FIDO key (${shorten(type)})`;
  if (type === 'ssh-dss') return dsa;
  return `keys of type ${shorten(type)} are not supported by this driver`;
}

/** Reads a key in OpenSSH's own format (PROTOCOL.key). Everything but the private part can be read unasked. */
function readOpenSshBlock(block: KeyBlock): KeyForm {
  const text = formatKeyBlock(block);
  const fields = readOpenSshFields(block.hasEnd ? text : `${text}\n-----END ${block.label}-----`);
  if (fields === null) return unusable(damaged);
  const cipher = readSshString(fields, 0);
  const kdf = readSshString(fields, cipher?.next ?? fields.length);
  const kdfOptions = readSshString(fields, kdf?.next ?? fields.length);
  const blob = readSshString(fields, (kdfOptions?.next ?? fields.length) + 4);
  if (cipher === null || kdf === null || blob === null) return unusable(damaged);
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
  if (!block.hasEnd || readSshString(fields, blob.next) === null) return unusable(damaged, publicBlob);
  if (kdfName !== (cipherName === 'none' ? 'none' : 'bcrypt'))
    return unusable(
      `it is encrypted with the key derivation ${shorten(kdfName)}, which is not supported`,
      publicBlob,
    );
  return { kind: 'private', text, isEncrypted: cipherName !== 'none', publicBlob };
}

/** Whether the base64 of an unencrypted PEM key holds the whole DER sequence. */
function isWholeSequence(body: string): boolean {
  const der = Buffer.from(body, 'base64');
  const first = der[1] ?? 0;
  const lengthBytes = first < 128 ? 0 : first - 128;
  if (der[0] !== 0x30 || lengthBytes > 4 || der.length < 2 + lengthBytes) return false;
  const length = lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes);
  return der.length >= 2 + lengthBytes + length;
}

/** Reads a key in OpenSSL's traditional format (`RSA PRIVATE KEY`, `EC PRIVATE KEY`). */
function readPemBlock(block: KeyBlock): KeyForm {
  const { body, hasEnd, label } = block;
  if (label.startsWith('DSA')) return unusable(dsa);
  const isEncrypted = /^Proc-Type:\s*4,\s*ENCRYPTED/mu.test(body) || body.includes('DEK-Info:');
  if (!hasEnd) return unusable(damaged);
  if (!isEncrypted && !isWholeSequence(body)) return unusable(damaged);
  if (!isEncrypted) return { kind: 'private', text: formatKeyBlock(block), isEncrypted, publicBlob: null };
  const [, cipher = ''] = /^DEK-Info:\s*([^,\s]+)\s*,\s*[0-9A-F]+\s*$/imu.exec(body) ?? [];
  if (cipher === '')
    return unusable(
      'it is encrypted, but its DEK-Info line, which names the cipher, is missing or damaged; copy the file again',
    );
  if (/^(?:DES|RC2|BF|CAST|IDEA|SEED)/iu.test(cipher) && !pemCiphers.test(cipher))
    return unusable(
      `it is encrypted with ${shorten(cipher)}, which is not supported; openssl pkey -provider legacy -provider default -in FILE -out NEW decrypts it, and ssh-keygen -p -f NEW encrypts it again`,
    );
  if (!pemCiphers.test(cipher))
    return unusable(
      `it is encrypted with ${shorten(cipher)}, which is not supported; ssh-keygen -p -f FILE converts it to OpenSSH format`,
    );
  const data = body.slice(body.lastIndexOf(':')).split(/\n/u).slice(1).join('');
  const blockLength = cipher.toUpperCase().startsWith('AES') ? 16 : 8;
  const length = Buffer.from(data, 'base64').length;
  if (length === 0 || length % blockLength !== 0) return unusable(damaged);
  return { kind: 'private', text: formatKeyBlock(block), isEncrypted, publicBlob: null };
}

/** Reads a key of PuTTY. ssh2 reads format 2 with RSA only. */
function readPuttyKey(text: string): KeyForm {
  const lines = text.split(/\r\n?|\n/u).map((line) => line.trimEnd());
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const part = (name: string) => {
    const start = lines.findIndex((line) => line.startsWith(`${name}: `)) + 1;
    return lines.slice(start, start + Number(field(name)));
  };
  const publicBlob = Buffer.from(part('Public-Lines').join(''), 'base64');
  const [, format = '', type = ''] = /^PuTTY-User-Key-File-(\d+): (\S+)/u.exec(text) ?? [];
  const encryption = field('Encryption');
  if (type === 'ssh-dss') return unusable(dsa, publicBlob);
  if (part('Private-Lines').length !== Number(field('Private-Lines')) || field('Private-MAC') === '')
    return unusable(damaged, publicBlob);
  if (format !== '2' || type !== 'ssh-rsa' || !/^(?:none|aes256-cbc)$/u.test(encryption))
    return unusable(
      `a PuTTY key of format ${shorten(format)} (${shorten(type)}) is not supported; puttygen FILE -O private-openssh -o NEW converts it`,
      publicBlob,
    );
  return { kind: 'private', text: lines.join('\n'), isEncrypted: encryption !== 'none', publicBlob };
}

const isPublicKey = (text: string) => /^(?:ssh|ecdsa|sk)-\S+ AAAA/u.test(text) && !/^\S+-cert-v0/u.test(text);

/** Finds out what a key file holds, without a passphrase. */
export function readKeyForm(content: Buffer): KeyForm {
  if (isUtf16(content))
    return unusable(
      'it is text in UTF-16, as PowerShell writes it; iconv -f UTF-16 -t UTF-8 FILE > NEW converts it',
    );
  const text = decodeKeyText(content);
  const lookAlike = findLookAlike(text);
  if (lookAlike !== null) return unusable(lookAlike);
  if (isPublicKey(text.trimStart())) {
    const blob = readPublicKey(text).key?.blob;
    return { kind: 'public', publicBlob: blob === undefined ? null : Buffer.from(blob, 'base64') };
  }
  if (text.trimStart().startsWith('PuTTY-User-Key-File-')) return readPuttyKey(text.trimStart());
  const block = findKeyBlock(text);
  if (block !== null && /\\n/u.test(block.body))
    return unusable(
      String.raw`its line ends are written as \n; printf '%b\n' "$(cat FILE)" > NEW converts it`,
    );
  if (block?.label === 'OPENSSH PRIVATE KEY') return readOpenSshBlock(block);
  if (block !== null && /^(?:RSA|EC|DSA) PRIVATE KEY$/u.test(block.label)) return readPemBlock(block);
  return unusable(describeForeignForm({ content, text: text.trimStart() }));
}
