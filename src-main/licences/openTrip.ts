import { randomUUID } from 'node:crypto';
import { AppError } from '../../src-shared/errors.ts';
import { listShownValues } from '../../src-shared/model/configuration/shownValues.ts';
import type { Trip, TripView } from '../../src-shared/model/licence/trip.ts';
import type { Audit } from '../audit/audit.ts';
import type { Driver } from '../driver/driver.ts';
import { licenceArgv } from '../../src-shared/model/licence/licenceArgv.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { LicenceLinks } from './licenceLinks.ts';
import { withLink } from '../links/withLink.ts';
import { licenceAction } from './applianceLicences.ts';
import { isRequestSigned } from './receipt.ts';
import type { StoredTrip, TripStore } from './tripStore.ts';
import { readRequest } from './tripView.ts';
import type { TripViews } from './tripViews.ts';

/** The values that an answer may change. Null if the appliance has no configuration or can't show it. */
async function readValues({ show }: Pick<Driver['configuration'], 'show'>): Promise<Trip['configuration']> {
  try {
    return listShownValues((await show(null)).text);
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}

/**
 * Opens renewals. Rejects with VERIFICATION_FAILED if the appliance’s request is not signed by the key that it names,
 * and with CONFLICT while the result of the previous renewal is not known.
 */
export function createTripOpener(options: {
  trips: TripStore;
  views: TripViews;
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: LicenceLinks;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
  operator: string;
}) {
  const { trips, views, inventory, links, audit, clock, operator } = options;

  async function requestLicence(entryId: string): Promise<StoredTrip> {
    const entry = inventory.get(entryId);
    const { driver } = links.of(entryId);
    const installed = await driver.licence();
    const output = await driver.licences.request();
    const at = new Date(clock()).toISOString();
    const request = readRequest(output.request);
    if (request.id !== output.id || !(await isRequestSigned(output.request, request)))
      throw new AppError(
        'VERIFICATION_FAILED',
        'The request is not signed by the key that it names. Don’t send it; check the appliance.',
      );
    const stored: StoredTrip = {
      entryId,
      trip: {
        format: 1,
        id: randomUUID(),
        applianceId: request.applianceId,
        applianceName: entry.name,
        openedAt: at,
        openedBy: operator,
        request: output.request,
        authorityKeys: output.authorityKeys,
        highestSequence: output.highestSequence,
        installed,
        configuration: await readValues(driver.configuration),
        carried: null,
        answer: null,
        acknowledged: [],
        dryRun: null,
        applying: null,
        failure: null,
        applied: null,
        receiptCarried: null,
        ended: null,
      },
    };
    trips.add({ ...stored, requestNumber: request.number, at, by: operator });
    return stored;
  }

  return async ({ applianceId: entryId }: { applianceId: string }): Promise<TripView> => {
    const entry = inventory.get(entryId);
    inventory.assertUnlocked(entry.id, 'licence');
    const unsettled = trips
      .list()
      .find((stored) => stored.trip.applying !== null && views.findEntryId(stored) === entryId);
    if (unsettled !== undefined && unsettled.trip.ended === null)
      throw new AppError(
        'CONFLICT',
        'The result of the previous renewal is not known yet. Let the console ask the appliance first.',
        { detail: { tripId: unsettled.trip.id } },
      );
    const action = licenceAction(entry, licenceArgv.request, 'an open request becomes void');
    const stored = await withLink(links, entry, () =>
      audit.act({ event: 'licence.request', ...action }, () => requestLicence(entryId)),
    );
    return views.viewOf(stored);
  };
}
