import { AppError } from '../../src-shared/errors.ts';
import type { LicencePayload, LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import type { LicenceRequest } from '../../src-shared/model/licence/licenceRequest.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { chooseAnswer } from './chooseAnswer.ts';
import { withLinkNow, type LicenceLinks } from './licenceLinks.ts';
import { expectShown, findReadBackDifferences } from './readBack.ts';
import type { TripStore } from './tripStore.ts';
import { readRequest } from './tripView.ts';
import type { TripViews } from './tripViews.ts';

/**
 * Which licence an appliance showed, compared with a renewal: the one of the answer, the one of the request, one with a
 * later sequence than the answer, or another one.
 */
export type SeenLicence = 'answer' | 'before' | 'later' | 'other';

function compareSeen(
  shown: LicenceShowOutput,
  { answer, request }: { answer: LicencePayload | null; request: LicenceRequest },
): SeenLicence {
  if (answer !== null && findReadBackDifferences(shown, expectShown(answer)).length === 0) return 'answer';
  if (shown.sequence === request.licence.sequence) return 'before';
  return answer !== null && shown.sequence !== null && shown.sequence > answer.sequence ? 'later' : 'other';
}

/** Reads the installed licence of a renewal's appliance and compares it with the answer in `text`, else the kept one. */
export function createLicenceLook(options: {
  trips: Pick<TripStore, 'get'>;
  views: Pick<TripViews, 'build'>;
  inventory: Pick<Inventory, 'get'>;
  links: LicenceLinks;
}) {
  const { trips, views, inventory, links } = options;
  return async ({ tripId, text }: { tripId: string; text: string | null }) => {
    const stored = trips.get(tripId);
    const { trip } = stored;
    const request = readRequest(trip.request);
    const at = { at: trip.openedAt, by: trip.openedBy, way: 'file' } as const;
    const answer = text === null ? trip.answer : { ...at, text: chooseAnswer(text, request.id) };
    const { entryId, verification } = await views.build({ ...stored, trip: { ...trip, answer } });
    if (entryId === null) throw new AppError('NOT_FOUND', 'This console does not know the appliance.');
    const entry = inventory.get(entryId);
    const licence = await withLinkNow(links, entry, () => links.of(entryId).driver.licence());
    return { licence, seen: compareSeen(licence, { answer: verification?.accepted ?? null, request }) };
  };
}
