import { AppError } from '../../src-shared/errors.ts';
import { fileNameOf } from '../../src-shared/base/fileNameOf.ts';
import { measureJson } from '../../src-shared/base/measureJson.ts';
import { visibleLine } from '../../src-shared/base/machineText.ts';
import { findEncodingFault } from '../../src-shared/base/textEncoding.ts';
import { tripSchema, type Trip } from '../../src-shared/model/licence/trip.ts';
import { isRequestSigned, readReceipt } from './receipt.ts';
import { readRequest } from './tripView.ts';

const bounds = { maxDepth: 16, maxValues: 20_000 };

/** The trip file, to continue on another computer. */
export function writeTripFile(trip: Trip, name: string): { fileName: string; text: string } {
  const fileName = fileNameOf(name, 'trip.json');
  return { fileName, text: `${JSON.stringify(trip, null, 2)}\n` };
}

function parse(text: string): unknown {
  const plain = (findEncodingFault(text)?.plain ?? text).replace(/^\ufeff/u, '').trim();
  const { depth, values } = measureJson(plain, bounds);
  if (depth > bounds.maxDepth || values > bounds.maxValues) return undefined;
  try {
    return JSON.parse(plain);
  } catch {
    return undefined;
  }
}

/**
 * Reads a trip file. It may have been edited: only its documents are verified, and the appliance verifies the answer
 * again. Rejects with INVALID_INPUT, or with VERIFICATION_FAILED for a request or receipt with a wrong signature.
 */
export async function readTripFile(text: string): Promise<Trip> {
  const read = tripSchema.safeParse(parse(text));
  if (!read.success) throw new AppError('INVALID_INPUT', 'This is no trip file, or it is damaged.');
  const trip = { ...read.data, applianceName: visibleLine(read.data.applianceName).slice(0, 256) };
  const request = readRequest(trip.request);
  if (request.applianceId !== trip.applianceId || !(await isRequestSigned(trip.request, request)))
    throw new AppError(
      'VERIFICATION_FAILED',
      'The request in this trip file is not signed by its appliance.',
    );
  if (trip.applied !== null && (await readReceipt(trip.applied.receipt, request)) === null)
    throw new AppError(
      'VERIFICATION_FAILED',
      'The receipt in this trip file is not signed by its appliance.',
    );
  return trip;
}

const progressOf = (trip: Trip): number =>
  [
    trip.carried,
    trip.answer,
    trip.dryRun,
    trip.applying,
    trip.applied,
    trip.receiptCarried,
    trip.ended,
  ].findLastIndex((step) => step !== null);

/** The later of two states of the same trip. What the appliance said with the request stays as this console knows it. */
export function chooseLaterTrip(known: Trip, imported: Trip): Trip {
  if (progressOf(imported) <= progressOf(known)) return known;
  const { applianceName, openedAt, openedBy, authorityKeys, highestSequence, installed, configuration } =
    known;
  const basis = {
    applianceName,
    openedAt,
    openedBy,
    authorityKeys,
    highestSequence,
    installed,
    configuration,
  };
  return { ...imported, ...basis };
}
