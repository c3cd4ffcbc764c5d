import { AppError } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { LicenceShowOutput } from '../../../../../src-shared/model/licence/licence.ts';
import type { TripView } from '../../../../../src-shared/model/licence/trip.ts';
import type { Services } from '../../../../services.ts';
import { writeNewFile } from '../../files.ts';
import type { Output } from '../../output.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { readAnswerText } from './answerText.ts';
import { findOpenTrip } from './findTrip.ts';
import {
  formatBothTimes,
  formatChanges,
  formatChecks,
  formatForecast,
  formatLosses,
  joinParts,
} from './licenceText.ts';

export type ApplyOptions = { dryRun: boolean; acceptLosses: boolean; receipt?: string };

function failedCheck({ checks }: Pick<TripView, 'checks'>): string | null {
  return checks.find(({ outcome }) => outcome === 'failed')?.detail ?? null;
}

/** Throws VERIFICATION_FAILED if a check failed on this computer or on the appliance. */
async function dryRunAnswer(services: Services, tripId: string): Promise<TripView> {
  const view = await services.licences.trip(tripId);
  const failed = failedCheck(view);
  if (failed !== null)
    throw new AppError('VERIFICATION_FAILED', `The answer failed a check on this computer: ${failed}`);
  const tried = await services.licences.dryRun(tripId);
  const output = tried.trip.dryRun?.output;
  if (output?.outcome === 'acceptable') return tried;
  const refused = output?.forecast.find(({ outcome }) => outcome === 'refused')?.detail;
  throw new AppError(
    'VERIFICATION_FAILED',
    `The appliance would refuse the answer: ${(output && failedCheck(output)) ?? refused ?? 'it gave no reason'}`,
  );
}

async function acknowledgeLosses(services: Services, view: TripView, isAccepted: boolean): Promise<void> {
  const open = view.losses.filter(({ acknowledged }) => acknowledged === null);
  if (open.length > 0 && !isAccepted)
    throw new AppError(
      'INVALID_INPUT',
      `The answer takes something away. Nothing was changed. To accept, add --accept-losses: ${open.map(({ sentence }) => sentence).join(' ')}`,
    );
  for (const { id } of open)
    await services.licences.acknowledgeLoss({ tripId: view.trip.id, loss: id, isAcknowledged: true });
}

/** Applies an answer that passed its dry run. Throws the error of `trip.failure`. */
async function applyAndRead(services: Services, tripId: string): Promise<TripView> {
  const view = await services.licences.apply(tripId);
  const { failure, applied } = view.trip;
  if (applied !== null) return view;
  throw new AppError(failure?.code ?? 'LINK_LOST', failure?.message ?? 'The licence was not applied.');
}

/** Keeps the answer with the open renewal. A renewal whose answer was sent already is settled instead. */
async function keepAnswer(
  services: Services,
  { tripId, file }: { tripId: string; file: string | undefined },
): Promise<TripView> {
  const open = await services.licences.trip(tripId);
  if (open.trip.applying !== null) return services.licences.settle(tripId);
  if (file === undefined || open.trip.applied !== null) return open;
  const text = await readAnswerText(file);
  return services.licences.readAnswer({ tripId, way: file === '-' ? 'text' : 'file', text });
}

/** The result of a dry run, or of an apply that was read back. */
export type RenewalResult = { view: TripView; licence: LicenceShowOutput | null };

/**
 * Renews the licence of an appliance from an answer: verify here, dry run there, apply, read back. With `dryRun`, ends
 * before the apply, and `licence` is null. Throws VERIFICATION_FAILED, INVALID_INPUT for a loss, or LINK_LOST.
 */
export async function renewLicence(
  services: Services,
  request: { entryId: string; tripId: string; file: string | undefined; options: ApplyOptions },
): Promise<RenewalResult> {
  const { entryId, tripId, file, options } = request;
  let view = await keepAnswer(services, { tripId, file });
  if (view.trip.applied === null) {
    view = await dryRunAnswer(services, tripId);
    if (options.dryRun) return { view, licence: null };
    await acknowledgeLosses(services, view, options.acceptLosses);
    view = await applyAndRead(services, tripId);
  }
  if (options.receipt !== undefined) {
    writeNewFile(options.receipt, `${view.trip.applied?.receipt ?? ''}\n`);
    view = await services.licences.markReceiptCarried({ tripId, way: 'file' });
  }
  return { view, licence: await services.licences.show(entryId) };
}

function printDryRun(output: Output, appliance: string, { name, trip, checks, changes, losses }: TripView) {
  const forecast = trip.dryRun?.output.forecast ?? [];
  output.print({ appliance, name, isApplied: false, checks, changes, losses, forecast }, () =>
    joinParts(
      formatChecks(checks),
      formatForecast({ forecast }),
      formatChanges(changes),
      formatLosses(losses),
      `${appliance} would accept the answer. Nothing was changed.`,
    ),
  );
}

/** With `dryRun`, the exit code tells whether the appliance would accept the answer. */
export function applyLicence(
  globals: Globals,
  request: { appliance: string; file: string | undefined; options: ApplyOptions },
): Promise<number> {
  const { file, options } = request;
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const { entry, tripId } = await findOpenTrip(services, request.appliance);
    const { view, licence } = await renewLicence(services, { entryId: entry.id, tripId, file, options });
    if (licence === null) {
      printDryRun(output, entry.name, view);
      return exitCodes.done;
    }
    const receipt = view.trip.applied?.receipt ?? '';
    output.print({ appliance: entry.name, name: view.name, isApplied: true, licence, receipt }, () =>
      [
        `${entry.name}: sequence ${licence.sequence ?? 'none'} is installed and was read back.`,
        ...(licence.expiresAt === null ? [] : [`Valid until ${formatBothTimes(licence.expiresAt)}.`]),
        ...(options.receipt === undefined ? ['Receipt, to carry back:', receipt] : []),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
