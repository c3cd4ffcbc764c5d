import type { AlgorithmKind } from './algorithms.ts';
import { decodeLatin1, readSshString } from '../../../src-shared/base/sshWire.ts';

/**
 * The algorithms that the server offers in its SSH_MSG_KEXINIT (RFC 4253, 7.1), which is its first packet and
 * not encrypted.
 */
export type ServerOffer = Readonly<Record<AlgorithmKind, readonly string[]>>;

/** Maximum size of the server's first lines and its first packet. SSH servers send less **[ours]**. */
const maxBytes = 64 * 1024;
const maxChunks = 1_000;
/** How much is kept to show the text in front of the version line **[ours]**. */
const maxTextBytes = 2_048;
const keyExchangeInit = 20;
const cookieLength = 16;

/** Returns the index after the server's version line. Null if the line has not arrived yet. */
function findPacketStart(bytes: Buffer): number | null {
  const version = bytes.subarray(0, 4).toString('latin1') === 'SSH-' ? 0 : bytes.indexOf('\nSSH-');
  if (version === -1) return null;
  const end = bytes.indexOf('\n', version + 1);
  return end === -1 ? null : end + 1;
}

/** Returns null if the packet is incomplete or is no KEXINIT. */
function readOffer(bytes: Buffer): ServerOffer | null {
  const start = findPacketStart(bytes);
  if (start === null || bytes.length < start + 6) return null;
  const end = start + 4 + bytes.readUInt32BE(start);
  if (bytes.length < end || bytes[start + 5] !== keyExchangeInit) return null;
  const message = bytes.subarray(0, end);
  let at: number | null = start + 6 + cookieLength;
  const next = (): string[] => {
    const list = at === null ? null : readSshString(message, at);
    at = list?.next ?? null;
    return list === null ? [] : decodeLatin1(list.value).split(',');
  };
  // Remove names that only announce other abilities of the server.
  const kex = next().filter((name) => !/^(?:ext-info|kex-strict)-/u.test(name));
  const serverHostKey = next();
  const cipher = next();
  next();
  const hmac = next();
  next();
  const compress = next();
  return at === null ? null : { kex, serverHostKey, cipher, hmac, compress };
}

export type OfferReader = {
  addChunk: (chunk: Buffer) => void;
  offer: () => ServerOffer | null;
  /** The text in front of the server's version line, or all of it if none has come. Shortened. */
  textBeforeSsh: () => string;
};

/**
 * Reads the server's offer at the start of a connection. Keeps at most 64 kB, and nothing once the offer is
 * known.
 */
export function createOfferReader(): OfferReader {
  let kept = Buffer.alloc(0);
  let chunkCount = 0;
  let isOver = false;
  let offer: ServerOffer | null = null;
  let before = Buffer.alloc(0);
  return {
    addChunk: (chunk) => {
      if (isOver) return;
      kept = Buffer.concat([kept, chunk]);
      chunkCount += 1;
      if (before.length < maxTextBytes) before = Buffer.from(kept.subarray(0, maxTextBytes));
      offer = readOffer(kept);
      isOver = offer !== null || kept.length > maxBytes || chunkCount > maxChunks;
      if (isOver) kept = Buffer.alloc(0);
    },
    offer: () => offer,
    textBeforeSsh: () => before.toString('utf8').split(/^SSH-/mu)[0] ?? '',
  };
}
