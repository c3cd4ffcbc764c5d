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
