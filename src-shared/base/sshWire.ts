import { sha256 } from '@noble/hashes/sha2.js';

/** Decodes each byte as one character, to compare and show names of the SSH protocol. */
export function decodeLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** Encodes as base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(decodeLatin1(bytes));
}

/** Reads a `string` of the SSH wire format (RFC 4251, 5) at `offset`. Returns null if it is cut short. */
export function readSshString(bytes: Uint8Array, offset: number): { value: Uint8Array; next: number } | null {
  const start = offset + 4;
  if (start > bytes.length) return null;
  const next = start + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
  return next > bytes.length ? null : { value: bytes.subarray(start, next), next };
}

/** Reads consecutive strings until the end of `bytes`. Returns null if the last string is cut short. */
export function readSshStrings(bytes: Uint8Array): Uint8Array[] | null {
  const strings: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const field = readSshString(bytes, offset);
    if (field === null) return null;
    strings.push(field.value);
    offset = field.next;
  }
  return strings;
}

/** Number of bits of an unsigned big-endian integer. */
export function bitLength(integer: Uint8Array): number {
  const start = integer.findIndex((byte) => byte !== 0);
  if (start === -1) return 0;
  return (integer.length - start - 1) * 8 + (32 - Math.clz32(integer[start] ?? 0));
}

/**
 * The type of a key, e.g. `ssh-ed25519`: the first string of its wire form (RFC 4253, 6.6). Null if that is malformed.
 */
export function keyTypeOf(blob: Uint8Array): string | null {
  const type = readSshString(blob, 0)?.value;
  return type === undefined || type.length > 64 ? null : decodeLatin1(type);
}

/** OpenSSH's fingerprint: SHA-256 of the key's wire form, base64 without padding. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${encodeBase64(sha256(blob)).replace(/=+$/u, '')}`;
}
