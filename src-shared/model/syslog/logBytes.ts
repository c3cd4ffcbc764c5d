/**
 * Bytes that are not UTF-8 become the code points U+DC80 to U+DCFF, which valid text never contains alone, as in Python's
 * `surrogateescape`. So every line is text, and its bytes can be had again.
 */
const escapeBase = 0xdc00;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The number of bytes of the valid sequence at `at`; 0 for an invalid one (RFC 3629). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let index = 1; index < length; index += 1) if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  const isOverlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isOutside = (first === 0xed && second > 0x9f) || (first === 0xf4 && second > 0x8f);
  return isOverlong || isOutside ? 0 : length;
}

/** Decodes the bytes of a line. Never throws, and loses nothing: `encodeLogText` returns the same bytes. */
export function decodeLogBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeDamaged(bytes);
  }
}

function decodeDamaged(bytes: Uint8Array): string {
  const parts: string[] = [];
  let valid = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(strict.decode(bytes.subarray(valid, at)), String.fromCharCode(escapeBase + (bytes[at] ?? 0)));
    at += 1;
    valid = at;
  }
  parts.push(strict.decode(bytes.subarray(valid)));
  return parts.join('');
}

const escaped = /[\udc80-\udcff]/u;
const eachEscaped = /([\udc80-\udcff])/u;

/** The bytes of a text that `decodeLogBytes` returned. */
export function encodeLogText(text: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (!escaped.test(text)) return encoder.encode(text);
  const parts = text.split(eachEscaped).map((part) => {
    const byte = part.length === 1 && escaped.test(part) ? part.charCodeAt(0) - escapeBase : null;
    return byte === null ? encoder.encode(part) : Uint8Array.of(byte);
  });
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The text with `\xHH` in place of each byte that is not UTF-8, to show or copy it. */
export function showDamagedBytes(text: string): string {
  if (!escaped.test(text)) return text;
  return text.replaceAll(
    /[\udc80-\udcff]/gu,
    (unit) => `\\x${(unit.charCodeAt(0) - escapeBase).toString(16).toUpperCase()}`,
  );
}
