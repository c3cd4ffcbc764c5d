import { visibleLine } from '../../src-shared/base/machineText.ts';
import {
  compareLicences,
  connectorOfChange,
  describeLoss,
} from '../../src-shared/model/licence/compareLicences.ts';
import { findClockProblems } from '../../src-shared/model/licence/clockProblems.ts';
import { connectorOf } from '../../src-shared/model/licence/connectorOf.ts';
import { licenceRequestSchema, type LicenceRequest } from '../../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../../src-shared/model/licence/signedDocument.ts';
import { verifyLicence, type LicenceVerification } from '../../src-shared/model/licence/verifyLicence.ts';
import type {
  LicenceChange,
  Trip,
  TripLoss,
  TripSummary,
  TripView,
} from '../../src-shared/model/licence/trip.ts';
import type { TripStep } from '../../src-shared/model/licence/tripSteps.ts';
import { AppError } from '../../src-shared/errors.ts';

/** A tunnel of the appliance as the console last saw it. `port` is null for a repository without a port. */
export type SeenTunnel = {
  clientId: string;
  port: number | null;
  destination: string | null;
  word: string;
};

/** The payload of a request. Throws VERIFICATION_FAILED. Its signature is checked when the trip is stored. */
export function readRequest(document: string): LicenceRequest {
  const read = readDocument(document, 'request');
  if ('problem' in read)
    throw new AppError('VERIFICATION_FAILED', `The request can’t be read: ${read.reason}.`);
  const payload = licenceRequestSchema.safeParse(read.payload);
  if (payload.success) return payload.data;
  throw new AppError('VERIFICATION_FAILED', 'The request has an unexpected field.');
}

/** E.g. `quay-01-0007`. */
export function tripName(trip: Pick<Trip, 'applianceName'>, request: Pick<LicenceRequest, 'number'>): string {
  return `${visibleLine(trip.applianceName).slice(0, 200)}-${String(request.number).padStart(4, '0')}`;
}

/** Verifies an answer with what the appliance said in its request. An ended trip is judged by the time it ended. */
export function verifyAnswer(
  trip: Trip,
  request: LicenceRequest,
  { text, now }: { text: string; now: number },
): Promise<LicenceVerification> {
  const { id, nonce, number, applianceVersion, configurationRevision } = request;
  const at = trip.applied?.at ?? trip.ended?.at;
  return verifyLicence(text, {
    keys: trip.authorityKeys,
    applianceId: trip.applianceId,
    applianceVersion,
    request: { id, nonce, number },
    highestSequence: trip.highestSequence,
    configurationRevision,
    now: at === undefined ? now : Date.parse(at),
  });
}

/** The losses among the changes, with the tunnels that each one touches. */
export function findLosses(facts: {
  changes: readonly LicenceChange[];
  accountsInUse: number | null;
  tunnels: readonly SeenTunnel[];
}): Omit<TripLoss, 'acknowledged'>[] {
  return facts.changes
    .filter(({ effect }) => effect === 'loss')
    .map((change) => {
      const connector = connectorOfChange(change);
      const tunnels = facts.tunnels.flatMap(({ clientId, port, destination, word }) =>
        connector !== null && port !== null && destination !== null && connectorOf(destination) === connector
          ? [{ clientId, port, target: visibleLine(destination).slice(0, 512), state: word.slice(0, 128) }]
          : [],
      );
      const { accountsInUse } = facts;
      return {
        ...change,
        sentence: describeLoss(change, { tunnels: tunnels.length, accountsInUse }).slice(0, 512),
        tunnels: tunnels.slice(0, 3000),
      };
    });
}

function findTripLosses(
  trip: Trip,
  facts: { changes: readonly LicenceChange[]; request: LicenceRequest; tunnels: readonly SeenTunnel[] },
): TripLoss[] {
  return findLosses({ ...facts, accountsInUse: facts.request.usage.accounts }).map((found) => {
    const acknowledged = trip.acknowledged.find(({ loss }) => loss === found.id);
    return {
      ...found,
      acknowledged: acknowledged === undefined ? null : { at: acknowledged.at, by: acknowledged.by },
    };
  });
}

/** The step to do next. For an ended trip, the last one that was reached. */
function findStep(
  trip: Trip,
  facts: { isAccepted: boolean; losses: readonly TripLoss[] },
): Exclude<TripStep, 'request'> {
  if (trip.applied !== null) return 'receipt';
  if (trip.applying !== null) return 'apply';
  if (trip.answer === null) return trip.carried === null ? 'carry' : 'answer';
  if (!facts.isAccepted || facts.losses.some(({ acknowledged }) => acknowledged === null)) return 'verify';
  return trip.dryRun?.output.outcome === 'acceptable' ? 'apply' : 'dryRun';
}

/** Everything that the console derives from a trip. Depends only on its arguments. */
export async function buildTripView(input: {
  trip: Trip;
  entryId: string | null;
  tunnels: readonly SeenTunnel[];
  now: number;
}): Promise<TripView & { verification: LicenceVerification | null }> {
  const { trip, entryId, tunnels, now } = input;
  const request = readRequest(trip.request);
  const verification =
    trip.answer === null ? null : await verifyAnswer(trip, request, { text: trip.answer.text, now });
  const signed = verification?.signed ?? null;
  const changes =
    signed === null
      ? []
      : compareLicences({
          before: trip.installed,
          after: signed,
          request,
          configuration: trip.configuration,
        });
  const losses = findTripLosses(trip, { changes, request, tunnels });
  const isAccepted = verification?.accepted != null;
  return {
    trip,
    name: tripName(trip, request),
    entryId,
    step: findStep(trip, { isAccepted, losses }),
    requestPayload: request,
    clockDifferenceMs: Date.parse(request.madeAt) - Date.parse(trip.openedAt),
    clockProblems: findClockProblems({
      seenNow: request.madeAt,
      observedAt: trip.openedAt,
      ranBackFrom: request.clockRanBackFrom,
      licence: trip.installed,
    }),
    checks: verification?.checks ?? [],
    changes,
    losses,
    verification,
  };
}

export function summarizeTrip({ trip, name, entryId, step }: TripView): TripSummary {
  const { id, applianceName, openedAt, ended } = trip;
  return { id, name, entryId, applianceName, step, openedAt, ended };
}
