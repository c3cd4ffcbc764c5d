import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { AppError } from '../../src-shared/errors.ts';
import { readStrings } from './sshWire.ts';

export type PublicKey = { type: string; blob: string; fingerprint: string };

/** A public key of 16384-bit RSA is below 3 kB; nothing longer is one. */
const longestFile = 16 * 1024;
const leastRsaBits = 2048;

/** The parts after the type that each accepted type has on the wire, and what else must hold for them. */
const keyShapes: Record<string, (parts: readonly Buffer[]) => string | null> = {
  'ssh-ed25519': (parts) => (parts.length === 1 && parts[0]?.length === 32 ? null : 'wrong length'),
  'ecdsa-sha2-nistp256': (parts) => curvePoint(parts, 'nistp256', 32),
  'ecdsa-sha2-nistp384': (parts) => curvePoint(parts, 'nistp384', 48),
  'ecdsa-sha2-nistp521': (parts) => curvePoint(parts, 'nistp521', 66),
  'ssh-rsa': (parts) => {
    const [exponent, modulus] = parts;
    if (parts.length !== 2 || exponent === undefined || modulus === undefined) return 'wrong parts';
    const bits = bitLength(modulus);
    return bits < leastRsaBits ? `${bits} bits, at least ${leastRsaBits} are needed` : null;
  },
  'sk-ssh-ed25519@openssh.com': (parts) =>
    parts.length === 2 && parts[0]?.length === 32 ? null : 'wrong length',
  'sk-ecdsa-sha2-nistp256@openssh.com': (parts) =>
    parts.length === 3 ? curvePoint(parts.slice(0, 2), 'nistp256', 32) : 'wrong parts',
};

function curvePoint(parts: readonly Buffer[], curve: string, size: number): string | null {
  const [name, point] = parts;
  if (parts.length !== 2 || name?.toString('latin1') !== curve) return 'wrong curve';
  return point?.length === 1 + 2 * size && point[0] === 4 ? null : 'wrong point';
}

function bitLength(integer: Buffer): number {
  const start = integer.findIndex((byte) => byte !== 0);
  if (start === -1) return 0;
  return (integer.length - start - 1) * 8 + (32 - Math.clz32(integer[start] ?? 0));
}

function invalid(reason: string): AppError {
  return new AppError('INVALID_INPUT', `not a public key: ${reason}`);
}

export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Takes exactly one public key in OpenSSH's one-line form. No options in front, no second line: what is stored is
 * put together from type and blob alone. Throws INVALID_INPUT, which never repeats the file's content.
 */
export function parsePublicKey(content: string): PublicKey {
  const line = content.replace(/\r?\n$/, '');
  if (line === '') throw invalid('the file is empty');
  if (line.includes('PRIVATE KEY')) throw invalid('this is a private key; give the .pub file');
  if (/[\r\n]/.test(line)) throw invalid('more than one line');
  if (/[^\t\x20-\x7e\u00a0-\uffff]/.test(line)) throw invalid('control characters in it');
  const [type = '', encoded = ''] = line.trim().split(/[ \t]+/);
  const shape = Object.hasOwn(keyShapes, type) ? keyShapes[type] : undefined;
  if (shape === undefined)
    throw invalid(
      /[=",]/.test(type) ? 'options in front of the key are not accepted' : 'unknown or unaccepted key type',
    );
  const blob = Buffer.from(encoded, 'base64');
  if (blob.length === 0 || blob.toString('base64') !== encoded) throw invalid('not base64');
  const [inner, ...parts] = readStrings(blob) ?? [];
  if (inner === undefined || inner.toString('latin1') !== type)
    throw invalid('its inner type differs from the outer one');
  const fault = shape(parts);
  if (fault !== null) throw invalid(fault);
  return { type, blob: encoded, fingerprint: fingerprintOf(blob) };
}

/** Reads a key file that may be anything: a pipe, a folder, huge. `/dev/stdin` is the command's own input. */
export async function readPublicKeyFile(path: string, stdin: Readable): Promise<PublicKey> {
  if (path === '/dev/stdin') return parsePublicKey(await readBounded(stdin));
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new AppError('INVALID_INPUT', `the key file cannot be read: ${code}`, { cause });
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) throw invalid('not a regular file');
    if (status.size > longestFile) throw invalid(`the file is larger than ${longestFile} bytes`);
    return parsePublicKey(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

async function readBounded(stdin: Readable): Promise<string> {
  let size = 0;
  return text(
    (async function* bounded() {
      for await (const chunk of stdin) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > longestFile) throw invalid(`more than ${longestFile} bytes`);
        yield bytes;
      }
    })(),
  );
}
