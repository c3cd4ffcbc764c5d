import { AppError } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { TripView } from '../../../../../src-shared/model/licence/trip.ts';
import type { Services } from '../../../../services.ts';
import { writeNewFile } from '../../files.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { findOpenTrip, readAnswerText } from './findTrip.ts';
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

/**
 * Renews the licence of an appliance from an answer: verify here, dry run there, apply, read back. With `dryRun`, ends
 * before the apply; the exit code then tells whether the appliance would accept it.
 */
export function applyLicence(
  globals: Globals,
  request: { appliance: string; file: string | undefined; options: ApplyOptions },
): Promise<number> {
  const { file, options } = request;
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const { entry, tripId } = await findOpenTrip(services, request.appliance);
    const open = await services.licences.trip(tripId);
    if (open.trip.applying !== null) await services.licences.settle(tripId);
    else if (file !== undefined && open.trip.applied === null)
      await services.licences.readAnswer({
        tripId,
        way: file === '-' ? 'text' : 'file',
        text: await readAnswerText(file),
      });
    const before = await services.licences.trip(tripId);
    if (before.trip.applied === null) {
      const tried = await dryRunAnswer(services, tripId);
      const { name, checks, changes, losses } = tried;
      if (options.dryRun) {
        const forecast = tried.trip.dryRun?.output.forecast ?? [];
        output.print(
          { appliance: entry.name, name, isApplied: false, checks, changes, losses, forecast },
          () =>
            joinParts(
              formatChecks(checks),
              formatForecast({ forecast }),
              formatChanges(changes),
              formatLosses(losses),
              `${entry.name} would accept the answer. Nothing was changed.`,
            ),
        );
        return exitCodes.done;
      }
      await acknowledgeLosses(services, tried, options.acceptLosses);
    }
    const { name, trip } = before.trip.applied === null ? await applyAndRead(services, tripId) : before;
    const receipt = trip.applied?.receipt ?? '';
    if (options.receipt !== undefined) {
      writeNewFile(options.receipt, `${receipt}\n`);
      await services.licences.markReceiptCarried({ tripId, way: 'file' });
    }
    const licence = await services.licences.show(entry.id);
    output.print({ appliance: entry.name, name, isApplied: true, licence, receipt }, () =>
      [
        `${entry.name}: sequence ${licence.sequence ?? 'none'} is installed and was read back.`,
        ...(licence.expiresAt === null ? [] : [`Valid until ${formatBothTimes(licence.expiresAt)}.`]),
        ...(options.receipt === undefined ? ['Receipt, to carry back:', receipt] : []),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
