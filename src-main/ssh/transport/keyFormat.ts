import { readPublicKey } from '../../../src-shared/model/tenants/publicKey.ts';
import { readSshString } from './wire.ts';

const openSshMagic = 'openssh-key-v1\0';

function openSshBody(text: string): Buffer | null {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  if (match?.[1] === undefined) return null;
  const body = Buffer.from(match[1], 'base64');
  return body.subarray(0, openSshMagic.length).toString('latin1') === openSshMagic ? body : null;
}

/** Read from the file's own structure: ssh2 tells a wrong passphrase and a broken file apart by wording only. */
export function isEncryptedKey(text: string): boolean {
  const body = openSshBody(text);
  if (body !== null) {
    const cipher = readSshString(body, openSshMagic.length);
    return cipher !== null && cipher.value.toString('latin1') !== 'none';
  }
  return /^Proc-Type: 4,ENCRYPTED/m.test(text) || /^Encryption: (?!none)/m.test(text);
}

/** The public half that an OpenSSH private key carries in clear, in its wire form. */
function openSshPublicBlob(text: string): Buffer | null {
  const body = openSshBody(text);
  let offset = openSshMagic.length;
  if (body === null) return null;
  for (let field = 0; field < 3; field += 1) offset = readSshString(body, offset)?.next ?? body.length;
  return readSshString(body, offset + 4)?.value ?? null;
}

/** The wire form of the public key that a file holds alone, or that an OpenSSH private key carries in clear. */
export function publicBlobOf(text: string): Buffer | null {
  const publicKey = isPublicKey(text) ? readPublicKey(text).key : null;
  return publicKey === null ? openSshPublicBlob(text) : Buffer.from(publicKey.blob, 'base64');
}

export function isPublicKey(text: string): boolean {
  return /^(ssh|ecdsa|sk)-\S+ AAAA/.test(text);
}

/** `ssh-ed25519` and the like: the first string in a key's wire form. */
export function keyTypeOf(blob: Buffer): string | null {
  return readSshString(blob, 0)?.value.toString('latin1').slice(0, 64) ?? null;
}

/** Of a security key only the stub is in the file. */
export function isSecurityKey(text: string): boolean {
  const blob = openSshPublicBlob(text);
  return blob !== null && keyTypeOf(blob)?.startsWith('sk-') === true;
}

export function reasonNotAKey(text: string): string {
  if (isSecurityKey(text)) return 'security keys (sk) are not supported by this driver';
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text))
    return 'PKCS#8 is not supported; ssh-keygen -p -f FILE rewrites it in OpenSSH form';
  return 'it does not hold a private key in a known form';
}
