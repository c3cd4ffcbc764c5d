import { expect, test } from 'vitest';
import { aLicence } from '../../test-support/aLicence.ts';
import { compareShownLicences } from '../../src-shared/model/licence/compareLicences.ts';
import { findLosses } from './tripView.ts';

const entitlements = { accounts: 100, connectors: ['smb'], plan: 'pro', internalDevelopment: true };
const internal = { ...entitlements, isInternalLicence: true };
const dates = { expiresAt: '2027-01-01T00:00:00.000Z', graceEndsAt: '2027-01-15T00:00:00.000Z', sequence: 4 };
const sentencesOf = (before: typeof entitlements | null, after: typeof entitlements) =>
  findLosses({
    changes: compareShownLicences(
      aLicence({ state: 'valid', ...dates, entitlements: before }),
      aLicence({ state: 'valid', ...dates, entitlements: after }),
    ),
    accountsInUse: null,
    tunnels: [],
  }).map(({ id, sentence }) => [id, sentence]);

const loss = [
  'internalLicence',
  'The whole licence is for internal development: usage reports have the names of all accounts and users in plain text.',
];

test('when the whole licence becomes one for internal development, a person must acknowledge it', () => {
  expect(sentencesOf(entitlements, internal)).toEqual([loss]);
  expect(sentencesOf(null, internal)).toEqual([loss]);
});

test('when it was one before or is one no longer, there is nothing to acknowledge', () => {
  expect(sentencesOf(internal, internal)).toEqual([]);
  expect(sentencesOf(internal, entitlements)).toEqual([]);
});
