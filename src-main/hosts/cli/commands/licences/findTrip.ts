import { AppError } from '../../../../../src-shared/errors.ts';
import type { Services } from '../../../../services.ts';
import { findAppliance } from '../../withConsole.ts';

/** The open renewal of an appliance. Throws NOT_FOUND. */
export async function findOpenTrip(services: Services, name: string) {
  const entry = findAppliance(services, name);
  const trips = await services.licences.trips();
  const trip = trips.find(({ entryId, ended }) => entryId === entry.id && ended === null);
  if (trip !== undefined) return { entry, tripId: trip.id };
  throw new AppError(
    'NOT_FOUND',
    `${entry.name} has no open request. Make one: sallyport licence request ${entry.name}`,
  );
}

/** The renewal of an appliance that `text` answers, open or applied before; else the open one. Throws NOT_FOUND. */
export async function findTripToApply(services: Services, name: string, text: string | null) {
  const entry = findAppliance(services, name);
  const answered = text === null ? [] : services.licences.findAnsweredAll(text);
  const trips = await services.licences.trips();
  const own = trips.find(({ id, entryId }) => entryId === entry.id && answered.includes(id));
  if (own === undefined) return findOpenTrip(services, name);
  const isUsable = own.ended === null || (await services.licences.trip(own.id)).trip.applied !== null;
  return isUsable ? { entry, tripId: own.id } : findOpenTrip(services, name);
}
