import type { AlgorithmKind } from './algorithms.ts';
import { latin1, readSshString } from '../../../src-shared/base/sshWire.ts';

/** The server's offer in its SSH_MSG_KEXINIT (RFC 4253, 7.1), which is unencrypted and comes first. */
export type ServerOffer = Readonly<Record<AlgorithmKind, readonly string[]>>;

/** Limit for the lines before the version, the version and the first packet; an SSH server sends less **[ours]**. */
const maxBytes = 64 * 1024;
const maxPieces = 1_000;
const keyExchangeInit = 20;
const cookieLength = 16;

/** The end of the version line; null before it has arrived. */
function packetsFrom(bytes: Buffer): number | null {
  const version = bytes.subarray(0, 4).toString('latin1') === 'SSH-' ? 0 : bytes.indexOf('\nSSH-');
  if (version === -1) return null;
  const end = bytes.indexOf('\n', version + 1);
  return end === -1 ? null : end + 1;
}

/** Null if the message is incomplete or another one. */
function readOffer(bytes: Buffer): ServerOffer | null {
  const start = packetsFrom(bytes);
  if (start === null || bytes.length < start + 6) return null;
  const end = start + 4 + bytes.readUInt32BE(start);
  if (bytes.length < end || bytes[start + 5] !== keyExchangeInit) return null;
  const message = bytes.subarray(0, end);
  let at: number | null = start + 6 + cookieLength;
  const next = (): string[] => {
    const list = at === null ? null : readSshString(message, at);
    at = list?.next ?? null;
    return list === null ? [] : latin1(list.value).split(',');
  };
  // Names that mark other abilities of a server are no algorithms.
  const kex = next().filter((name) => !/^(?:ext-info|kex-strict)-/u.test(name));
  const serverHostKey = next();
  const cipher = next();
  next();
  const hmac = next();
  next();
  const compress = next();
  return at === null ? null : { kex, serverHostKey, cipher, hmac, compress };
}

export type OfferReader = { take: (chunk: Buffer) => void; offer: () => ServerOffer | null };

/** Reads the start of a connection. Keeps at most 64 kB, and nothing once the offer is known. */
export function createOfferReader(): OfferReader {
  let kept = Buffer.alloc(0);
  let pieces = 0;
  let isOver = false;
  let offer: ServerOffer | null = null;
  return {
    take: (chunk) => {
      if (isOver) return;
      kept = Buffer.concat([kept, chunk]);
      pieces += 1;
      offer = readOffer(kept);
      isOver = offer !== null || kept.length > maxBytes || pieces > maxPieces;
      if (isOver) kept = Buffer.alloc(0);
    },
    offer: () => offer,
  };
}
