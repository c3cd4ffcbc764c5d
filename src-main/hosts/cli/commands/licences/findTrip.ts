import { AppError } from '../../../../../src-shared/errors.ts';
import { maxDocumentBytes } from '../../../../../src-shared/model/licence/documents.ts';
import { decodeText } from '../../../../../src-shared/base/textEncoding.ts';
import type { Services } from '../../../../services.ts';
import { readInputText, readTableFile } from '../../files.ts';
import { findAppliance } from '../../withConsole.ts';

/** Text with line breaks and quoting is longer than the document in it. */
const maxAnswerFile = 4 * maxDocumentBytes;

/** Reads a file in UTF-8 or UTF-16, or standard input for `-`. Throws INVALID_INPUT. */
export async function readAnswerText(file: string): Promise<string> {
  if (file !== '-') return readTableFile(file, maxAnswerFile);
  return decodeText(Buffer.from(await readInputText(maxAnswerFile)));
}

/** The open renewal of an appliance. Throws NOT_FOUND. */
export async function findOpenTrip(services: Services, name: string) {
  const entry = findAppliance(services, name);
  const trips = await services.licences.trips();
  const trip = trips.find(({ entryId, ended }) => entryId === entry.id && ended === null);
  if (trip !== undefined) return { entry, tripId: trip.id };
  throw new AppError(
    'NOT_FOUND',
    `${entry.name} has no open request. Make one: sallyport licence request ${entry.name}`,
  );
}
