import { AppError } from '../../src-shared/errors.ts';
import type { Trip, TripView, TripWay } from '../../src-shared/model/licence/trip.ts';
import type { Audit } from '../audit/audit.ts';
import { chooseAnswer } from './chooseAnswer.ts';
import { chooseLaterTrip, readTripFile, writeTripFile } from './tripFile.ts';
import type { TripStore } from './tripStore.ts';
import type { TripViews } from './tripViews.ts';
import { readRequest } from './tripView.ts';

/** Throws INVALID_INPUT if the trip has ended or its answer was sent to the appliance. */
export function assertOpen(trip: Trip): void {
  if (trip.ended !== null)
    throw new AppError(
      'INVALID_INPUT',
      trip.ended.how === 'void'
        ? 'This renewal is void, because a newer request was made for this appliance.'
        : 'This renewal has ended.',
    );
}

/** Throws INVALID_INPUT if the answer can’t be changed any more. */
export function assertAnswerOpen(trip: Trip): void {
  assertOpen(trip);
  if (trip.applied !== null) throw new AppError('INVALID_INPUT', 'The answer is applied already.');
  if (trip.applying !== null)
    throw new AppError(
      'CONFLICT',
      'The answer was sent to the appliance and its result is not known yet. Connect the appliance, and try again in a minute.',
    );
}

/** The steps of a trip that happen on this computer only. */
export function createTripActions(options: {
  trips: TripStore;
  views: TripViews;
  audit: Pick<Audit, 'event' | 'act'>;
  clock: () => number;
  operator: string;
}) {
  const { trips, views, audit, operator } = options;
  const now = () => ({ at: new Date(options.clock()).toISOString(), by: operator });
  const update = async (tripId: string, change: (trip: Trip) => Trip): Promise<TripView> =>
    views.viewOf(trips.update(tripId, change));

  function withAnswer(trip: Trip, request: { way: TripWay; text: string }): Trip {
    assertAnswerOpen(trip);
    const text = chooseAnswer(request.text, readRequest(trip.request).id);
    const answer = { ...now(), way: request.way, text };
    return { ...trip, answer, acknowledged: [], dryRun: null, failure: null };
  }

  async function acknowledgeLoss(request: {
    tripId: string;
    loss: string;
    isAcknowledged: boolean;
  }): Promise<TripView> {
    const { tripId, loss, isAcknowledged } = request;
    const view = await views.view(tripId);
    const found = view.losses.find(({ id }) => id === loss);
    if (found === undefined) throw new AppError('NOT_FOUND', 'The answer has no such loss.');
    const action = {
      event: 'licence.acknowledge',
      object: view.name,
      detail: `${isAcknowledged ? 'acknowledged' : 'no longer acknowledged'}: ${found.sentence}`,
    } as const;
    return audit.act(action, () =>
      update(tripId, (trip) => {
        assertAnswerOpen(trip);
        if (trip.answer?.text !== view.trip.answer?.text)
          throw new AppError('CONFLICT', 'The answer was replaced. Look at its losses again.');
        const others = trip.acknowledged.filter((done) => done.loss !== loss);
        return { ...trip, acknowledged: isAcknowledged ? [...others, { ...now(), loss }] : others };
      }),
    );
  }

  async function importTrip(text: string): Promise<TripView> {
    const imported = await readTripFile(text);
    const { number, publicKey } = readRequest(imported.request);
    const known = trips.find(imported.id);
    if (known !== null && known.trip.request !== imported.request)
      throw new AppError('CONFLICT', 'This console has another renewal with the same id.');
    const trip = known === null ? imported : chooseLaterTrip(known.trip, imported);
    const open = trips.openOf(trip.applianceId);
    if (open !== null && readRequest(open.trip.request).publicKey !== publicKey)
      throw new AppError(
        'CONFLICT',
        'The request in this trip file is signed by another key than the open renewal of this appliance. If the appliance was reinstalled, cancel the open renewal first.',
      );
    const isVoid =
      trip.ended === null &&
      open !== null &&
      open.trip.id !== trip.id &&
      readRequest(open.trip.request).number > number;
    const stored = {
      trip: isVoid ? { ...trip, ended: { ...now(), how: 'void' as const } } : trip,
      entryId: known?.entryId ?? null,
    };
    trips.add({ ...stored, requestNumber: number, ...now() });
    return views.viewOf(stored);
  }

  return {
    markCarried: ({ tripId, way }: { tripId: string; way: TripWay }) =>
      update(tripId, (trip) => {
        assertOpen(trip);
        return { ...trip, carried: { ...now(), way } };
      }),
    readAnswer: ({ tripId, ...request }: { tripId: string; way: TripWay; text: string }) =>
      update(tripId, (trip) => withAnswer(trip, request)),
    /** The view with another answer, without storing it. */
    previewAnswer: async ({ tripId, text }: { tripId: string; text: string }): Promise<TripView> => {
      const stored = trips.get(tripId);
      return views.viewOf({ ...stored, trip: withAnswer(stored.trip, { way: 'file', text }) });
    },
    rejectAnswer: (tripId: string) =>
      update(tripId, (trip) => {
        assertAnswerOpen(trip);
        return { ...trip, answer: null, acknowledged: [], dryRun: null, failure: null };
      }),
    acknowledgeLoss,
    markReceiptCarried: ({ tripId, way }: { tripId: string; way: TripWay }) =>
      update(tripId, (trip) => {
        assertOpen(trip);
        if (trip.applied === null) throw new AppError('INVALID_INPUT', 'There is no receipt yet.');
        return { ...trip, receiptCarried: { ...now(), way }, ended: { ...now(), how: 'done' } };
      }),
    cancelTrip: async (tripId: string): Promise<TripView> => {
      const { name } = await views.view(tripId);
      return audit.act({ event: 'licence.cancel', object: name }, () =>
        update(tripId, (trip) => {
          assertOpen(trip);
          if (trip.applied === null) assertAnswerOpen(trip);
          return { ...trip, ended: { ...now(), how: trip.applied === null ? 'cancelled' : 'done' } };
        }),
      );
    },
    exportTrip: async (tripId: string) => {
      const { trip, name } = await views.view(tripId);
      return writeTripFile(trip, name);
    },
    importTrip,
  };
}
