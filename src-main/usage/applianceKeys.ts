import { tripSchema } from '../../src-shared/model/licence/trip.ts';
import { isSignedBy } from '../../src-shared/model/licence/signedDocument.ts';
import { readRequest } from '../licences/tripView.ts';
import type { Store } from '../store/store.ts';

const requestSchema = tripSchema.pick({ request: true });

/** The appliance's own public keys that its kept renewals name. Empty if the console made no request of it. */
function knownKeys(store: Store, applianceId: string): string[] {
  const rows = store.all(
    store.query.selectFrom('licenceTrip').select('tripJson').where('applianceId', '=', applianceId),
  );
  const keys = rows.flatMap(({ tripJson }) => {
    const trip = requestSchema.safeParse(JSON.parse(tripJson));
    return trip.success ? [readRequest(trip.data.request).publicKey] : [];
  });
  return [...new Set(keys)];
}

/** Whether the appliance with this identity signed a document; null if the console knows no key of it. */
export async function isSignedByAppliance(
  store: Store,
  { document, applianceId }: { document: string; applianceId: string },
): Promise<boolean | null> {
  const keys = knownKeys(store, applianceId);
  if (keys.length === 0) return null;
  for (const x of keys)
    if (await isSignedBy(document, { kty: 'OKP', crv: 'Ed25519', x, kid: '' })) return true;
  return false;
}
