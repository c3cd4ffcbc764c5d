import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../../../src-shared/errors.ts';
import type { TripSummary } from '../../../../../src-shared/model/licence/trip.ts';
import type { Services } from '../../../../services.ts';
import { readAnswerText } from './answerText.ts';

type FoundTrip = { tripId: string; entryId: string; appliance: string; name: string; text: string };

/** A file of the folder, with the renewal that it answers. `cluster`: of the appliance; null if it is in none. */
export type Answer = {
  file: string;
  path: string;
  cluster: string | null;
  found: FoundTrip | { thrown: unknown };
};

/** The renewal that a file answers. Null if it answers none. */
export const foundTrip = ({ found }: Answer): FoundTrip | null => ('thrown' in found ? null : found);

/** The files of a folder, without hidden ones. Throws INVALID_INPUT. */
function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .toSorted();
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${folder} can’t be read.`, { cause });
  }
}

/** The open renewal that the answer names, or the one in which it was applied before. Throws NOT_FOUND. */
async function findTripOf(
  services: Services,
  { path, trips }: { path: string; trips: readonly TripSummary[] },
): Promise<FoundTrip> {
  const text = await readAnswerText(path);
  const tripId = services.licences.findAnswered(text);
  const trip = trips.find(({ id }) => id === tripId);
  const isUsable =
    trip !== undefined &&
    (trip.ended === null || (await services.licences.trip(trip.id)).trip.applied !== null);
  if (!isUsable) throw new AppError('NOT_FOUND', 'It answers no open request of this console.');
  if (trip.entryId === null)
    throw new AppError('NOT_FOUND', `This console does not know the appliance ${trip.applianceName}.`);
  return { tripId: trip.id, entryId: trip.entryId, appliance: trip.applianceName, name: trip.name, text };
}

async function readAnswer(
  services: Services,
  input: { folder: string; file: string; trips: readonly TripSummary[] },
): Promise<Answer> {
  const { folder, file, trips } = input;
  const path = join(folder, file);
  try {
    const found = await findTripOf(services, { path, trips });
    return { file, path, found, cluster: services.inventory.get(found.entryId).cluster || null };
  } catch (thrown) {
    return { file, path, cluster: null, found: { thrown } };
  }
}

/** Reads the files of a folder, in the order of their names. Throws INVALID_INPUT if the folder can’t be read. */
export async function readAnswerFolder(services: Services, folder: string): Promise<Answer[]> {
  const trips = await services.licences.trips();
  return Promise.all(listFiles(folder).map((file) => readAnswer(services, { folder, file, trips })));
}

/** The answers of each cluster, and those to the same request, in order; every other answer on its own. */
export function groupAnswers(answers: readonly Answer[]): Answer[][] {
  const groups = Map.groupBy(answers, (answer) => {
    const found = foundTrip(answer);
    if (answer.cluster !== null) return `cluster ${answer.cluster}`;
    return found === null ? `file ${answer.file}` : `renewal ${found.tripId}`;
  });
  return [...groups.values()];
}
