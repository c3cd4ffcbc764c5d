import { expect, test } from 'vitest';
import { decodeText } from '../../src-shared/base/textEncoding.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { forgedKeySet, signGenuine } from '../../test-support/forgery/forge.ts';
import { forgedLicences } from '../../test-support/forgery/forgedLicences.ts';
import { createLicenceRequester } from '../../test-support/licenceRequester.ts';
import { licencePayload } from '../../test-support/licenceSupply.ts';
import { readRequest } from './tripView.ts';
import { verifyAnswerFile } from './verifyFile.ts';

const requester = await createLicenceRequester();
const request = await requester.request();
const { id, nonce } = readRequest(request);
const genuine = licencePayload(requester.applianceId, {
  sequence: 13,
  request: { id, nonce },
  configuration: { revision: 9, set: { hostname: 'new.example' } },
});

/** The licence that a console accepts, as `sallyport licence verify` reads and verifies it. */
async function accepted(content: string | Buffer): Promise<LicencePayload | null> {
  const answer = decodeText(Buffer.from(content));
  const files = { answer, request, keys: JSON.stringify(forgedKeySet) };
  try {
    return (await verifyAnswerFile({ list: () => [] }, files, Date.now())).accepted;
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_INPUT') return null;
    throw error;
  }
}

test('accepts the genuine licence', async () => {
  expect(await accepted(signGenuine(genuine))).toEqual(genuine);
});

test.each(forgedLicences.filter(({ isRead }) => isRead !== true))(
  'before anything is sent, refuses a licence with $name',
  async ({ write }) => {
    expect(await accepted(write(genuine))).toBeNull();
  },
);

test.each(forgedLicences.filter(({ isRead }) => isRead === true))(
  'reads the genuine licence from a text with $name',
  async ({ write }) => {
    expect(await accepted(write(genuine))).toEqual(genuine);
  },
);
