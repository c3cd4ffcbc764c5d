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

function formatField(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Writes an Ed25519 key without a passphrase in OpenSSH's own format. `seed` and `point` have 32 bytes. */
export function formatEd25519Key({ seed, point }: { seed: Buffer; point: Buffer }): string {
  const type = formatField('ssh-ed25519');
  const open = Buffer.concat([type, formatField(point)]);
  // Two equal numbers, which tell whether a decryption succeeded; then the key and its empty comment.
  const secret = [Buffer.alloc(8), open, formatField(Buffer.concat([seed, point])), formatField('')];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, index) => index + 1));
  const content = Buffer.concat([
    Buffer.from(openSshMagic),
    ...['none', 'none', ''].map(formatField),
    Buffer.from([0, 0, 0, 1]),
    formatField(open),
    formatField(Buffer.concat([...secret, padding])),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${content.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`;
}
