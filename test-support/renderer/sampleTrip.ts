import { base64url } from 'jose';
import { documentTypes, type DocumentType } from '../../src-shared/model/licence/documents.ts';
import type { LicenceReceipt, LicenceRequest } from '../../src-shared/model/licence/licenceRequest.ts';
import type { TripView } from '../../src-shared/model/licence/trip.ts';
import { aLicence } from '../aLicence.ts';
import { applianceId } from './samples.ts';

export const tripId = '00000000-0000-4000-8000-0000000000aa';
const done = { at: '2026-11-20T09:30:00.000Z', by: 'm.ivers' };

function encode(value: unknown): string {
  return base64url.encode(JSON.stringify(value));
}

function documentOf(type: DocumentType, payload: unknown): string {
  const header = { alg: 'EdDSA', typ: documentTypes[type], kid: 'k' };
  return `${encode(header)}.${encode(payload)}.${'A'.repeat(86)}`;
}

const requestPayload: LicenceRequest = {
  format: 1,
  id: '00000000-0000-4000-8000-0000000000bb',
  number: 7,
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  applianceId: '7c1e0000-0000-4000-8000-000000009b40',
  publicKey: `${'B'.repeat(42)}A`,
  madeAt: '2026-11-20T09:29:57.000Z',
  clockRanBackFrom: null,
  applianceVersion: '1.33.0',
  configurationRevision: 88,
  licence: {
    state: 'expiring',
    key: 'KE-41C7-••••-••••-9D02',
    sequence: 12,
    expiresAt: '2026-12-09T23:59:00.000Z',
    graceEndsAt: '2026-12-23T23:59:00.000Z',
  },
  usage: { accounts: 4812, connectors: ['smb', 'webdav', 'cq5'] },
};

const receiptPayload: LicenceReceipt = {
  format: 1,
  id: '00000000-0000-4000-8000-0000000000cc',
  applianceId: requestPayload.applianceId,
  outcome: 'applied',
  at: done.at,
  licenceId: '00000000-0000-4000-8000-0000000000dd',
  sequence: 13,
  licenceSha256: 'ab'.repeat(32),
  previousSequence: 12,
  requestId: requestPayload.id,
  configurationRevision: 91,
};

const installed = aLicence({
  state: 'expiring',
  reason: 'expires at 2026-12-09 23:59:00 UTC',
  expiresAt: '2026-12-09T23:59:00.000Z',
  graceEndsAt: '2026-12-23T23:59:00.000Z',
  sequence: 12,
  key: 'KE-41C7-••••-••••-9D02',
  entitlements: {
    accounts: 5000,
    connectors: ['smb', 'webdav', 'cq5'],
    plan: 'per user',
    internalDevelopment: false,
  },
});

/** A renewal of quay-01 whose next step is to carry the request out. */
export function sampleTrip(change: Partial<TripView> = {}, trip: Partial<TripView['trip']> = {}): TripView {
  return {
    trip: {
      format: 1,
      id: tripId,
      applianceId: requestPayload.applianceId,
      applianceName: 'quay-01',
      openedAt: done.at,
      openedBy: done.by,
      request: documentOf('request', requestPayload),
      authorityKeys: [],
      highestSequence: 12,
      installed,
      configuration: null,
      carried: null,
      answer: null,
      acknowledged: [],
      dryRun: null,
      applying: null,
      failure: null,
      applied: null,
      receiptCarried: null,
      ended: null,
      ...trip,
    },
    name: 'quay-01-0007',
    entryId: applianceId,
    step: 'carry',
    requestPayload,
    clockDifferenceMs: -3000,
    clockProblems: [],
    checks: [],
    changes: [],
    losses: [],
    ...change,
  };
}

const checks: TripView['checks'] = [
  { check: 'file', outcome: 'passed', detail: '2,318 bytes', instant: null },
  { check: 'format', outcome: 'passed', detail: 'format 1', instant: null },
  { check: 'signature', outcome: 'passed', detail: 'Ed25519, key vendor-2026, pinned', instant: null },
  { check: 'appliance', outcome: 'passed', detail: 'quay-01, identity 7c1e…9b40', instant: null },
  { check: 'request', outcome: 'passed', detail: 'request 7, nonce matches', instant: null },
  { check: 'sequence', outcome: 'passed', detail: 'sequence 13, installed 12', instant: null },
  {
    check: 'notBefore',
    outcome: 'passed',
    detail: 'from 2026-11-20 00:00:00 UTC',
    instant: '2026-11-20T00:00:00.000Z',
  },
  {
    check: 'expiry',
    outcome: 'passed',
    detail: 'until 2027-12-09 23:59:00 UTC',
    instant: '2027-12-09T23:59:00.000Z',
  },
  { check: 'version', outcome: 'passed', detail: 'needs 1.30, runs 1.33.0', instant: null },
  { check: 'configuration', outcome: 'passed', detail: 'revision 91, installed 88', instant: null },
];
const loss = {
  id: 'connector:cq5',
  field: 'Connector cq5',
  before: 'licensed',
  after: 'not licensed',
  difference: '− cq5',
  effect: 'loss',
} as const;
const changes: TripView['changes'] = [
  {
    id: 'expiry',
    field: 'Expires',
    before: '2026-12-09 23:59:00 UTC',
    after: '2027-12-09 23:59:00 UTC',
    difference: '+365 d',
    effect: 'gain',
  },
  {
    id: 'accounts',
    field: 'Accounts',
    before: '5,000',
    after: '7,500',
    difference: '+2,500',
    effect: 'gain',
  },
  loss,
  { id: 'plan', field: 'Plan', before: 'per user', after: 'per user', difference: '', effect: 'same' },
];
const answer = { ...done, way: 'file', text: documentOf('licence', {}) } as const;

/** The same renewal with an answer that loses a connector, which two tunnels use. */
export function sampleAnswered(isAcknowledged = false, trip: Partial<TripView['trip']> = {}): TripView {
  const losses: TripView['losses'] = [
    {
      ...loss,
      sentence: 'cq5 is no longer licensed: 2 tunnels stop when you apply',
      tunnels: [
        { clientId: 'northwind', port: 2306, target: 'cq5+http://author.nw.lan:4502/', state: 'in use' },
        { clientId: 'acme', port: 2322, target: 'cq5+http://cq.acme.lan:4502/', state: 'idle' },
      ],
      acknowledged: isAcknowledged ? done : null,
    },
  ];
  const step = isAcknowledged ? 'dryRun' : 'verify';
  return sampleTrip({ step, checks, changes, losses }, { carried: { ...done, way: 'qr' }, answer, ...trip });
}

/** The same renewal after a dry run that found the answer acceptable. */
export function sampleDryRun(trip: Partial<TripView['trip']> = {}): TripView {
  const output: NonNullable<TripView['trip']['dryRun']>['output'] = {
    contract: 1,
    outcome: 'acceptable',
    checks,
    forecast: [
      { item: 'accounts', outcome: 'fits', detail: '4,812 of 7,500 in use' },
      { item: 'connectors', outcome: 'warning', detail: 'cq5 is used by 2 tunnels' },
      { item: 'disk', outcome: 'fits', detail: '18.4 GB free' },
    ],
    current: installed,
    receipt: null,
  };
  return { ...sampleAnswered(true, { dryRun: { ...done, output }, ...trip }), step: 'apply' };
}

/** The same renewal after its answer was applied. */
export function sampleApplied(trip: Partial<TripView['trip']> = {}): TripView {
  const applied = { ...done, receipt: documentOf('receipt', receiptPayload) };
  return { ...sampleDryRun({ applied, ...trip }), step: 'receipt' };
}
