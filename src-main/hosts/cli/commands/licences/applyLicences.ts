import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, exitCodeOf, toErrorData, type ErrorData } from '../../../../../src-shared/errors.ts';
import { fileNameOf } from '../../../../../src-shared/base/fileNameOf.ts';
import { createSlots } from '../../../../../src-shared/base/slots.ts';
import type { TripSummary } from '../../../../../src-shared/model/licence/trip.ts';
import type { Services } from '../../../../services.ts';
import { formatTable } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { renewLicence, type ApplyOptions } from './applyLicence.ts';
import { readAnswerText } from './findTrip.ts';

/** How many appliances are renewed at once. */
const maxAtOnce = 8;

export type ApplyManyOptions = Pick<ApplyOptions, 'dryRun' | 'acceptLosses'> & {
  receipts?: string;
  progress: boolean;
};

type Result = {
  file: string;
  appliance: string | null;
  outcome: 'applied' | 'acceptable' | 'failed';
  sequence: number | null;
  error: ErrorData | null;
};

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

/** The open renewal that the answer names. Throws NOT_FOUND. */
async function findTripOf(
  services: Services,
  { path, trips }: { path: string; trips: readonly TripSummary[] },
): Promise<{ tripId: string; entryId: string; appliance: string }> {
  const tripId = services.licences.findAnswered(await readAnswerText(path));
  const trip = trips.find(({ id, ended }) => id === tripId && ended === null);
  if (trip === undefined) throw new AppError('NOT_FOUND', 'It answers no open request of this console.');
  if (trip.entryId === null)
    throw new AppError('NOT_FOUND', `This console does not know the appliance ${trip.applianceName}.`);
  return { tripId: trip.id, entryId: trip.entryId, appliance: trip.applianceName };
}

async function applyFile(
  services: Services,
  input: { folder: string; file: string; trips: readonly TripSummary[]; options: ApplyManyOptions },
): Promise<Result> {
  const { folder, file, trips, options } = input;
  let appliance: string | null = null;
  try {
    const path = join(folder, file);
    const found = await findTripOf(services, { path, trips });
    appliance = found.appliance;
    const { dryRun, acceptLosses, receipts } = options;
    const name = trips.find(({ id }) => id === found.tripId)?.name ?? appliance;
    const receipt =
      receipts === undefined ? {} : { receipt: join(receipts, fileNameOf(name, 'receipt.jws')) };
    const { licence } = await renewLicence(services, {
      ...found,
      file: path,
      options: { dryRun, acceptLosses, ...receipt },
    });
    const outcome = licence === null ? 'acceptable' : 'applied';
    return { file, appliance, outcome, sequence: licence?.sequence ?? null, error: null };
  } catch (thrown) {
    return { file, appliance, outcome: 'failed', sequence: null, error: toErrorData(thrown) };
  }
}

/**
 * Renews the appliance of each answer in a folder. A failure does not keep the others from their renewal. Returns the
 * worst exit code.
 */
export function applyLicences(
  globals: Globals,
  { folder, options }: { folder: string; options: ApplyManyOptions },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const files = listFiles(folder);
    const trips = await services.licences.trips();
    const slots = createSlots(maxAtOnce);
    const progress = createProgress({
      total: files.length,
      isWanted: options.progress,
      clock: () => performance.now(),
    });
    let done = 0;
    const results = await Promise.all(
      files.map(async (file) => {
        const release = await slots.acquire();
        try {
          const result = await applyFile(services, { folder, file, trips, options });
          done += 1;
          progress.step(done, `${result.outcome}: ${result.appliance ?? file}`);
          return result;
        } finally {
          release();
        }
      }),
    );
    progress.end();
    for (const { file, appliance, error } of results)
      if (error !== null)
        output.printError(`sallyport: ${appliance ?? file}: ${error.message} (${error.code})`);
    output.print(results, () =>
      results.length === 0
        ? 'The folder has no files.'
        : formatTable(
            ['FILE', 'APPLIANCE', 'RESULT', 'SEQUENCE'],
            results.map(({ file, appliance, outcome, sequence, error }) => [
              file,
              appliance,
              error?.code ?? outcome,
              sequence,
            ]),
          ),
    );
    return Math.max(0, ...results.map(({ error }) => (error === null ? 0 : exitCodeOf(error.code))));
  });
}
