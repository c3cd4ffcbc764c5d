import type { Audit } from '../audit/audit.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { LicenceLinks } from './licenceLinks.ts';
import type { Store } from '../store/store.ts';
import { createApplianceLicences } from './applianceLicences.ts';
import { createTripApplier } from './applyTrip.ts';
import { createTripOpener } from './openTrip.ts';
import { createTripActions } from './tripActions.ts';
import { createTripStore } from './tripStore.ts';
import { findDocuments } from '../../src-shared/model/licence/findDocument.ts';
import { findAnsweredTrip, findAnsweredTrips } from './chooseAnswer.ts';
import { createLicenceLook } from './lookAtLicence.ts';
import { verifyAnswerFile } from './verifyFile.ts';
import { readRequest, tripName, type SeenTunnel } from './tripView.ts';
import { createTripViews } from './tripViews.ts';

/** Offline renewals of licences, and the installed and kept licences of appliances. */
export function createLicences(options: {
  inventory: Pick<Inventory, 'list' | 'get' | 'assertUnlocked'>;
  links: LicenceLinks;
  fleet: Pick<Fleet, 'known' | 'refreshLicences'>;
  audit: Audit;
  store: Store;
  changes: ChangeMarks;
  clock: () => number;
  operator: string;
  log: Log;
  /** The tunnels of an appliance as the console last saw them. */
  tunnelsOf: (entryId: string) => readonly SeenTunnel[];
  onTripChanged?: (entryId: string | null) => void;
}) {
  const trips = createTripStore({
    ...options,
    ...(options.onTripChanged === undefined ? {} : { onChanged: options.onTripChanged }),
  });
  const views = createTripViews({ ...options, trips });
  const licences = createApplianceLicences(options);
  const shared = { ...options, trips, views };
  /** The open renewal of an appliance, to be voided by another request of that appliance. */
  const openTripOf = (entryId: string) => {
    const open = trips
      .list()
      .find((stored) => stored.trip.ended === null && views.findEntryId(stored) === entryId);
    if (open === undefined) return null;
    const { trip } = open;
    const ended = { at: new Date(options.clock()).toISOString(), by: options.operator, how: 'void' } as const;
    return {
      name: tripName(trip, readRequest(trip.request)),
      openedAt: trip.openedAt,
      voidIt: () => void trips.update(trip.id, (now) => ({ ...now, ended: now.ended ?? ended })),
    };
  };
  const applier = createTripApplier({ ...shared, licences });
  return {
    trips: views.list,
    trip: views.view,
    openTrip: createTripOpener(shared),
    ...createTripActions(shared),
    /** The ID of the renewal whose request the answer in `text` names; null if no renewal has it. Throws INVALID_INPUT. */
    findAnswered: (text: string): string | null => findAnsweredTrip(trips, text),
    /** The IDs of all renewals whose requests the answers in `text` name, the open ones first. */
    findAnsweredAll: (text: string): string[] => findAnsweredTrips(trips, text),
    /** Whether `text` holds the answer that is kept with this renewal. */
    isAnswerOf: ({ tripId, text }: { tripId: string; text: string }): boolean => {
      const { answer } = trips.get(tripId).trip;
      return findDocuments(text).some((found) => found.text === answer?.text);
    },
    look: createLicenceLook(shared),
    /** Verifies an answer from files alone. `request` is a request or a trip file; `keys` a JWKS or null. */
    verifyFile: (files: { answer: string; request: string; keys: string | null }) =>
      verifyAnswerFile(trips, files, options.clock()),
    ...applier,
    ...licences,
    openTripOf,
  };
}
