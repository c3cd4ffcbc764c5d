import type { AlgorithmKind } from './algorithms.ts';
import { latin1, readSshString } from '../../../src-shared/base/sshWire.ts';

/** What a server offers, from its SSH_MSG_KEXINIT (RFC 4253, 7.1), which comes unencrypted before anything else. */
export type ServerOffer = Readonly<Record<AlgorithmKind, readonly string[]>>;

/** Lines before the version and the version itself, and the first packet: more is no SSH server **[ours]**. */
const maxBytes = 64 * 1024;
const maxPieces = 1_000;
const keyExchangeInit = 20;
const cookieLength = 16;

/** Where the version line ends; null before it has come. */
function packetsFrom(bytes: Buffer): number | null {
  const version = bytes.subarray(0, 4).toString('latin1') === 'SSH-' ? 0 : bytes.indexOf('\nSSH-');
  if (version === -1) return null;
  const end = bytes.indexOf('\n', version + 1);
  return end === -1 ? null : end + 1;
}

/** Null while the message is incomplete, or if it is not such a message. */
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
  // Marks of what else a server can do are no algorithms.
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

/** Listens to the start of a connection; keeps at most 64 kB, and nothing once the offer is known. */
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
