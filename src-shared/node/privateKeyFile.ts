import { decodeLatin1, readSshString } from '../base/sshWire.ts';

const openSshMagic = 'openssh-key-v1\0';

/**
 * Decodes an OpenSSH private key (PROTOCOL.key) and returns its fields from the cipher name on. Null for any
 * other text.
 */
export function readOpenSshFields(text: string): Uint8Array | null {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  const body = Buffer.from(match?.[1] ?? '', 'base64');
  return body.toString('latin1', 0, openSshMagic.length) === openSshMagic
    ? body.subarray(openSshMagic.length)
    : null;
}

/**
 * Read this from the file, because ssh2 reports a wrong passphrase and a broken file with different texts
 * only.
 */
export function isEncryptedKey(text: string): boolean {
  const fields = readOpenSshFields(text);
  if (fields === null) return /^Proc-Type: 4,ENCRYPTED/m.test(text) || /^Encryption: (?!none)/m.test(text);
  const cipher = readSshString(fields, 0);
  return cipher !== null && decodeLatin1(cipher.value) !== 'none';
}
