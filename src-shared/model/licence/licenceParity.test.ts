import { expect, test } from 'vitest';
import { aLicence } from '../../../test-support/aLicence.ts';
import { compareMemberLicences, groupByCluster } from './licenceParity.ts';

const observedAt = '2026-11-20T09:00:00.000Z';
const entitlements = { accounts: 100, connectors: ['smb', 'cmis'], plan: 'pro', internalDevelopment: false };
const licence = aLicence({
  state: 'valid',
  entitlements,
  sequence: 4,
  expiresAt: '2027-01-01T00:00:00.000Z',
});
const kiln = { name: 'kiln', licence, observedAt };

test('when the members have the same licence, they are equal, whatever the order of connectors and the key', () => {
  const other = {
    ...licence,
    key: 'another',
    entitlements: { ...entitlements, connectors: ['cmis', 'smb'] },
  };
  expect(compareMemberLicences([kiln, { name: 'mill', licence: other, observedAt }])).toEqual({
    state: 'equal',
    differences: [],
  });
});

test.each([
  [{ sequence: 5 }, 'Different sequence: kiln 4, mill 5.'],
  [
    { expiresAt: '2028-01-01T00:00:00.000Z' },
    'Different expiry: kiln 2027-01-01 00:00:00 UTC, mill 2028-01-01 00:00:00 UTC.',
  ],
  [{ state: 'grace' as const }, 'Different state: kiln valid, mill grace.'],
  [{ entitlements: { ...entitlements, accounts: null } }, 'Different accounts: kiln 100, mill unlimited.'],
  [
    { entitlements: { ...entitlements, connectors: ['smb'] } },
    'Different connectors: kiln cmis smb, mill smb.',
  ],
  [
    { entitlements: { ...entitlements, internalDevelopment: true } },
    'Different internal development: kiln no, mill yes.',
  ],
  [{ entitlements: { ...entitlements, plan: 'base' } }, 'Different plan: kiln pro, mill base.'],
])('when a member has %j, says in what they differ', (changes, difference) => {
  const mill = { name: 'mill', licence: { ...licence, ...changes }, observedAt };
  expect(compareMemberLicences([kiln, mill])).toEqual({ state: 'different', differences: [difference] });
});

test('when the whole licence of one member is for internal development, says so', () => {
  const permitted = { ...entitlements, internalDevelopment: true };
  const [own, other] = [permitted, { ...permitted, isInternalLicence: true }].map((given) => ({
    ...licence,
    entitlements: given,
  }));
  expect(
    compareMemberLicences([
      { name: 'kiln', licence: own ?? null, observedAt },
      { name: 'mill', licence: other ?? null, observedAt },
    ]),
  ).toEqual({ state: 'different', differences: ['Different internal licence: kiln no, mill yes.'] });
});

test('when the licence of a member was never read, it is not known whether they are equal', () => {
  const unread = { name: 'mill', licence: null, observedAt: null };
  expect(compareMemberLicences([kiln, unread])).toEqual({
    state: 'unknown',
    differences: ['Not read yet: mill.'],
  });
  const forge = { name: 'forge', licence: { ...licence, sequence: 9 }, observedAt };
  expect(compareMemberLicences([kiln, unread, forge])).toMatchObject({ state: 'different' });
});

test('when appliances are grouped, only clusters with several members are listed, by name', () => {
  const items = [
    { id: 1, cluster: 'west' },
    { id: 2, cluster: '' },
    { id: 3, cluster: '' },
    { id: 4, cluster: 'east' },
    { id: 5, cluster: 'west' },
    { id: 6, cluster: 'east' },
    { id: 7, cluster: 'alone' },
  ];
  expect(
    groupByCluster(items, ({ cluster }) => cluster).map(([name, members]) => [name, members.length]),
  ).toEqual([
    ['east', 2],
    ['west', 2],
  ]);
});
