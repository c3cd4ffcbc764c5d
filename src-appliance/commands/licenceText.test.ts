import { expect, test } from 'vitest';
import { aLicence } from '../../test-support/aLicence.ts';
import { formatLicence } from './licenceText.ts';

const entitlements = { accounts: 100, connectors: ['smb'], plan: 'pro', internalDevelopment: true };
const names = 'Names    in plain text in usage reports: the whole licence is for internal development';

test.each([
  [{ isInternalLicence: true }, true],
  [{ isInternalLicence: false }, false],
  [{}, false],
  [{ internalDevelopment: false, isInternalLicence: true }, false],
])('when a licence grants %j, its lines say that all names are sent: %s', (changes, isSaid) => {
  const lines = formatLicence(aLicence({ state: 'valid', entitlements: { ...entitlements, ...changes } }));
  expect(lines.includes(names)).toBe(isSaid);
});
