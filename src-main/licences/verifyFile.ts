import { AppError } from '../../src-shared/errors.ts';
import { findClockProblems, type ClockProblem } from '../../src-shared/model/licence/clockProblems.ts';
import { findDocuments } from '../../src-shared/model/licence/findDocument.ts';
import { publicKeySchema } from '../../src-shared/model/licence/documents.ts';
import type { Trip } from '../../src-shared/model/licence/trip.ts';
import { verifyLicence, type LicenceVerification } from '../../src-shared/model/licence/verifyLicence.ts';
import { z } from 'zod';
import { chooseAnswer } from './chooseAnswer.ts';
import { isRequestSigned } from './receipt.ts';
import { readTripFile } from './tripFile.ts';
import type { TripStore } from './tripStore.ts';
import { readRequest } from './tripView.ts';

type Basis = Pick<Trip, 'request' | 'authorityKeys' | 'highestSequence'>;

const keySetSchema = z.object({ keys: z.array(publicKeySchema).max(64) });

function parseKeys(text: string): Trip['authorityKeys'] {
  try {
    return keySetSchema.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The keys of the licence authority are no JWKS with Ed25519 keys.', {
      cause,
    });
  }
}

/** The request and the authority’s keys, from a trip file, or from a request and `keys` or this console’s trips. */
async function findBasis(
  trips: Pick<TripStore, 'list'>,
  { request, keys }: { request: string; keys: string | null },
): Promise<Basis> {
  if (/^\ufeff?\s*\{/u.test(request)) return readTripFile(request);
  const document = findDocuments(request).find(({ type }) => type === 'request')?.text;
  if (document === undefined) throw new AppError('INVALID_INPUT', 'The request file contains no request.');
  const payload = readRequest(document);
  if (!(await isRequestSigned(document, payload)))
    throw new AppError('VERIFICATION_FAILED', 'The request is not signed by the key that it names.');
  const known = trips.list().find(({ trip }) => trip.request === document)?.trip;
  if (keys !== null)
    return {
      request: document,
      authorityKeys: parseKeys(keys),
      highestSequence: known?.highestSequence ?? payload.licence.sequence,
    };
  if (known !== undefined) return known;
  throw new AppError(
    'INVALID_INPUT',
    'This console did not make the request, so it does not know the keys of the licence authority. Add --keys FILE, or use the trip file as the request.',
  );
}

/** Verifies an answer from files alone. Connects to nothing and stores nothing. */
export async function verifyAnswerFile(
  trips: Pick<TripStore, 'list'>,
  files: { answer: string; request: string; keys: string | null },
  now: number,
): Promise<LicenceVerification & { clockProblems: ClockProblem[] }> {
  const basis = await findBasis(trips, files);
  const request = readRequest(basis.request);
  const { applianceId, applianceVersion, configurationRevision, id, nonce, number, madeAt } = request;
  const verification = await verifyLicence(chooseAnswer(files.answer, id), {
    keys: basis.authorityKeys,
    applianceId,
    applianceVersion,
    request: { id, nonce, number },
    highestSequence: basis.highestSequence,
    configurationRevision,
    now,
  });
  // How old a request is, is not known; it can't be from the future.
  const isFromFuture = Date.parse(madeAt) > now;
  const clockProblems = findClockProblems({
    seenNow: madeAt,
    observedAt: isFromFuture ? new Date(now).toISOString() : null,
    ranBackFrom: request.clockRanBackFrom,
    licence: null,
  });
  return { ...verification, clockProblems };
}
