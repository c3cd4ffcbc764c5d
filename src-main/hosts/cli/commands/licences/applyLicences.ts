import { join } from 'node:path';
import { exitCodeOf, toErrorData } from '../../../../../src-shared/errors.ts';
import { fileNameOf } from '../../../../../src-shared/base/fileNameOf.ts';
import { createSlots } from '../../../../../src-shared/base/slots.ts';
import type { Services } from '../../../../services.ts';
import { assertWritableFolder } from '../../files.ts';
import { formatTable, type Output } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { foundTrip, groupAnswers, readAnswerFolder, type Answer } from './answerFolder.ts';
import { createLateLook } from './lateLook.ts';
import { outcomeLabels, seenLabels, type AnswerResult } from './answerResult.ts';
import { renewLicence, sequenceOf, type ApplyOptions, type RenewalRequest } from './renewLicence.ts';

/** How many appliances are renewed at once. */
const maxAtOnce = 8;

export type ApplyManyOptions = Pick<ApplyOptions, 'dryRun' | 'acceptLosses'> & {
  receipts?: string;
  progress: boolean;
};

function requestOf(answer: Answer, options: ApplyManyOptions): RenewalRequest {
  if ('thrown' in answer.found) throw answer.found.thrown;
  const { tripId, name, text } = answer.found;
  const { dryRun, acceptLosses, receipts } = options;
  const receipt = receipts === undefined ? {} : { receipt: join(receipts, fileNameOf(name, 'receipt.jws')) };
  return { tripId, text, file: answer.path, options: { dryRun, acceptLosses, ...receipt } };
}

/** Renews one appliance. What a failed one shows is found out later, when the others are done. */
async function applyAnswer(
  services: Services,
  answer: Answer,
  options: ApplyManyOptions,
): Promise<AnswerResult> {
  const { file, cluster } = answer;
  const found = foundTrip(answer);
  const row = { file, appliance: found?.appliance ?? null, cluster };
  try {
    const renewal = await renewLicence(services, requestOf(answer, options));
    const { outcome } = renewal;
    if (outcome === 'acceptable')
      return { ...row, outcome, licence: 'not-seen', sequence: null, error: null };
    const licence = outcome === 'superseded' ? 'later' : 'answer';
    return { ...row, outcome, licence, sequence: sequenceOf(renewal), error: null };
  } catch (thrown) {
    const licence = found === null ? null : 'not-seen';
    return { ...row, outcome: 'failed', licence, sequence: null, error: toErrorData(thrown) };
  }
}

/** Renews the answers of a group one after the other. In a cluster, skips the rest after a failure. */
async function applyGroup(
  answers: readonly Answer[],
  apply: (answer: Answer) => Promise<AnswerResult>,
  isDryRun: boolean,
): Promise<AnswerResult[]> {
  const results: AnswerResult[] = [];
  for (const answer of answers) {
    const { file, cluster } = answer;
    const appliance = foundTrip(answer)?.appliance ?? null;
    const isStopped = cluster !== null && !isDryRun && results.some(({ outcome }) => outcome === 'failed');
    results.push(
      isStopped
        ? { file, appliance, cluster, outcome: 'skipped', licence: 'not-seen', sequence: null, error: null }
        : await apply(answer),
    );
  }
  return results;
}

/** Which members of a cluster have the new licence and which the old one, after one of them failed. */
function describeStop(services: Services, cluster: string, results: readonly AnswerResult[]): string {
  const members = services.inventory.list().filter((entry) => entry.cluster === cluster);
  const seenOf = (name: string) => {
    const seen = results.filter(({ appliance }) => appliance === name).map(({ licence }) => licence);
    return seenLabels[seen.findLast((one) => one !== null && one !== 'not-seen') ?? 'not-seen'];
  };
  const listed = [...Map.groupBy(members, ({ name }) => seenOf(name))].map(
    ([label, named]) => `licence ${label}: ${named.map(({ name }) => name).join(', ')}`,
  );
  return `Cluster ${cluster} stopped at its first failure; ${listed.join('; ')}.`;
}

function printProblems(services: Services, output: Output, results: readonly AnswerResult[]): void {
  for (const { file, appliance, error } of results)
    if (error !== null)
      output.printError(`sallyport: ${appliance ?? file}: ${error.message} (${error.code})`);
  for (const [cluster, ofCluster] of Map.groupBy(results, ({ cluster }) => cluster))
    if (cluster !== null && ofCluster.some(({ outcome }) => outcome === 'skipped' || outcome === 'failed'))
      output.printError(`sallyport: ${describeStop(services, cluster, ofCluster)}`);
}

/** Appliances of which it is not known whether they have the new licence. */
function printUnknown(output: Output, results: readonly AnswerResult[]): void {
  const names = results.filter(({ outcome }) => outcome === 'unknown').map(({ appliance }) => appliance);
  if (names.length > 0)
    output.printError(
      `sallyport: Not known: ${names.join(', ')}. Run the same command again when they can be reached. It asks them first, and sends nothing twice.`,
    );
}

function printResults(output: Output, results: readonly AnswerResult[]): void {
  output.print(results, () =>
    results.length === 0
      ? 'The folder has no files.'
      : formatTable(
          ['FILE', 'APPLIANCE', 'RESULT', 'LICENCE', 'SEQUENCE'],
          results.map(({ file, appliance, outcome, licence, sequence, error }) => [
            file,
            appliance,
            error?.code ?? outcomeLabels[outcome],
            licence === null ? null : seenLabels[licence],
            sequence,
          ]),
        ),
  );
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
    if (options.receipts !== undefined) assertWritableFolder(options.receipts);
    const answers = await readAnswerFolder(services, folder);
    const slots = createSlots(maxAtOnce);
    const inSlot = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      const release = await slots.acquire();
      try {
        return await work();
      } finally {
        release();
      }
    };
    const progress = createProgress({
      total: answers.length,
      isWanted: options.progress,
      clock: () => performance.now(),
    });
    let done = 0;
    const apply = (answer: Answer) =>
      inSlot(async () => {
        const result = await applyAnswer(services, answer, options);
        done += 1;
        progress.step(done, `${outcomeLabels[result.outcome]}: ${result.appliance ?? answer.file}`);
        return result;
      });
    const late = createLateLook(services);
    const groups = groupAnswers(answers).map((group) => applyGroup(group, apply, options.dryRun));
    const applied = (await Promise.all(groups)).flat();
    const ordered = answers.flatMap((answer) => {
      const result = applied.find(({ file }) => file === answer.file);
      return result === undefined ? [] : [{ answer, result }];
    });
    const results = await Promise.all(
      ordered.map(({ answer, result }) =>
        inSlot(() => late.look(result, foundTrip(answer), () => requestOf(answer, options))),
      ),
    );
    late.close();
    progress.end();
    printProblems(services, globals.output, results);
    printUnknown(globals.output, results);
    printResults(globals.output, results);
    return Math.max(0, ...results.map(({ error }) => (error === null ? 0 : exitCodeOf(error.code))));
  });
}
