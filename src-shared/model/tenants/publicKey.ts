import { describeLookAlike, findLookAlikes } from '../../base/lookAlikes.ts';
import { findEncodingFault } from '../../base/textEncoding.ts';
import { encodeBase64, bitLength, fingerprintOf, decodeLatin1, readSshStrings } from '../../base/sshWire.ts';

/** A key as the appliance stores it: `blob` is base64, `fingerprint` is OpenSSH's `SHA256:…`. */
export type PublicKey = { type: string; blob: string; fingerprint: string; comment: string | null };

const minRsaBits = 2048;
/** Maximum length of a public key. Even a 16384-bit RSA key needs less than 3 kB. */
export const maxPublicKey = 16 * 1024;

type Part = Uint8Array;

function checkCurvePoint(parts: readonly Part[], curve: string, size: number): string | null {
  const [name, point] = parts;
  if (parts.length !== 2 || name === undefined || decodeLatin1(name) !== curve) return 'wrong elliptic curve';
  return point?.length === 1 + 2 * size && point[0] === 4 ? null : 'malformed curve point';
}

/**
 * For each accepted key type: the check of the parts after the type name. It returns what is wrong, or null.
 */
const keyShapes: Record<string, (parts: readonly Part[]) => string | null> = {
  'ssh-ed25519': (parts) => (parts.length === 1 && parts[0]?.length === 32 ? null : 'wrong length'),
  'ecdsa-sha2-nistp256': (parts) => checkCurvePoint(parts, 'nistp256', 32),
  'ecdsa-sha2-nistp384': (parts) => checkCurvePoint(parts, 'nistp384', 48),
  'ecdsa-sha2-nistp521': (parts) => checkCurvePoint(parts, 'nistp521', 66),
  'ssh-rsa': (parts) => {
    const [exponent, modulus] = parts;
    if (parts.length !== 2 || exponent === undefined || modulus === undefined) return 'malformed key data';
    const bits = bitLength(modulus);
    return bits < minRsaBits ? `${bits} bits, at least ${minRsaBits} are needed` : null;
  },
  'sk-ssh-ed25519@openssh.com': (parts) =>
    parts.length === 2 && parts[0]?.length === 32 ? null : 'wrong length',
  'sk-ecdsa-sha2-nistp256@openssh.com': (parts) =>
    parts.length === 3 ? checkCurvePoint(parts.slice(0, 2), 'nistp256', 32) : 'wrong number of parts',
};

/**
 * Decodes base64 in the form that OpenSSH writes. Null for other alphabets or missing padding, because the
 * same key must not have two spellings.
 */
function decodeBase64(text: string): Uint8Array | null {
  if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/u.test(text) || text.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return encodeBase64(bytes) === text ? bytes : null;
}

/** Whether `text` contains a private key in the format of OpenSSH, OpenSSL or PuTTY. */
export function holdsPrivateKey(text: string): boolean {
  return /PRIVATE KEY|PuTTY-User-Key-File/u.test(text);
}

const problem = (text: string): { key: null; problem: string } => ({ key: null, problem: text });

type ReadKey = { key: PublicKey; problem: null } | { key: null; problem: string };

/** A word of authorized_keys that may stand in front of a key **[doc]**. */
const option =
  '(?:restrict|cert-authority|verify-required|(?:no-)?(?:agent-forwarding|port-forwarding|pty|user-rc|x11-forwarding|touch-required))';
const optionWord = new RegExp(`[="]|^${option}(?:,${option})*$`, 'iu');

/** Why the first word of a line is no key type. The next word may be one. */
function explainType(type: string, next: string): string {
  if (Object.hasOwn(keyShapes, next))
    return optionWord.test(type)
      ? 'options before the key are not allowed'
      : 'something stands before the key type; the line must start with the type, such as ssh-ed25519';
  if (/-cert-v0\d@/u.test(type)) return 'it is a certificate; use the .pub file without -cert';
  if (/^["'`\u201c]/u.test(type)) return 'remove the quotes around the key';
  if (type.startsWith('AAAA')) return 'the key type, such as ssh-ed25519, is missing before the key';
  if (/^(?:SHA256|MD5):|^\d+ (?:SHA256|MD5):/u.test(`${type} ${next}`))
    return 'it is a fingerprint, not a key';
  if (optionWord.test(type)) return 'options before the key are not allowed';
  return `unknown or unsupported key type${type === 'ssh-dss' ? ' (DSA is no longer accepted)' : ''}`;
}

/** Reads one line without hidden characters. */
function readLine(line: string): ReadKey {
  const [type = '', encoded = '', ...words] = line.split(/[ \t]+/u);
  const shape = Object.hasOwn(keyShapes, type) ? keyShapes[type] : undefined;
  if (shape === undefined) return problem(explainType(type, encoded));
  const blob = decodeBase64(encoded);
  if (blob === null) return problem('the key is not valid base64');
  const [inner, ...parts] = readSshStrings(blob) ?? [];
  if (inner === undefined || decodeLatin1(inner) !== type)
    return problem('the type inside the key data differs from the type in front of it');
  const weakness = shape(parts);
  if (weakness !== null) return problem(weakness);
  const comment = words.join(' ');
  return {
    key: { type, blob: encoded, fingerprint: fingerprintOf(blob), comment: comment === '' ? null : comment },
    problem: null,
  };
}

/** Whether the key can be read once a space or line break inside it is removed. */
function isBroken(line: string): boolean {
  const [type = '', ...words] = line.trim().split(/\s+/u);
  if (!Object.hasOwn(keyShapes, type)) return false;
  return words.slice(1, 64).some((_, index) => {
    const joined = words.slice(0, index + 2).join('');
    return readLine(`${type} ${joined}`).key !== null;
  });
}

/**
 * Reads exactly one public key in OpenSSH's one-line form. Otherwise returns one sentence with the reason,
 * which never quotes the text, because it may be a private key pasted by mistake. Rejects options and a
 * second line. Pure, never throws.
 */
export function readPublicKey(text: string): ReadKey {
  if (text.length > maxPublicKey) return problem(`it is longer than ${maxPublicKey} characters`);
  if (holdsPrivateKey(text)) return problem('this is a private key; use the .pub file');
  const fault = findEncodingFault(text);
  if (fault !== null && (fault.isUtf16 || text.includes('\0'))) return problem(fault.message);
  const line = text.replace(/^\ufeff/u, '').trim();
  if (line === '') return problem('it is empty');
  if (/BEGIN (?:SSH2 |RSA )?PUBLIC KEY/u.test(line))
    return problem('it is not in OpenSSH format; ssh-keygen -i converts it');
  if (line.startsWith('-----BEGIN ')) return problem('it is not a public key but another kind of PEM file');
  const where = () => (isBroken(line) ? '; a space or line break is inside the key, so remove it' : '');
  if (/[\r\n\u2028\u2029]/u.test(line)) return problem(`it has more than one line${where()}`);
  if (/[^\t\x20-\x7e\u00a0-\uffff]/u.test(line)) return problem('it contains control characters');
  // The comment may hold any letters.
  const [lookAlike] = findLookAlikes(line.split(/[ \t]+/u, 2).join(' '));
  if (lookAlike !== undefined)
    return problem(`character ${lookAlike.at + 1} is ${describeLookAlike(lookAlike)}`);
  const read = readLine(line);
  return read.key === null ? problem(`${read.problem}${where()}`) : read;
}
