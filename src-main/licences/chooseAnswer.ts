import { AppError } from '../../src-shared/errors.ts';
import { findDocuments, type FoundDocument } from '../../src-shared/model/licence/findDocument.ts';
import { licencePayloadSchema } from '../../src-shared/model/licence/licence.ts';
import { readDocument } from '../../src-shared/model/licence/signedDocument.ts';
import type { TripStore } from './tripStore.ts';
import { readRequest } from './tripView.ts';

const kinds: Record<FoundDocument['type'], string> = {
  request: 'a request',
  licence: 'an answer',
  receipt: 'a receipt',
  statement: 'a usage statement',
  acknowledgement: 'the acknowledgement of a usage statement',
  update: 'the beginning of an update file',
};

/** The request that an answer names. Its signature is not checked. */
function answeredRequest(text: string): string | null {
  const read = readDocument(text, 'licence');
  if ('problem' in read) return null;
  return licencePayloadSchema.safeParse(read.payload).data?.request?.id ?? null;
}

/**
 * Finds the answer in a text that was pasted or read from a file. If there are several, chooses the one that names the
 * request. Throws INVALID_INPUT, naming what the text contains instead.
 */
export function chooseAnswer(text: string, requestId: string | null): string {
  const found = findDocuments(text);
  const answers = found.filter(({ type }) => type === 'licence');
  const mine = answers.filter((answer) => requestId !== null && answeredRequest(answer.text) === requestId);
  const [chosen, ...others] = mine.length > 0 ? mine : answers;
  if (chosen !== undefined && others.length === 0) return chosen.text;
  if (chosen !== undefined)
    throw new AppError(
      'INVALID_INPUT',
      `The text contains ${others.length + 1} different answers. Enter only the one for this request.`,
    );
  const [other] = found;
  throw new AppError(
    'INVALID_INPUT',
    other === undefined
      ? 'The text contains no answer. An answer is one long line that begins with eyJ and contains two dots.'
      : `This is ${kinds[other.type]}, not an answer. Enter what the licence authority sent back.`,
  );
}

/** The ID of the trip whose request the answer names. Null if no trip has it. Throws INVALID_INPUT without an answer. */
export function findAnsweredTrip(trips: Pick<TripStore, 'list'>, text: string): string | null {
  return findAnsweredTrips(trips, chooseAnswer(text, null))[0] ?? null;
}

/** The IDs of all trips whose requests the answers in `text` name, the open ones first. */
export function findAnsweredTrips(trips: Pick<TripStore, 'list'>, text: string): string[] {
  const requests = findDocuments(text).flatMap((found) => answeredRequest(found.text) ?? []);
  if (requests.length === 0) return [];
  return trips
    .list()
    .flatMap(({ trip }) => (requests.includes(readRequest(trip.request).id) ? [trip.id] : []));
}
