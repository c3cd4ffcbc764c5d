import { expect, test } from 'vitest';
import { documentTypes, type DocumentType } from '../../src-shared/model/licence/documents.ts';
import { findAcknowledgement } from './findAcknowledgement.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A document of this type as it is signed; the signature is not verified here. */
const documentOf = (type: DocumentType, number: number) =>
  `${encode({ alg: 'EdDSA', typ: documentTypes[type], kid: 'a' })}.${encode({ number })}.${'A'.repeat(86)}`;

test('when a mail has the acknowledgement beside a licence, it is found as it was signed', () => {
  const acknowledgement = documentOf('acknowledgement', 1);
  const wrapped = acknowledgement.replaceAll(/.{60}/gu, '$&\n> ');
  const text = `Hello\n\n> ${wrapped}\n\n${documentOf('licence', 2)}\n`;
  expect(findAcknowledgement(text)).toBe(acknowledgement);
});

test.each([
  ['no document', 'Hello', 'contains no acknowledgement'],
  ['a licence', documentOf('licence', 1), 'contains no acknowledgement'],
  [
    'two acknowledgements',
    `${documentOf('acknowledgement', 1)}\n${documentOf('acknowledgement', 2)}`,
    'contains 2 acknowledgements',
  ],
])('when the text has %s, rejects it with INVALID_INPUT', (_what, text, says) => {
  expect(() => findAcknowledgement(text)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(says) }),
  );
});
