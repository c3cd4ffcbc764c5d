import { createTripStore } from '../src-main/licences/tripStore.ts';
import { openStore } from '../src-main/store/store.ts';
import { dayMs } from '../src-shared/base/time.ts';
import type { LicencePayload } from '../src-shared/model/licence/licence.ts';
import { readRequest } from '../src-main/licences/tripView.ts';
import type { Trip } from '../src-shared/model/licence/trip.ts';
import { verifyLicence } from '../src-shared/model/licence/verifyLicence.ts';
import { aLicence } from './aLicence.ts';
import { forgedKeySet, signGenuine } from './forgery/forge.ts';
import { createLicenceRequester } from './licenceRequester.ts';
import { licencePayload } from './licenceSupply.ts';
import { noChangeFeed } from './noChangeFeed.ts';
import { silentLog } from './silentLog.ts';

const states = [
  'opened',
  'carried',
  'losses',
  'refused',
  'ready',
  'warned',
  'unknown',
  'failed',
  'applied',
  'done',
  'void',
  'member',
] as const;
export type TripState = (typeof states)[number];

/** The id of the renewal in a state, the same in every run, so that a page's address is known. */
export function tripIdOf(state: TripState): string {
  return `00000000-0000-4000-8000-${String(states.indexOf(state) + 1).padStart(12, '0')}`;
}

const now = Date.now();
const at = (days: number) => new Date(now + days * dayMs).toISOString();
const by = 'm.ivers';
const done = { at: at(0), by };

const entitlements: LicencePayload['entitlements'] = {
  accounts: 7500,
  connectors: ['smb', 'webdav', 'cq5'],
  plan: 'per-user',
  internalDevelopment: true,
};
const installed = aLicence({
  state: 'expiring',
  reason: 'expires soon',
  key: 'KE-41C7-••••-••••-9D02',
  sequence: 12,
  notBefore: at(-346),
  expiresAt: at(19),
  graceEndsAt: at(33),
  entitlements,
});

/** A renewal of an appliance that this console does not know, as far as its answer. */
async function answeredTrip(state: TripState, changes: Partial<LicencePayload> = {}) {
  const requester = await createLicenceRequester();
  const { sequence, expiresAt, graceEndsAt } = installed;
  const document = await requester.request({
    number: 7 + states.indexOf(state),
    applianceVersion: '1.33.0',
    licence: { state: 'expiring', key: 'KE-…-9D02', sequence, expiresAt, graceEndsAt },
    usage: { accounts: 4812, connectors: ['smb', 'webdav', 'cq5'] },
  });
  const request = readRequest(document);
  const licence = licencePayload(requester.applianceId, {
    sequence: 13,
    expiresAt: at(384),
    entitlements,
    request: { id: request.id, nonce: request.nonce },
    ...changes,
  });
  const text = signGenuine(licence);
  const { checks } = await verifyLicence(text, {
    ...forgedKeySet,
    applianceId: requester.applianceId,
    applianceVersion: request.applianceVersion,
    request,
    highestSequence: 12,
    configurationRevision: 0,
    now,
  });
  const trip: Trip = {
    format: 1,
    id: tripIdOf(state),
    applianceId: requester.applianceId,
    applianceName: 'quay-07',
    openedAt: at(0),
    openedBy: by,
    request: document,
    authorityKeys: forgedKeySet.keys,
    highestSequence: 12,
    installed,
    configuration: null,
    carried: { ...done, way: 'qr' },
    answer: { ...done, way: 'file', text },
    acknowledged: [],
    dryRun: {
      ...done,
      output: {
        contract: 1,
        outcome: 'acceptable',
        checks,
        forecast: [
          {
            item: 'accounts',
            outcome: 'unknown',
            detail: '7500 accounts permitted; this kit does not count them',
          },
          { item: 'connectors', outcome: 'fits', detail: 'every connector that a tenant uses is permitted' },
          { item: 'clock', outcome: 'fits', detail: '2026-11-24 09:58:14 UTC' },
          { item: 'disk', outcome: 'fits', detail: 'there is space for the licence' },
          { item: 'lock', outcome: 'fits', detail: 'no other command changes the appliance' },
        ],
        current: installed,
        receipt: null,
      },
    },
    applying: null,
    failure: null,
    applied: null,
    receiptCarried: null,
    ended: null,
  };
  const applied = {
    ...done,
    receipt: await requester.receipt(text, licence, { previousSequence: 12, requestId: request.id }),
  };
  return { trip, applied };
}

const losses = {
  graceDays: 7,
  entitlements: { ...entitlements, accounts: 5000, connectors: ['smb'], internalDevelopment: false },
  configuration: { revision: 3, set: { 'db.port': 5432, 'smtp.host': 'mail.example', redis: null } },
};

/** How each state differs from a renewal whose dry run passed. */
const writers: Record<TripState, () => Promise<Trip>> = {
  opened: async () => ({ ...(await answeredTrip('opened')).trip, carried: null, answer: null, dryRun: null }),
  carried: async () => ({ ...(await answeredTrip('carried')).trip, answer: null, dryRun: null }),
  losses: async () => ({ ...(await answeredTrip('losses', losses)).trip, dryRun: null }),
  refused: async () => ({
    ...(await answeredTrip('refused', { sequence: 12, minVersion: '2.0.0' })).trip,
    dryRun: null,
  }),
  ready: async () => (await answeredTrip('ready')).trip,
  warned: async () => {
    const { trip } = await answeredTrip('warned', losses);
    const keys = Object.keys(losses.configuration.set).map((key) => `configuration:${key}`);
    const lost = ['grace', 'accounts', 'connector:webdav', 'connector:cq5', 'internalDevelopment', ...keys];
    return { ...trip, acknowledged: lost.map((loss) => ({ ...done, loss })) };
  },
  unknown: async () => ({
    ...(await answeredTrip('unknown')).trip,
    applying: done,
    failure: {
      ...done,
      outcome: 'unknown',
      code: 'LINK_LOST',
      message:
        'It is not known whether the licence was applied: The link was lost. The console asks the appliance when it is connected again.',
    },
  }),
  failed: async () => ({
    ...(await answeredTrip('failed')).trip,
    failure: {
      ...done,
      outcome: 'rolled-back',
      code: 'VERIFICATION_FAILED',
      message:
        'The licence that the appliance shows differs from the applied one (connectors). Sequence 12 was installed again.',
    },
  }),
  applied: async () => {
    const { trip, applied } = await answeredTrip('applied');
    return { ...trip, applied };
  },
  // The appliance of the same name in the console belongs to a cluster.
  member: async () => {
    const { trip, applied } = await answeredTrip('member');
    return { ...trip, applianceName: 'quay-01', applied };
  },
  done: async () => {
    const { trip, applied } = await answeredTrip('done');
    return { ...trip, applied, receiptCarried: { ...done, way: 'file' }, ended: { ...done, how: 'done' } };
  },
  void: async () => ({
    ...(await answeredTrip('void')).trip,
    answer: null,
    dryRun: null,
    ended: { ...done, how: 'void' },
  }),
};

/** Stores a renewal in each state in the data folder of a console that does not run. */
export async function addTripStates(dataFolder: string): Promise<void> {
  const store = openStore({ folder: dataFolder });
  try {
    const trips = createTripStore({ store, changes: noChangeFeed, log: silentLog });
    for (const state of states) {
      const trip = await writers[state]();
      trips.add({ trip, entryId: null, requestNumber: readRequest(trip.request).number, at: at(0), by });
    }
  } finally {
    store.close();
  }
}
