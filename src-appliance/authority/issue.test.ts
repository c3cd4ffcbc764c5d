import { compactVerify, createLocalJWKSet } from 'jose';
import { describe, expect, it } from 'vitest';
import { aPlan } from '../../test-support/billing/aPlan.ts';
import { licencePayloadSchema, type LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { documentTypes } from '../../src-shared/model/licence/documents.ts';
import { createAuthorityKey, exportKeySet, issueLicence } from './issue.ts';

const payload: LicencePayload = {
  format: 1,
  id: '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c001',
  applianceId: '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002',
  key: 'SP-1111-2222-3333',
  sequence: 3,
  issuedAt: '2026-01-01T00:00:00.000Z',
  notBefore: '2026-01-01T00:00:00.000Z',
  expiresAt: '2027-01-01T00:00:00.000Z',
  graceDays: 14,
  minVersion: '1.30.0',
  entitlements: { accounts: null, connectors: ['smb'], plan: 'per-user', internalDevelopment: false },
  request: null,
  configuration: null,
};

describe('issueLicence', () => {
  it('signs licences that the published key set verifies', async () => {
    const [old, current] = [createAuthorityKey(), createAuthorityKey()];
    const keySet = createLocalJWKSet(exportKeySet([old, current]));
    const verified = await compactVerify(issueLicence(payload, current), keySet);
    expect(verified.protectedHeader).toStrictEqual({
      alg: 'EdDSA',
      typ: documentTypes.licence,
      kid: current.keyId,
    });
    expect(licencePayloadSchema.parse(JSON.parse(new TextDecoder().decode(verified.payload)))).toStrictEqual(
      payload,
    );
  });

  it('signs licences that another authority’s key does not verify', async () => {
    const [ours, theirs] = [createAuthorityKey('vendor'), createAuthorityKey('vendor')];
    const licence = issueLicence(payload, theirs);
    const keySet = createLocalJWKSet(exportKeySet([ours]));
    await expect(compactVerify(licence, keySet)).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
  });

  it('publishes no private key', () => {
    const { keys } = exportKeySet([createAuthorityKey()]);
    expect(keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('when a licence has price plans, signs them', async () => {
    const key = createAuthorityKey();
    const licence = { ...payload, plans: [aPlan({ id: 'per-user' })] };
    const verified = await compactVerify(issueLicence(licence, key), createLocalJWKSet(exportKeySet([key])));
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toStrictEqual(licence);
  });

  it('rejects a payload that is not a licence', () => {
    expect(() => issueLicence({ ...payload, sequence: 0 }, createAuthorityKey())).toThrow('sequence');
  });
});
