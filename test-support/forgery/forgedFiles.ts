import { deflateRawSync, gzipSync } from 'node:zlib';
import { forge, table, type ForgedLicence, type Write } from './forge.ts';

/** Changes to the text of a genuine licence. */
const files = table(
  'file',
  Object.fromEntries(
    Object.entries<(text: string) => string | Buffer>({
      nothing: () => '',
      'three empty parts': () => '..',
      'a line end only': () => '\n',
      'no last character': (text) => text.slice(0, -1),
      'no first character': (text) => text.slice(1),
      'the JSON form of a signature': (text) => {
        const [head, payload, signature] = text.split('.');
        return JSON.stringify({ payload, signatures: [{ protected: head, signature }] });
      },
      'the flat JSON form': (text) => {
        const [head, payload, signature] = text.split('.');
        return JSON.stringify({ payload, protected: head, signature });
      },
      gzip: (text) => gzipSync(text),
      'a ZIP archive': (text) => Buffer.concat([Buffer.from('PK\u0003\u0004'), deflateRawSync(text)]),
      'a PDF': (text) => `%PDF-1.7\n1 0 obj\nstream\n${gzipSync(text).toString('latin1')}\nendstream\n`,
      'a picture': () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      'a program': () => Buffer.concat([Buffer.from('\u007fELF'), Buffer.alloc(64)]),
      'an unused bit of the signature': (text) => flipUnusedBit(text, text.length - 1),
      'an unused bit of the content': (text) => flipUnusedBit(text, text.lastIndexOf('.') - 1),
      'percent signs': (text) => text.replaceAll('.', '%2E'),
      'a look-alike dot': (text) => text.replaceAll('.', '\uff0e'),
      'a look-alike letter': (text) => text.replace('J', '\u0408'),
    }).map(([name, change]): [string, Write] => [name, (genuine) => change(forge(genuine))]),
  ),
);

/** Sets a bit that base64url does not use, if the part has one; else cuts the part. */
function flipUnusedBit(text: string, at: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const index = letters.indexOf(text.charAt(at));
  const part =
    text
      .slice(0, at + 1)
      .split('.')
      .at(-1) ?? '';
  const changed = part.length % 4 === 0 ? '' : letters.charAt(index ^ 1);
  return `${text.slice(0, at)}${changed}${text.slice(at + 1)}`;
}

/** What mail programs and editors do. The appliance refuses it, and a console undoes it. */
const rewrapped: ForgedLicence[] = Object.entries<(text: string) => string | Buffer>({
  'a space after it': (text) => `${text} `,
  'a space before it': (text) => ` ${text}`,
  'two line ends': (text) => `${text}\n\n`,
  'a carriage return': (text) => `${text}\r`,
  'a NUL after it': (text) => `${text}\0`,
  'a byte order mark': (text) => `\ufeff${text}`,
  'UTF-16': (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
  'a line end inside': (text) => text.replace(/^.{40}/u, '$&\n'),
  'CRLF inside': (text) => text.replace(/^.{40}/u, '$&\r\n'),
  'quotation marks': (text) => `"${text}"`,
  'a fourth part': (text) => `${text}.AAAA`,
  padding: (text) => `${text}==`,
  'itself twice': (text) => `${text}\n${text}`,
}).map(([name, change]) => ({
  name,
  check: 'file',
  write: (genuine) => change(forge(genuine)),
  isRead: true,
}));

const replaced =
  (from: string | RegExp, to: string): Write =>
  (genuine) =>
    forge(JSON.stringify(genuine).replace(from, to));

const contents = [
  ...table('file', {
    'bytes that are no UTF-8': (genuine) =>
      forge(Buffer.concat([Buffer.from(JSON.stringify(genuine)), Buffer.from([0xff])])),
    'overlong UTF-8': () => forge(Buffer.from([0xc0, 0xae])),
  }),
  ...table('format', {
    ...Object.fromEntries(
      ['', 'null', '[]', '"licence"', '13', 'true', 'NaN', '{', '{}'].map((text): [string, Write] => [
        `content ${text === '' ? 'of nothing' : text}`,
        () => forge(text === '' ? ' ' : text),
      ]),
    ),
    'duplicate keys': replaced('{', '{"sequence":99,'),
    'duplicate keys below': replaced('"accounts"', '"accounts":null,"accounts"'),
    'a prototype': replaced('{', '{"__proto__":{"sequence":99},'),
    'a prototype below': replaced('"set":{', '"set":{"__proto__":null,'),
    'lists in lists': () => forge('['.repeat(20_000) + ']'.repeat(20_000)),
    'objects in objects': () => forge(`${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`),
    'many values': () => forge(`[${'1,'.repeat(20_000)}1]`),
    spaces: (genuine) => forge(JSON.stringify(genuine, null, 1)),
    'a line end': (genuine) => forge(`${JSON.stringify(genuine)}\n`),
    'a byte order mark in the content': (genuine) => forge(`\ufeff${JSON.stringify(genuine)}`),
    'a NUL in the content': (genuine) => forge(`${JSON.stringify(genuine)}\0`),
    'a comment': (genuine) => forge(`${JSON.stringify(genuine)}//`),
    'an escaped name': replaced('"sequence"', String.raw`"\u0073equence"`),
    'escaped slashes': replaced('"plan":"', String.raw`"plan":"\/`),
    'half of a pair': replaced('"plan":"', String.raw`"plan":"\ud800`),
    ...Object.fromEntries(
      ['1e2', '13.0', '+13', '013', '-0', '0x0d', '9007199254740993', '1e400'].map(
        (number): [string, Write] => [
          `the number ${number}`,
          replaced(/"sequence":\d+/u, `"sequence":${number}`),
        ],
      ),
    ),
  }),
];

export const forgedFiles: readonly ForgedLicence[] = [...files, ...rewrapped, ...contents];
