import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { formatCount } from '../../base/formatCount.ts';
import { compareLicences, connectorOfChange, describeLoss } from './compareLicences.ts';
import {
  configurationRevisionSchema,
  licencePayloadSchema,
  licenceShowOutputSchema,
  type LicencePayload,
  type LicenceShowOutput,
} from './licence.ts';
import { licenceRequestSchema } from './licenceRequest.ts';
import { licenceChangeSchema, maxLicenceChanges } from './trip.ts';

const id = '7c1e0c5a-6f0e-4b5e-9b40-2d1f3a4b5c6d';
const entitlements = {
  accounts: 5000,
  connectors: ['smb', 'webdav', 'cq5'],
  plan: 'per user',
  internalDevelopment: false,
};
const before: LicenceShowOutput = licenceShowOutputSchema.parse({
  contract: 1,
  state: 'expiring',
  reason: 'expires soon',
  key: 'KE-…-9D02',
  sequence: 12,
  notBefore: '2025-12-10T00:00:00.000Z',
  expiresAt: '2026-12-10T00:00:00.000Z',
  graceEndsAt: '2026-12-24T00:00:00.000Z',
  entitlements,
  clockRanBackFrom: null,
});
const after: LicencePayload = licencePayloadSchema.parse({
  format: 1,
  id,
  applianceId: id,
  key: 'KE-41C7-0000-0000-9D02',
  sequence: 13,
  issuedAt: '2026-11-20T00:00:00.000Z',
  notBefore: '2026-11-20T00:00:00.000Z',
  expiresAt: '2027-12-10T00:00:00.000Z',
  graceDays: 14,
  minVersion: '1.30',
  entitlements,
});
const request = licenceRequestSchema.parse({
  format: 1,
  id,
  number: 7,
  nonce: 'A'.repeat(22),
  applianceId: id,
  publicKey: `${'B'.repeat(42)}A`,
  madeAt: '2026-11-20T00:00:00.000Z',
  clockRanBackFrom: null,
  applianceVersion: '1.33.0',
  configurationRevision: 88,
  licence: { state: 'expiring', key: null, sequence: 12, expiresAt: null, graceEndsAt: null },
  usage: { accounts: 4812, connectors: ['smb'] },
});

function change(
  fieldId: string,
  changes: { before?: Partial<LicenceShowOutput>; after?: Partial<LicencePayload> },
) {
  const all = compareLicences({
    before: { ...before, ...changes.before },
    after: { ...after, ...changes.after },
    request,
    configuration: null,
  });
  for (const one of all) licenceChangeSchema.parse(one);
  expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  return all.find((one) => one.id === fieldId);
}
const granted = (changes: Partial<LicencePayload['entitlements']>) => ({
  after: { entitlements: { ...entitlements, ...changes } },
});

const plans = [aPlan()];
const dearPlans = [aPlan({ minimum: { amount: '5' } })];

test.each([
  ['expiry', {}, '2026-12-10 00:00:00 UTC', '2027-12-10 00:00:00 UTC', '+365 d', 'gain'],
  [
    'expiry',
    { after: { expiresAt: '2026-12-01T00:00:00.000Z' } },
    '2026-12-10 00:00:00 UTC',
    '2026-12-01 00:00:00 UTC',
    '−9 d',
    'loss',
  ],
  [
    'expiry',
    { after: { expiresAt: '2026-12-10T00:00:00Z' } },
    '2026-12-10 00:00:00 UTC',
    '2026-12-10 00:00:00 UTC',
    '',
    'same',
  ],
  [
    'expiry',
    { after: { expiresAt: '2026-12-09T23:00:00.000Z' } },
    '2026-12-10 00:00:00 UTC',
    '2026-12-09 23:00:00 UTC',
    '',
    'loss',
  ],
  ['expiry', { before: { expiresAt: null } }, 'none', '2027-12-10 00:00:00 UTC', '', 'gain'],
  ['plans', { after: { plans } }, 'none', 'graduated', 'prices or rules differ', 'neutral'],
  [
    'plans',
    { before: { plans }, after: { plans: dearPlans } },
    'graduated',
    'graduated',
    'prices or rules differ',
    'neutral',
  ],
  ['plans', { before: { plans }, after: { plans } }, 'graduated', 'graduated', '', 'same'],
  ['grace', {}, '14 d', '14 d', '', 'same'],
  ['grace', { after: { graceDays: 7 } }, '14 d', '7 d', '−7 d', 'loss'],
  ['grace', { after: { graceDays: 30 } }, '14 d', '30 d', '+16 d', 'gain'],
  ['accounts', {}, '5,000', '5,000', '', 'same'],
  ['accounts', granted({ accounts: 7500 }), '5,000', '7,500', '+2,500', 'gain'],
  ['accounts', granted({ accounts: 4000 }), '5,000', '4,000', '−1,000', 'loss'],
  ['accounts', granted({ accounts: null }), '5,000', 'unlimited', '', 'gain'],
  [
    'accounts',
    { before: { entitlements: { ...entitlements, accounts: null } } },
    'unlimited',
    '5,000',
    '',
    'loss',
  ],
  ['accounts', { before: { entitlements: null } }, 'none', '5,000', '', 'gain'],
  ['connectors', {}, 'smb webdav cq5', 'smb webdav cq5', '', 'same'],
  [
    'connectors',
    granted({ connectors: ['cq5', 'smb', 'webdav', 'smb'] }),
    'smb webdav cq5',
    'cq5 smb webdav',
    '',
    'same',
  ],
  ['connectors', granted({ connectors: ['smb', 'cmis'] }), 'smb webdav cq5', 'smb cmis', '+1, −2', 'neutral'],
  ['connector:cq5', granted({ connectors: ['smb'] }), 'licensed', 'not licensed', '− cq5', 'loss'],
  ['connector:cmis', granted({ connectors: ['smb', 'cmis'] }), 'not licensed', 'licensed', '+ cmis', 'gain'],
  ['plan', granted({ plan: 'flat' }), 'per user', 'flat', 'other terms', 'neutral'],
  [
    'internalDevelopment',
    granted({ internalDevelopment: true }),
    'not permitted',
    'permitted',
    'added',
    'gain',
  ],
  [
    'internalDevelopment',
    { before: { entitlements: { ...entitlements, internalDevelopment: true } } },
    'permitted',
    'not permitted',
    'removed',
    'loss',
  ],
  ['internalLicence', {}, 'no', 'no', '', 'same'],
  ['internalLicence', granted({ internalDevelopment: true }), 'no', 'no', '', 'same'],
  ['internalLicence', granted({ isInternalLicence: true }), 'no', 'no', '', 'same'],
  [
    'internalLicence',
    granted({ internalDevelopment: true, isInternalLicence: true }),
    'no',
    'yes, all names in plain text',
    'added',
    'loss',
  ],
  [
    'internalLicence',
    {
      before: { entitlements: { ...entitlements, isInternalLicence: true } },
      ...granted({ internalDevelopment: true, isInternalLicence: true }),
    },
    'no',
    'yes, all names in plain text',
    'added',
    'loss',
  ],
  [
    'internalLicence',
    { before: { entitlements: null }, ...granted({ internalDevelopment: true, isInternalLicence: true }) },
    'none',
    'yes, all names in plain text',
    'added',
    'loss',
  ],
  [
    'internalLicence',
    { before: { entitlements: { ...entitlements, internalDevelopment: true, isInternalLicence: true } } },
    'yes, all names in plain text',
    'no',
    'removed',
    'gain',
  ],
] as const)('when %s changes by %j, says so', (fieldId, changes, from, to, difference, effect) => {
  expect(change(fieldId, changes)).toMatchObject({ before: from, after: to, difference, effect });
});

test('when a configuration comes with the licence, lists its revision and each key', () => {
  const configuration = {
    revision: 91,
    set: { 'events.retention': '5d', 'api.page_size': 1000, 'ssl.old': null, 'ui.title': 'a\u202eb' },
  };
  const all = compareLicences({
    before,
    after: { ...after, configuration },
    request,
    configuration: null,
  });
  const hidden = 'new secret (hidden)';
  expect(
    all.slice(-5).map(({ field, after: to, difference, effect }) => [field, to, difference, effect]),
  ).toEqual([
    ['Configuration', 'revision 91', '4 keys', 'neutral'],
    ['events.retention', hidden, 'changed', 'loss'],
    ['api.page_size', '1000', 'changed', 'loss'],
    ['ssl.old', 'removed', 'removed', 'loss'],
    ['ui.title', hidden, 'changed', 'loss'],
  ]);
});

const names = (letter: string) => Array.from({ length: 256 }, (_, at) => `${letter}${at}`.padEnd(64, 'x'));

test('when licences differ in everything that they can, every loss is listed, each with its own id', () => {
  const keys = Array.from(
    { length: 200 },
    (_, at) => [`${'k'.repeat(60)}.${'n'.repeat(30)}${at}`, at] as const,
  );
  const configuration = configurationRevisionSchema.parse({ revision: 91, set: Object.fromEntries(keys) });
  const changes = compareLicences({
    before: {
      ...before,
      entitlements: { ...entitlements, internalDevelopment: true, connectors: names('a') },
    },
    after: {
      ...after,
      expiresAt: '2026-12-01T00:00:00.000Z',
      graceDays: 1,
      entitlements: { ...entitlements, accounts: 1, connectors: names('b') },
      configuration,
    },
    request,
    configuration: null,
  });
  const losses = z
    .array(licenceChangeSchema)
    .max(maxLicenceChanges)
    .parse(changes)
    .filter(({ effect }) => effect === 'loss');
  expect(losses).toHaveLength(256 + 200 + 4);
  expect(new Set(losses.map((loss) => loss.id)).size).toBe(losses.length);
});

test.each([
  ['too many settings', Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`key${at}`, at]))],
  ['too long a path', { [`${'a'.repeat(60)}.${'b'.repeat(40)}`]: 1 }],
])('when a revision has %s, it is no revision', (_what, set) => {
  expect(configurationRevisionSchema.safeParse({ revision: 1, set }).success).toBe(false);
});

test('when two long values begin the same, the change is not taken for none', () => {
  const long = `https://example.com/${'x'.repeat(300)}`;
  const changes = compareLicences({
    before,
    after: { ...after, configuration: { revision: 91, set: { hostname: `${long}new` } } },
    request,
    configuration: [{ path: 'hostname', value: long.slice(0, 200) }],
  });
  expect(changes.find(({ field }) => field === 'hostname')).toMatchObject({ effect: 'loss' });
});

const presentValues = [
  { path: 'hostname', value: 'old.example' },
  { path: 'db.port', value: '5432' },
  { path: 'db.password', value: '••••••••' },
  { path: 'smtp.host', value: '••••••••' },
  { path: 'smtp.port', value: '25' },
];

test.each([
  [
    'hostname',
    'new.example',
    'old.example',
    'new.example',
    'loss',
    'The configuration changes “hostname” from old.example to new.example.',
  ],
  ['db.port', 5432, '5432', '5432', 'same', null],
  ['db.host', 'db.example', 'none', 'db.example', 'gain', null],
  [
    'db.password',
    'planted',
    '••••••••',
    'new secret (hidden)',
    'loss',
    'The configuration changes “db.password” from •••••••• to new secret (hidden).',
  ],
  ['db.port', null, '5432', 'removed', 'loss', 'The configuration loses “db.port”, which is 5432 now.'],
  ['smtp', null, '2 values', 'removed', 'loss', 'The configuration loses “smtp”, which is 2 values now.'],
  ['ui', null, 'none', 'removed', 'same', null],
] as const)(
  'when an answer sets %s to %j, the change has both values, secrets hidden',
  (key, value, from, to, effect, sentence) => {
    const changes = compareLicences({
      before,
      after: { ...after, configuration: { revision: 91, set: { [key]: value } } },
      request,
      configuration: presentValues,
    });
    const found = changes.find(({ field }) => field === key);
    expect(found).toMatchObject({ before: from, after: to, effect });
    expect(JSON.stringify(changes)).not.toContain('planted');
    const loss = sentence === null || found === undefined ? null : found;
    expect(loss && describeLoss(loss, { tunnels: 0, accountsInUse: null })).toBe(sentence);
  },
);

test.each([
  ['connector:cq5', granted({ connectors: ['smb'] }), 2, '“cq5” is no longer licensed; 2 tunnels use it.'],
  ['connector:cq5', granted({ connectors: ['smb'] }), 1, '“cq5” is no longer licensed; 1 tunnel uses it.'],
  ['connector:cq5', granted({ connectors: ['smb'] }), 0, '“cq5” is no longer licensed; no tunnel uses it.'],
  [
    'accounts',
    granted({ accounts: 10 }),
    0,
    'The number of accounts falls from 5,000 to 10. 4,812 are in use.',
  ],
  ['grace', { after: { graceDays: 0 } }, 0, 'The grace period is shorter: 0 d instead of 14 d.'],
  [
    'expiry',
    { after: { expiresAt: '2026-12-01T00:00:00.000Z' } },
    0,
    'The licence expires earlier: 2026-12-01 00:00:00 UTC instead of 2026-12-10 00:00:00 UTC.',
  ],
] as const)('when %s is lost, describes the loss', (fieldId, changes, tunnels, sentence) => {
  const lost = change(fieldId, changes);
  expect(lost && describeLoss(lost, { tunnels, accountsInUse: 4812 })).toBe(sentence);
});

test('when a connector has a deceptive name, its name stays in quotation marks', () => {
  const name = 'smb” is fine; “x\u202e';
  const lost = compareLicences({
    before: { ...before, entitlements: { ...entitlements, connectors: [name] } },
    after,
    request,
    configuration: null,
  }).find(({ effect }) => effect === 'loss');
  expect(lost === undefined ? null : connectorOfChange(lost)).toBe(name);
  expect(lost === undefined ? null : describeLoss(lost, { tunnels: 0, accountsInUse: null })).toBe(
    '“smb’ is fine; ’x⟨U+202E⟩” is no longer licensed; no tunnel uses it.',
  );
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('when %d is written, it has commas', (value, text) => {
  expect(formatCount(value)).toBe(text);
});
