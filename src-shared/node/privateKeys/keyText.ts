import { isUtf8 } from 'node:buffer';

/** A block between a BEGIN and an END line. */
export type KeyBlock = { label: string; body: string; hasEnd: boolean };

const byteOrderMark = '\ufeff';
/** Characters that word processors and web pages put in place of plain ones, with the plain text. */
const lookAlikes = [
  {
    characters: /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u,
    name: 'a no-break or special space',
    plain: ' ',
  },
  {
    characters: /[\u200b-\u200f\u2028-\u202e\u2060-\u2064\u00ad\ufeff]/u,
    name: 'an invisible character',
    plain: '',
  },
  { characters: /[\u2010-\u2013\u2212\ufe63\uff0d]/u, name: 'a dash that is not a hyphen', plain: '-' },
  // Word processors write it for two hyphens.
  { characters: /[\u2014\u2015\ufe58]/u, name: 'a dash that is not a hyphen', plain: '--' },
] as const;

/** Whether the bytes are UTF-16, with or without a byte order mark. */
export function isUtf16(content: Buffer): boolean {
  const [first, second] = content;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const start = content.subarray(0, 64);
  const isZero = (at: number) => start.every((byte, index) => index % 2 !== at || byte === 0);
  return start.length >= 8 && isZero(0) !== isZero(1);
}

const windows1252 = new TextDecoder('windows-1252');

/** Decodes UTF-8 without its byte order mark, or Windows-1252 if the bytes are no UTF-8. */
export function decodeKeyText(content: Buffer): string {
  const text = isUtf8(content) ? content.toString('utf8') : windows1252.decode(content);
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

function replaceLookAlikes(text: string): string {
  return lookAlikes.reduce(
    (plain, { characters, plain: by }) => plain.replaceAll(new RegExp(characters, 'gu'), by),
    text,
  );
}

/**
 * Removes what other programs put in front of each line, if it is also in front of the BEGIN line: a number, or a mark
 * such as `>` of mail and `+` of a comparison.
 */
function createPrefixRemover(before: string): (line: string) => string {
  if (/^\s*\d+(?:\s*[:|]|\s)\s*$/u.test(before))
    return (line) => line.replace(/^\s*\d+(?:\s*[:|]|\s)\s*/u, '');
  const mark = before.trim();
  if (!/^[>+|#*]{1,8}$/u.test(mark)) return (line) => line;
  return (line) => (line.trimStart().startsWith(mark) ? line.trimStart().slice(mark.length) : line);
}

/**
 * The key between a BEGIN and an END line, with plain line ends and without spaces around lines. Other text
 * around it is ignored, as OpenSSH ignores it around PEM.
 */
export function findKeyBlock(text: string): KeyBlock | null {
  const match = /^(.*?)-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----([\s\S]*)/mu.exec(text);
  if (match === null) return null;
  const [, before = '', label = '', rest = ''] = match;
  const removePrefix = createPrefixRemover(before);
  const end = rest.indexOf(`-----END ${label}-----`);
  const lines = (end === -1 ? rest : rest.slice(0, end)).split(/\r\n?|\n/u);
  const body = lines.map((line) => removePrefix(line).trim()).join('\n');
  return { label, body: body.trim(), hasEnd: end !== -1 };
}

/** The cipher and the encrypted data of OpenSSL's traditional format. `cipher` is null if its lines are missing. */
export function readPemHeaders(body: string): { headers: string; cipher: string | null; data: string } {
  const match =
    /^Proc-Type: ?4, ?ENCRYPTED DEK-Info: ?(?<cipher>[\w-]+) ?, ?(?<start>[0-9A-F]+) (?<data>.*)$/iu.exec(
      body.replaceAll(/\s+/gu, ' '),
    )?.groups;
  const { cipher, start = '', data = body } = match ?? {};
  if (cipher === undefined) return { headers: '', cipher: null, data };
  return { headers: `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${cipher},${start}\n\n`, cipher, data };
}

/** How `sed` writes a character of a file in UTF-8 or in Windows-1252. */
function sedBytes(character: string, isInUtf8: boolean): string {
  const all = Array.from({ length: 128 }, (_, index) => Buffer.from([index + 128]));
  const single = isInUtf8 ? undefined : all.find((byte) => windows1252.decode(byte) === character);
  return Array.from(single ?? Buffer.from(character), (byte) => `\\x${byte.toString(16)}`).join('');
}

/** The lines of the key itself, with their numbers. A comment may hold any character. */
function listKeyLines(text: string): { number: number; line: string }[] {
  const lines = text.split(/\r\n?|\n/u).map((line, index) => ({ number: index + 1, line }));
  const plain = lines.map(({ line }) => replaceLookAlikes(line));
  const start = plain.findIndex((line) => /^PuTTY|BEGIN .*PRIVATE KEY/u.test(line));
  const end = plain.findLastIndex((line) => /^Private-MAC|END .*PRIVATE KEY/u.test(line));
  return lines
    .slice(Math.max(0, start), end === -1 ? undefined : end + 1)
    .filter(({ line }) => !line.startsWith('Comment:'));
}

/**
 * Why a key can't be read because of look-alike characters, with the command that replaces the first of them.
 * Null if the key has none.
 */
export function findLookAlike(text: string, isInUtf8: boolean): string | null {
  const plain = replaceLookAlikes(text);
  if (!plain.startsWith('PuTTY-') && findKeyBlock(plain) === null) return null;
  for (const { number, line } of listKeyLines(text))
    for (const { characters, name, plain: by } of lookAlikes) {
      const [character] = characters.exec(line) ?? [];
      if (character === undefined) continue;
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      const command = `LC_ALL=C sed 's/${sedBytes(character, isInUtf8)}/${by}/g' FILE > NEW`;
      return `line ${number} holds ${name} (U+${code}); ${command} replaces it`;
    }
  return null;
}

/** The block with plain lines of 64 characters, because ssh2 and OpenSSL are strict about them. */
export function formatKeyBlock({ label, body }: KeyBlock): string {
  const { headers, data } = readPemHeaders(body);
  const plain = data
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replaceAll(/[^A-Za-z0-9+/=]/gu, '');
  const lines = plain.match(/.{1,64}/gu) ?? [];
  return `-----BEGIN ${label}-----\n${headers}${lines.join('\n')}\n-----END ${label}-----`;
}
