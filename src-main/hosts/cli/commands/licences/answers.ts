import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { TripView } from '../../../../../src-shared/model/licence/trip.ts';
import { maxDocumentBytes } from '../../../../../src-shared/model/licence/documents.ts';
import { readTableFile } from '../../files.ts';
import type { Output } from '../../output.ts';
import type { Globals } from '../../withConsole.ts';
import { readAnswerText } from './answerText.ts';
import {
  formatBothTimes,
  formatChanges,
  formatChecks,
  formatClockProblems,
  formatLosses,
  joinParts,
} from './licenceText.ts';

/** Loaded after the answer is read, so that a file that can't be one is refused with little memory. */
const loadConsole = async () => ({
  ...(await import('../../withConsole.ts')),
  ...(await import('./findTrip.ts')),
});

/** A trip file holds an answer, a request and a receipt as JSON. */
const maxTripFile = 2_000_000;

function isRefused({ checks }: Pick<TripView, 'checks'>): boolean {
  return checks.some(({ outcome }) => outcome !== 'passed');
}

function printAnswer(output: Output, appliance: string, view: TripView): number {
  const { name, step, checks, clockProblems, changes, losses } = view;
  const isAccepted = !isRefused(view);
  output.print({ appliance, name, step, isAccepted, checks, clockProblems, changes, losses }, () =>
    joinParts(
      formatChecks(checks),
      formatClockProblems(clockProblems),
      formatChanges(changes),
      formatLosses(losses),
    ),
  );
  return isAccepted ? exitCodes.done : exitCodes.verificationFailed;
}

/** Keeps the answer with the open renewal of an appliance and verifies it on this computer. */
export async function readAnswer(
  globals: Globals,
  request: { appliance: string; file: string },
): Promise<number> {
  const text = await readAnswerText(request.file);
  const { withConsole, findOpenTrip } = await loadConsole();
  return withConsole(globals, async (services) => {
    const { entry, tripId } = await findOpenTrip(services, request.appliance);
    const way = request.file === '-' ? 'text' : 'file';
    return printAnswer(globals.output, entry.name, await services.licences.readAnswer({ tripId, way, text }));
  });
}

/** Compares an answer with the installed licence. Stores nothing and connects to nothing. */
export async function diffAnswer(
  globals: Globals,
  request: { appliance: string; file: string },
): Promise<number> {
  const text = await readAnswerText(request.file);
  const { withConsole, findOpenTrip } = await loadConsole();
  return withConsole(globals, async (services) => {
    const { entry, tripId } = await findOpenTrip(services, request.appliance);
    return printAnswer(globals.output, entry.name, await services.licences.previewAnswer({ tripId, text }));
  });
}

/** Verifies an answer from files alone. */
export async function verifyAnswer(
  globals: Globals,
  files: { file: string; request: string; keys?: string },
): Promise<number> {
  const texts = {
    answer: await readAnswerText(files.file),
    request: readTableFile(files.request, maxTripFile),
    keys: files.keys === undefined ? null : readTableFile(files.keys, maxDocumentBytes),
  };
  const { withConsole } = await loadConsole();
  return withConsole(globals, async (services) => {
    const { checks, accepted, clockProblems } = await services.licences.verifyFile(texts);
    globals.output.print({ isAccepted: accepted !== null, checks, clockProblems, licence: accepted }, () =>
      joinParts(
        formatChecks(checks),
        formatClockProblems(clockProblems),
        accepted === null
          ? 'Refused. Nothing was sent to an appliance.'
          : `Accepted on this computer. Sequence ${accepted.sequence}, valid until ${formatBothTimes(accepted.expiresAt)}.`,
      ),
    );
    return accepted === null ? exitCodes.verificationFailed : exitCodes.done;
  });
}
