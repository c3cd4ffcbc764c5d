import { expect, test } from 'vitest';
import { aLicence } from '../../test-support/aLicence.ts';
import { findReadBackDifferences } from './readBack.ts';

const entitlements = { accounts: 100, connectors: ['smb', 'cmis'], plan: 'pro', internalDevelopment: true };
const applied = aLicence({ state: 'valid', entitlements });
const shown = (changes: object) => ({ ...applied, entitlements: { ...entitlements, ...changes } });

test.each([
  [{}, []],
  [{ isInternalLicence: false }, []],
  [{ connectors: ['cmis', 'smb'] }, []],
  [{ isInternalLicence: true }, ['internal licence']],
  [{ internalDevelopment: false, isInternalLicence: true }, ['internal development']],
  [{ plan: 'base', accounts: null }, ['accounts', 'plan']],
])('when the appliance shows a licence with %j, names the fields %j', (changes, fields) => {
  expect(findReadBackDifferences(shown(changes), applied)).toEqual(fields);
});

test('when an internal licence was applied and an older kit does not show it, names the field', () => {
  const internal = { ...applied, entitlements: { ...entitlements, isInternalLicence: true } };
  expect(findReadBackDifferences(applied, internal)).toEqual(['internal licence']);
  expect(findReadBackDifferences(internal, internal)).toEqual([]);
});
