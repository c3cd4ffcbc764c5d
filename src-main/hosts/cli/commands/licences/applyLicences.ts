import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '../../../../../src-shared/errorCodes.ts';
import { AppError, exitCodeOf, toErrorData, type ErrorData } from '../../../../../src-shared/errors.ts';
import { fileNameOf } from '../../../../../src-shared/base/fileNameOf.ts';
import { createSlots } from '../../../../../src-shared/base/slots.ts';
import type { TripSummary } from '../../../../../src-shared/model/licence/trip.ts';
import type { Services } from '../../../../services.ts';
import { formatTable, type Output } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { renewLicence, type ApplyOptions } from './applyLicence.ts';
import { readAnswerText } from './answerText.ts';

/** How many appliances are renewed at once. */
const maxAtOnce = 8;

export type ApplyManyOptions = Pick<ApplyOptions, 'dryRun' | 'acceptLosses'> & {
  receipts?: string;
  progress: boolean;
};

type Result = {
  file: string;
  appliance: string | null;
  /** The cluster of the appliance; null if it is in none. */
  cluster: string | null;
  /** `skipped`: an earlier member of the same cluster failed. Its licence is the old one. */
  outcome: 'applied' | 'acceptable' | 'failed' | 'skipped';
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

type FoundTrip = Awaited<ReturnType<typeof findTripOf>>;
type Answer = { file: string; path: string; cluster: string | null; found: FoundTrip | { thrown: unknown } };

/** Finds the renewal and the cluster of a file. */
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

async function applyAnswer(
  services: Services,
  input: { answer: Answer; trips: readonly TripSummary[]; options: ApplyManyOptions },
): Promise<Result> {
  const { trips, options } = input;
  const { file, path, cluster, found } = input.answer;
  const appliance = 'thrown' in found ? null : found.appliance;
  try {
    if ('thrown' in found) throw found.thrown;
    const { dryRun, acceptLosses, receipts } = options;
    const name = trips.find(({ id }) => id === found.tripId)?.name ?? found.appliance;
    const receipt =
      receipts === undefined ? {} : { receipt: join(receipts, fileNameOf(name, 'receipt.jws')) };
    const { licence } = await renewLicence(services, {
      ...found,
      file: path,
      options: { dryRun, acceptLosses, ...receipt },
    });
    const outcome = licence === null ? 'acceptable' : 'applied';
    return { file, appliance, cluster, outcome, sequence: licence?.sequence ?? null, error: null };
  } catch (thrown) {
    return { file, appliance, cluster, outcome: 'failed', sequence: null, error: toErrorData(thrown) };
  }
}

/** The answers of each cluster, in order; every other answer on its own. */
function groupAnswers(answers: readonly Answer[]): Answer[][] {
  const inClusters = answers.filter(({ cluster }) => cluster !== null);
  return [
    ...Map.groupBy(inClusters, ({ cluster }) => cluster).values(),
    ...answers.filter(({ cluster }) => cluster === null).map((answer) => [answer]),
  ];
}

/** Renews the members of one cluster, one after the other, and skips the rest after a failure. */
async function applyGroup(
  answers: readonly Answer[],
  apply: (answer: Answer) => Promise<Result>,
  isDryRun: boolean,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const answer of answers) {
    const { file, cluster, found } = answer;
    const appliance = 'thrown' in found ? null : found.appliance;
    const isStopped = !isDryRun && results.some(({ outcome }) => outcome === 'failed');
    results.push(
      isStopped
        ? { file, appliance, cluster, outcome: 'skipped', sequence: null, error: null }
        : await apply(answer),
    );
  }
  return results;
}

/** Which members of a cluster have the new licence and which the old one, after one of them failed. */
function describeStop(services: Services, cluster: string, results: readonly Result[]): string {
  const namesOf = (isWanted: (result: Result | undefined) => boolean) =>
    services.inventory
      .list()
      .filter((entry) => entry.cluster === cluster)
      .filter(({ name }) => isWanted(results.find(({ appliance }) => appliance === name)))
      .map(({ name }) => name)
      .join(', ');
  const isKept = (result: Result | undefined) =>
    result?.error == null || errorCodes[result.error.code].changedNothing === true;
  const parts = {
    'new licence': namesOf((result) => result?.outcome === 'applied'),
    'old licence': namesOf((result) => result?.outcome !== 'applied' && isKept(result)),
    'not known': namesOf((result) => result?.outcome === 'failed' && !isKept(result)),
  };
  const listed = Object.entries(parts).filter(([, names]) => names !== '');
  return `Cluster ${cluster} stopped at its first failure. ${listed.map(([what, names]) => `${what}: ${names}`).join('; ')}.`;
}

function printStops(services: Services, output: Output, results: readonly Result[]): void {
  for (const [cluster, ofCluster] of Map.groupBy(results, ({ cluster }) => cluster))
    if (cluster !== null && ofCluster.some(({ outcome }) => outcome === 'failed'))
      output.printError(`sallyport: ${describeStop(services, cluster, ofCluster)}`);
}

/**
 * Renews the appliance of each answer in a folder, the members of a cluster one after the other. A failure keeps only
 * later members of the same cluster from their renewal. Returns the worst exit code.
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
    const apply = async (answer: Answer) => {
      const release = await slots.acquire();
      try {
        const result = await applyAnswer(services, { answer, trips, options });
        done += 1;
        progress.step(done, `${result.outcome}: ${result.appliance ?? answer.file}`);
        return result;
      } finally {
        release();
      }
    };
    const answers = await Promise.all(files.map((file) => readAnswer(services, { folder, file, trips })));
    const groups = groupAnswers(answers).map((group) => applyGroup(group, apply, options.dryRun));
    const results = (await Promise.all(groups))
      .flat()
      .toSorted((one, other) => files.indexOf(one.file) - files.indexOf(other.file));
    progress.end();
    for (const { file, appliance, error } of results)
      if (error !== null)
        output.printError(`sallyport: ${appliance ?? file}: ${error.message} (${error.code})`);
    if (!options.dryRun) printStops(services, output, results);
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
