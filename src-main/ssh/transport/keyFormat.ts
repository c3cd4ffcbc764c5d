import { readPublicKey } from '../../../src-shared/model/tenants/publicKey.ts';
import { keyTypeOf, readSshString } from '../../../src-shared/base/sshWire.ts';
import { readOpenSshFields } from '../../../src-shared/node/privateKeyFile.ts';

/**
 * Returns the public key in an OpenSSH private key file, in wire format. It is not encrypted, even if the
 * private key is.
 */
function openSshPublicBlob(text: string): Uint8Array | null {
  const fields = readOpenSshFields(text);
  if (fields === null) return null;
  let offset = 0;
  for (let field = 0; field < 3; field += 1) offset = readSshString(fields, offset)?.next ?? fields.length;
  return readSshString(fields, offset + 4)?.value ?? null;
}

/** Returns the public key of a file in wire format: a public key file, or an OpenSSH private key. */
export function readPublicBlob(text: string): Uint8Array | null {
  const publicKey = isPublicKey(text) ? readPublicKey(text).key : null;
  return publicKey === null ? openSshPublicBlob(text) : Buffer.from(publicKey.blob, 'base64');
}

export function isPublicKey(text: string): boolean {
  return /^(ssh|ecdsa|sk)-\S+ AAAA/.test(text);
}

/** Whether the key is on a hardware security key. Its file contains only a reference. */
export function isSecurityKey(text: string): boolean {
  const blob = openSshPublicBlob(text);
  return blob !== null && keyTypeOf(blob)?.startsWith('sk-') === true;
}

export function explainNotAKey(text: string): string {
  if (isSecurityKey(text)) return 'security keys (sk) are not supported by this driver';
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text))
    return 'PKCS#8 is not supported; ssh-keygen -p -f FILE converts it to OpenSSH format';
  return 'it does not contain a private key in a supported format';
}
