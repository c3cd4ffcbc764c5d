import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { base64url } from 'jose';
import { maxDocumentBytes } from './documents.ts';

/** A longer text does not fit into one QR code that a phone reads well **[ours]**. */
export const maxStaticQrBytes = 1200;
/** Bytes of the document in each frame of an animated QR code **[ours]**. */
const chunkBytes = 450;
const maxChunks = Math.ceil(maxDocumentBytes / chunkBytes);
const maxFrameNumber = 9999;
const framePattern = /^SPQ1\/([\da-f]{16})\/(\d{1,5})\/(\d{1,4})\/([\w-]+)$/u;

/** The beginning of a SHA-256: it tells frames of different documents apart and proves that a text is whole. */
function digestOf(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes)).slice(0, 16);
}

/**
 * The chunks whose XOR a frame holds, as bits. The first frames hold one chunk each; each later frame a random half of
 * them, so that any few frames more than there are chunks restore the document (a random linear fountain code).
 */
function chunksOf(frame: number, digest: string, count: number): bigint {
  if (frame <= count) return 1n << BigInt(frame - 1);
  const random = BigInt(`0x${bytesToHex(sha256(utf8ToBytes(`${digest}/${frame}`)))}`);
  const mask = random & ((1n << BigInt(count)) - 1n);
  return mask === 0n ? 1n : mask;
}

function xorInto(target: Uint8Array, source: Uint8Array): void {
  for (const [index, byte] of source.entries()) target[index] = (target[index] ?? 0) ^ byte;
}

/** The QR codes that carry a document: one code, or an endless sequence of frames. */
export type QrFrames = { isStatic: boolean; chunks: number; frameAt: (index: number) => string };

/** Frames are counted from 0; after the last one the sequence begins again. */
export function createQrFrames(text: string): QrFrames {
  if (text.length <= maxStaticQrBytes) return { isStatic: true, chunks: 1, frameAt: () => text };
  const bytes = utf8ToBytes(text);
  const digest = digestOf(bytes);
  const count = Math.ceil(bytes.length / chunkBytes);
  const chunks = Array.from({ length: count }, (_, at) => {
    const chunk = new Uint8Array(chunkBytes);
    chunk.set(bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes));
    return chunk;
  });
  return {
    isStatic: false,
    chunks: count,
    frameAt(index) {
      const frame = (index % maxFrameNumber) + 1;
      const mask = chunksOf(frame, digest, count);
      const content = new Uint8Array(chunkBytes);
      for (const [at, chunk] of chunks.entries()) if ((mask >> BigInt(at)) & 1n) xorInto(content, chunk);
      return `SPQ1/${digest}/${bytes.length}/${frame}/${base64url.encode(content)}`;
    },
  };
}

function highestOf(mask: bigint): number {
  return mask.toString(2).length - 1;
}

/** Solves for the chunks: each row is the XOR of the chunks in its mask, and owns its highest chunk. */
function createChunkSolver(count: number) {
  const rows = new Map<number, { mask: bigint; content: Uint8Array }>();
  return {
    solved: () => rows.size,
    add(frameMask: bigint, content: Uint8Array): void {
      let mask = frameMask;
      while (mask !== 0n) {
        const row = rows.get(highestOf(mask));
        if (row === undefined) {
          rows.set(highestOf(mask), { mask, content });
          return;
        }
        mask ^= row.mask;
        xorInto(content, row.content);
      }
    },
    /** All chunks in order. Only if `solved()` is `count`. */
    chunks(): Uint8Array[] {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < count; at += 1) {
        const { mask, content } = rows.get(at) ?? { mask: 0n, content: new Uint8Array(chunkBytes) };
        const chunk = content.slice();
        for (const [below, known] of chunks.entries())
          if ((mask >> BigInt(below)) & 1n) xorInto(chunk, known);
        chunks.push(chunk);
      }
      return chunks;
    },
  };
}

/** Null if the text is no base64url, e.g. of a length that none has. */
function decodeBody(body: string): Uint8Array | null {
  try {
    return base64url.decode(body);
  } catch {
    return null;
  }
}

export type QrProgress =
  { state: 'reading'; seen: number; chunks: number } | { state: 'complete'; text: string };

/**
 * Collects the frames of an animated QR code, in any order. A code that is no frame is complete. The first
 * frame of another document starts again; what does not add up to its digest is dropped.
 */
export function createQrReader() {
  let source = '';
  let count = 0;
  let solver = createChunkSolver(0);
  return {
    read(code: string): QrProgress {
      const [, digest, size = '', number, body = ''] = framePattern.exec(code) ?? [];
      if (digest === undefined) return { state: 'complete', text: code };
      const length = Number(size);
      const content = decodeBody(body);
      if (length < 1 || length > maxDocumentBytes || content?.length !== chunkBytes)
        return { state: 'reading', seen: solver.solved(), chunks: count };
      if (source !== `${digest}/${length}`) {
        source = `${digest}/${length}`;
        count = Math.min(maxChunks, Math.ceil(length / chunkBytes));
        solver = createChunkSolver(count);
      }
      solver.add(chunksOf(Math.max(1, Number(number)), digest, count), content);
      if (solver.solved() < count) return { state: 'reading', seen: solver.solved(), chunks: count };
      const bytes = new Uint8Array(count * chunkBytes);
      for (const [at, chunk] of solver.chunks().entries()) bytes.set(chunk, at * chunkBytes);
      const whole = bytes.subarray(0, length);
      if (digestOf(whole) === digest) return { state: 'complete', text: new TextDecoder().decode(whole) };
      source = '';
      return { state: 'reading', seen: 0, chunks: count };
    },
  };
}
