/**
 * What is wrong with the encoding of a text that was decoded as UTF-8. `plain` is the text that was certainly meant, or
 * null.
 */
export type EncodingFault = { message: string; at: number; plain: string | null; isUtf16: boolean };

/** A text in UTF-16, decoded as UTF-8: every other character is NUL. The mark at its start is not valid UTF-8. */
const utf16 = /^\ufffd{0,2}(?:(?<little>(?:[^\0]\0){3})|(?<big>(?:\0[^\0]){3}))/u;

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function lineOf(text: string, at: number): number {
  return count(text.slice(0, at), '\n') + 1;
}

/** Finds NULs and characters that UTF-8 can't decode, and names the encoding that was probably used. Null if it is UTF-8. */
export function findEncodingFault(text: string): EncodingFault | null {
  const shape = utf16.exec(text);
  if (shape !== null && count(text, '\0') > text.length / 3) {
    const plain = text.replace(/^\ufffd{0,2}/u, '').replaceAll('\0', '');
    const order = shape.groups?.['little'] === undefined ? 'BE' : 'LE';
    return {
      message: `the text is UTF-16 ${order}, not UTF-8; save it as UTF-8, or convert it: iconv -f UTF-16${order} -t UTF-8 FILE > NEW`,
      at: 0,
      plain: plain.includes('\ufffd') || !/^[\t\n\r\x20-\x7e]*$/u.test(plain) ? null : plain,
      isUtf16: true,
    };
  }
  const padding = /\0+/u.exec(text);
  if (padding !== null) {
    const { length } = padding[0];
    return {
      message: `${length} NUL byte${length === 1 ? '' : 's'} in line ${lineOf(text, padding.index)}; the file was damaged, or it is not a text file`,
      at: padding.index,
      plain: text.replaceAll('\0', ''),
      isUtf16: false,
    };
  }
  const broken = text.indexOf('\ufffd');
  if (broken === -1) return null;
  return {
    message: `line ${lineOf(text, broken)} is not UTF-8 (perhaps Windows-1252); save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW`,
    at: broken,
    plain: null,
    isUtf16: false,
  };
}

/**
 * Decodes a file. UTF-16 is recognized by its byte order mark or by its zero bytes; everything else is decoded as UTF-8,
 * with U+FFFD for bytes that are not valid. Keeps the byte order mark of UTF-8.
 */
export function decodeText(bytes: Uint8Array): string {
  const decode = (encoding: string) =>
    new TextDecoder(encoding, { ignoreBOM: encoding === 'utf-8' }).decode(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode('utf-16be');
  const head = bytes.subarray(0, 512);
  const zeros = (odd: number) => head.filter((byte, index) => index % 2 === odd && byte === 0).length;
  const isUtf16 = (own: number, other: number) =>
    head.length >= 6 && own > head.length / 3 && other < head.length / 20;
  if (isUtf16(zeros(1), zeros(0))) return decode('utf-16le');
  if (isUtf16(zeros(0), zeros(1))) return decode('utf-16be');
  return decode('utf-8');
}
