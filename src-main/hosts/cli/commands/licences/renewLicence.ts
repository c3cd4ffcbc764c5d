import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { secondMs } from '../../../../../src-shared/base/time.ts';
import { AppError, toErrorData } from '../../../../../src-shared/errors.ts';
import type { LicenceShowOutput } from '../../../../../src-shared/model/licence/licence.ts';
import { maxDocumentBytes } from '../../../../../src-shared/model/licence/documents.ts';
import { licenceReceiptSchema } from '../../../../../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../../../../../src-shared/model/licence/signedDocument.ts';
import type { TripView } from '../../../../../src-shared/model/licence/trip.ts';
import type { Services } from '../../../../services.ts';
import { assertNewFile, readTextFile, writeNewFile } from '../../files.ts';
import { formatBothTimes } from './licenceText.ts';

export type ApplyOptions = { dryRun: boolean; acceptLosses: boolean; receipt?: string };

/**
 * What became of a renewal. `already-installed`: the answer was applied before. `superseded`: it was, and a later licence
 * is installed since.
 */
export type RenewalOutcome = 'acceptable' | 'applied' | 'already-installed' | 'superseded';

/** `licence`: as the appliance showed it last. Null if the link was lost after the licence was applied and read back. */
export type Renewal = { outcome: RenewalOutcome; view: TripView; licence: LicenceShowOutput | null };

/** What the failed check of a list says. Null if none failed. */
function failedCheck({ checks }: Pick<TripView, 'checks'>): string | null {
  return checks.find(({ outcome }) => outcome === 'failed')?.detail ?? null;
}

/**
 * Lets the appliance check the kept answer. Resolves with the view, in which the answer is applied if the appliance has it
 * already. Throws VERIFICATION_FAILED if a check failed on this computer or on the appliance.
 */
async function dryRunAnswer(services: Services, tripId: string): Promise<TripView> {
  const view = await services.licences.trip(tripId);
  const failed = failedCheck(view);
  if (failed !== null)
    throw new AppError('VERIFICATION_FAILED', `The answer failed a check on this computer: ${failed}`);
  const tried = await services.licences.dryRun(tripId);
  const output = tried.trip.dryRun?.output;
  if (output?.outcome === 'acceptable') return tried;
  const found = await services.licences.findInstalled(tripId);
  if (found.trip.applied !== null) return found;
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
 * Finds out what became of an answer that was sent. If another console may still be applying it, or was killed while it
 * did, waits until that can't be so any more. Throws the error of `trip.failure` if it stays unknown.
 */
async function settleSent(services: Services, tripId: string): Promise<TripView> {
  for (;;) {
    const view = await services.licences.settle(tripId);
    const { applying, failure } = view.trip;
    if (applying === null) return view;
    if (failure !== null) throw new AppError(failure.code, failure.message);
    await delay(secondMs);
  }
}

/** Keeps an answer, lets the appliance check it, and applies it unless it is a dry run. */
async function applyText(
  services: Services,
  { tripId, file, text, options }: RenewalRequest,
): Promise<Pick<Renewal, 'outcome' | 'view'>> {
  if (text !== null)
    await services.licences.readAnswer({ tripId, way: file === '-' ? 'text' : 'file', text });
  const view = await dryRunAnswer(services, tripId);
  if (view.trip.applied !== null) return { outcome: 'already-installed', view };
  if (options.dryRun) return { outcome: 'acceptable', view };
  if (options.receipt !== undefined) assertNewFile(options.receipt);
  await acknowledgeLosses(services, view, options.acceptLosses);
  return { outcome: 'applied', view: await applyAndRead(services, tripId) };
}

export type RenewalRequest = {
  tripId: string;
  file: string | undefined;
  /** What the file holds. Null: the kept answer is applied. */
  text: string | null;
  options: ApplyOptions;
};

/** The state of a renewal after its answer was sent before, or is applied now. */
async function applyOnce(
  services: Services,
  request: RenewalRequest,
): Promise<Pick<Renewal, 'outcome' | 'view'>> {
  const { tripId, text } = request;
  const before = await services.licences.trip(tripId);
  const wasSent = before.trip.applying !== null;
  const view = wasSent ? await settleSent(services, tripId) : before;
  if (view.trip.applied === null) return applyText(services, request);
  if (text !== null && !services.licences.isAnswerOf({ tripId, text }))
    throw new AppError('CONFLICT', 'Another answer to the same request was applied. This one was not sent.');
  return { outcome: wasSent ? 'applied' : 'already-installed', view };
}

/** Writes a new file. One that has this content already is left, so that a command can be run again. */
function writeSameFile(path: string, text: string): void {
  if (existsSync(path) && readTextFile(path, maxDocumentBytes) === text) return;
  writeNewFile(path, text);
}

/** Writes the receipt of a licence that was applied, and ends the renewal. */
async function writeReceipt(services: Services, view: TripView, path: string): Promise<TripView> {
  const { trip } = view;
  try {
    writeSameFile(path, `${trip.applied?.receipt ?? ''}\n`);
  } catch (thrown) {
    const { code, message } = toErrorData(thrown);
    const hint = 'To write it, run the same command again with another place for the receipt.';
    throw new AppError(code, `The licence is installed, but its receipt was not written: ${message} ${hint}`);
  }
  return trip.ended === null ? services.licences.markReceiptCarried({ tripId: trip.id, way: 'file' }) : view;
}

/**
 * Compares the installed licence with an answer that is applied. A link that is lost only now makes no difference to a
 * licence that was read back when it was applied. Throws CONFLICT if the appliance shows another licence.
 */
async function confirmInstalled(
  services: Services,
  { outcome, view }: Pick<Renewal, 'outcome' | 'view'>,
): Promise<Renewal> {
  const look = services.licences.look({ tripId: view.trip.id, text: null });
  const looked = await (outcome === 'applied'
    ? look.catch((thrown: unknown) => {
        if (thrown instanceof AppError) return null;
        throw thrown;
      })
    : look);
  if (looked === null || looked.seen === 'answer') return { outcome, view, licence: looked?.licence ?? null };
  if (looked.seen === 'later' && outcome !== 'applied')
    return { outcome: 'superseded', view, licence: looked.licence };
  const at = formatBothTimes(view.trip.applied?.at ?? '');
  throw new AppError(
    'CONFLICT',
    `This answer was applied ${at}, but the appliance shows ${describeSequence(looked.licence)} now. Nothing was changed. To renew it, make a new request.`,
  );
}

export const describeSequence = ({ sequence }: Pick<LicenceShowOutput, 'sequence'>) =>
  sequence === null ? 'no licence' : `sequence ${sequence}`;

/** Writes the receipt and compares the installed licence. */
async function finish(
  services: Services,
  { options }: RenewalRequest,
  { outcome, view }: Pick<Renewal, 'outcome' | 'view'>,
): Promise<Renewal> {
  const { receipt } = options;
  const ended = receipt === undefined ? view : await writeReceipt(services, view, receipt);
  return confirmInstalled(services, { outcome, view: ended });
}

/**
 * Renews the licence of an appliance from an answer: verify here, dry run there, apply, read back. An answer that was sent
 * before is not sent again unless the appliance says that it was not applied. Throws VERIFICATION_FAILED, INVALID_INPUT for
 * a loss, CONFLICT, or LINK_LOST.
 */
export async function renewLicence(services: Services, request: RenewalRequest): Promise<Renewal> {
  const applied = await applyOnce(services, request);
  return applied.outcome === 'acceptable'
    ? { ...applied, licence: null }
    : finish(services, request, applied);
}

/** The sequence that was read back. */
export function sequenceOf({ licence, view }: Renewal): number | null {
  if (licence !== null) return licence.sequence;
  const read = readDocument(view.trip.applied?.receipt ?? '', 'receipt');
  const receipt = licenceReceiptSchema.safeParse('payload' in read ? read.payload : null);
  return receipt.data?.sequence ?? null;
}

/**
 * Asks the appliance what became of an answer that was sent, and sends nothing. Resolves with null if it was not applied.
 * Throws if that stays unknown.
 */
export async function finishSent(services: Services, request: RenewalRequest): Promise<Renewal | null> {
  const view = await settleSent(services, request.tripId);
  return view.trip.applied === null ? null : finish(services, request, { outcome: 'applied', view });
}
