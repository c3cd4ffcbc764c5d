import fc from 'fast-check';
import { CompactSign, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { documentTypes, maxDocumentBytes, type DocumentType } from './documents.ts';
import { findDocuments } from './findDocument.ts';
import { readDocument } from './signedDocument.ts';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';

const documents: Record<DocumentType, string> = {
  request: '',
  licence: '',
  receipt: '',
  statement: '',
  acknowledgement: '',
  update: '',
};
let licence: string;

async function sign(type: DocumentType, payload: object): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes[type], kid: 'vendor-2026' })
    .sign(privateKey);
}

beforeAll(async () => {
  for (const type of ['request', 'licence', 'receipt'] as const)
    documents[type] = await sign(type, { format: 1, note: 'Zürich – "5,000" accounts', list: [1, 2, 3] });
  licence = documents.licence;
});

const wrap = (text: string, width: number, prefix = '', end = '\n') =>
  (text.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []).map((line) => `${prefix}${line}`).join(end);

describe('a document is found', () => {
  test.each<[string, (text: string) => string]>([
    ['alone', (text) => text],
    ['with a line end', (text) => `${text}\r\n`],
    ['with a byte order mark', (text) => `\ufeff${text}`],
    ['wrapped at 76 characters', (text) => wrap(text, 76)],
    ['wrapped with CRLF and spaces at the ends of lines', (text) => wrap(text, 72, '', ' \r\n')],
    ['indented', (text) => wrap(text, 60, '    ')],
    ['quoted', (text) => wrap(text, 70, '> ')],
    ['quoted twice', (text) => wrap(text, 70, '> > ')],
    ['quoted without spaces', (text) => wrap(text, 70, '>>')],
    ['quoted with bars', (text) => wrap(text, 70, '| ')],
    ['as quoted-printable', (text) => wrap(text, 75, '', '=\r\n')],
    ['with zero-width spaces', (text) => wrap(text, 20, '', '\u200b')],
    ['with soft hyphens', (text) => wrap(text, 20, '', '\u00ad')],
    ['with non-breaking spaces', (text) => wrap(text, 40, '', '\u00a0')],
    ['between words', (text) => `Dear Ada,\nhere is the licence.\n\n${text}\n\nBest regards,\nGrace`],
    ['after a colon', (text) => `Answer:${text}`],
    ['after a word on the same line', (text) => `answer ${text} thanks`],
    ['in brackets', (text) => `<${text}>`],
    ['with a scheme', (text) => `sallyport:lic:1:${text}`],
    ['in UTF-16 that was read as UTF-8', (text) => `\ufffd\ufffd${text.replaceAll(/./gu, '$&\0')}`],
    ['twice, as in a mail with a quoted copy', (text) => `${text}\n\n${wrap(text, 70, '> ')}`],
  ])('when it is %s', (_case, write) => {
    expect(findDocuments(write(licence))).toEqual([{ text: licence, type: 'licence' }]);
  });

  test('when lines have any width, quoting and words around them', () => {
    const words = fc.stringMatching(/^[ -~]{0,40}$/u).filter((text) => !text.includes('eyJ'));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom('', '> ', '>> ', '\t', '  > '),
        fc.constantFrom('\n', '\r\n', ' \n'),
        fc.tuple(words, words),
        (width, prefix, end, [before, after]) => {
          const text = `${before}:\n\n${wrap(licence, width, prefix, end)}\n\n${after}`;
          expect(findDocuments(text)).toEqual([{ text: licence, type: 'licence' }]);
        },
      ),
    );
  });

  test('when there are several, each is found with its kind', () => {
    const all = `${documents.receipt}\n${documents.licence}\n\n${documents.request}`;
    expect(findDocuments(all).map(({ type }) => type)).toEqual(['receipt', 'licence', 'request']);
  });

  test('when it is cut off anywhere after its header, so that its verification can say so', () => {
    const payloadAt = licence.indexOf('.') + 1;
    for (let length = payloadAt; length < licence.length; length += 7) {
      const [found, ...others] = findDocuments(licence.slice(0, length));
      expect(others).toEqual([]);
      expect(readDocument(found?.text ?? '', 'licence')).toMatchObject({ problem: 'file' });
    }
  });
});

test.each([
  ['empty text', ''],
  ['words', 'Dear customer, your licence follows. Regards.'],
  ['another JWT', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln'],
  ['JSON', '{"payload":"eyJ"}'],
])('when a text is %s, no document is found', (_case, text) => {
  expect(findDocuments(text)).toEqual([]);
});

test.each<[string, string]>([
  ['beginnings of headers', 'eyJ'.repeat(90_000)],
  ['dots', '.'.repeat(262_144)],
  ['beginnings and dots', 'eyJhbGciOiJFZERTQSI.'.repeat(13_000)],
  ['quotes', '> '.repeat(131_072)],
  ['lines of quotes', '>\n'.repeat(131_072)],
  ['spaces', ' '.repeat(262_144)],
  ['equals signs and spaces', '= '.repeat(131_072)],
  ['NULs', 'a\0'.repeat(131_072)],
])('when a text has the greatest length and consists of %s, the search ends soon', (_case, text) => {
  expect(measureCpuMs(() => expect(findDocuments(text)).toEqual([]))).toBeLessThan(2000);
});

test('when a document is longer than permitted, it is not found', async () => {
  expect(findDocuments(await sign('licence', { text: 'x'.repeat(maxDocumentBytes) }))).toEqual([]);
});
