import { getCiphers } from 'node:crypto';
import type {
  CipherAlgorithm,
  CompressionAlgorithm,
  KexAlgorithm,
  MacAlgorithm,
  NegotiatedAlgorithms,
  ServerHostKeyAlgorithm,
} from 'ssh2';
import { bitLength, decodeLatin1, readSshStrings } from '../../../src-shared/base/sshWire.ts';

type AlgorithmLists = {
  kex: KexAlgorithm[];
  serverHostKey: ServerHostKeyAlgorithm[];
  cipher: CipherAlgorithm[];
  hmac: MacAlgorithm[];
  compress: CompressionAlgorithm[];
};
export type AlgorithmKind = keyof AlgorithmLists;

/**
 * The algorithms that the console offers, in this order **[ours]**: no SHA-1, no CBC, no compression before
 * the login.
 */
const modern = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group17-sha512',
    'diffie-hellman-group18-sha512',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} as const satisfies { [Kind in AlgorithmKind]: readonly AlgorithmLists[Kind][number][] };

/** Offered after the modern ones if the entry allows legacy algorithms. */
const legacy = {
  kex: ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1'],
  serverHostKey: ['ssh-rsa'],
  cipher: [],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
  compress: [],
} as const satisfies { [Kind in AlgorithmKind]: readonly AlgorithmLists[Kind][number][] };

/** Electron's OpenSSL has no chacha20, and ssh2 throws if a list contains an unsupported cipher. */
const hasChacha20 = getCiphers().includes('chacha20');

/**
 * Returns the algorithm lists for one hop. The types of pinned host keys come first, so that a server with
 * several keys sends the pinned one and a new key causes no alarm. RSA keys sign with SHA-2 if possible.
 */
export function algorithmLists(options: {
  legacyAlgorithms: boolean;
  pinnedTypes: readonly string[];
}): AlgorithmLists {
  const isPinned = (algorithm: ServerHostKeyAlgorithm) =>
    options.pinnedTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  const added = options.legacyAlgorithms ? legacy : null;
  const serverHostKey: ServerHostKeyAlgorithm[] = [...modern.serverHostKey, ...(added?.serverHostKey ?? [])];
  return {
    kex: [...modern.kex, ...(added?.kex ?? [])],
    serverHostKey: [
      ...serverHostKey.filter(isPinned),
      ...serverHostKey.filter((algorithm) => !isPinned(algorithm)),
    ],
    cipher: modern.cipher.filter((cipher) => hasChacha20 || !cipher.startsWith('chacha20')),
    hmac: [...modern.hmac, ...(added?.hmac ?? [])],
    compress: [...modern.compress],
  };
}

/** Returns the algorithms of `offered` that need the setting for legacy algorithms. */
export function findLegacyAlgorithms(kind: AlgorithmKind, offered: readonly string[]): string[] {
  const known: readonly string[] = legacy[kind];
  return offered.filter((name) => known.includes(name));
}

/** Minimum length of an RSA host key in bits **[ours]**. */
const minRsaBits = 2048;
const minLegacyRsaBits = 1024;

/**
 * The length of an RSA public key in bits (RFC 4253, 6.6). Null for another type of key or malformed data.
 */
export function readRsaBits(blob: Buffer): number | null {
  const [type, , modulus] = readSshStrings(blob) ?? [];
  return modulus === undefined || type === undefined || decodeLatin1(type) !== 'ssh-rsa'
    ? null
    : bitLength(modulus);
}

/** Returns why a host key is too short, or null if it is long enough. */
export function findKeyLengthFault(blob: Buffer, legacyAlgorithms: boolean): string | null {
  const bits = readRsaBits(blob);
  if (bits === null || bits >= (legacyAlgorithms ? minLegacyRsaBits : minRsaBits)) return null;
  return `RSA host key of ${bits} bits`;
}

/** Describes the weak algorithms of a connection. Empty if there are none. */
export function findWeakAlgorithms(negotiated: NegotiatedAlgorithms, hostKey: Buffer): string[] {
  const short = findKeyLengthFault(hostKey, false);
  const found = [
    ...findLegacyAlgorithms('kex', [negotiated.kex]),
    ...findLegacyAlgorithms('serverHostKey', [negotiated.serverHostKey]),
    ...findLegacyAlgorithms('hmac', [negotiated.cs.mac, negotiated.sc.mac]),
    ...(short === null ? [] : [short]),
  ];
  return [...new Set(found)];
}
