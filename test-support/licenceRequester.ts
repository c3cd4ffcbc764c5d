import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { signDocument, type Identity } from '../src-appliance/core/licence/identity.ts';
import { publicKeySchema } from '../src-shared/model/licence/documents.ts';
import type { LicencePayload } from '../src-shared/model/licence/licence.ts';
import type { LicenceReceipt, LicenceRequest } from '../src-shared/model/licence/licenceRequest.ts';

/** The part of an appliance that asks for licences: signs requests and receipts with its own key, in memory. */
export async function createLicenceRequester(applianceId: string = randomUUID()) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const x = publicKeySchema.shape.x.parse(publicKey.export({ format: 'jwk' }).x);
  const keyId = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  const identity: Identity = { privateKey, publicKey: x, keyId };
  let number = 0;
  const request = (changes: Partial<LicenceRequest> = {}, signer = identity): Promise<string> => {
    number += 1;
    const payload: LicenceRequest = {
      format: 1,
      id: randomUUID(),
      number,
      nonce: randomBytes(16).toString('base64url'),
      applianceId,
      publicKey: x,
      madeAt: new Date().toISOString(),
      clockRanBackFrom: null,
      applianceVersion: '1.33.0',
      configurationRevision: 0,
      licence: { state: 'missing', key: null, sequence: null, expiresAt: null, graceEndsAt: null },
      usage: { accounts: 4000, connectors: ['smb'] },
      ...changes,
    };
    return signDocument(signer, { type: 'request', payload });
  };
  const receipt = (
    document: string,
    licence: Pick<LicencePayload, 'id' | 'sequence'>,
    changes: Partial<LicenceReceipt> = {},
  ): Promise<string> => {
    const payload: LicenceReceipt = {
      format: 1,
      id: randomUUID(),
      applianceId,
      outcome: 'applied',
      at: new Date().toISOString(),
      licenceId: licence.id,
      sequence: licence.sequence,
      licenceSha256: createHash('sha256').update(document).digest('hex'),
      previousSequence: null,
      requestId: null,
      configurationRevision: 0,
      ...changes,
    };
    return signDocument(identity, { type: 'receipt', payload });
  };
  return { applianceId, identity, request, receipt };
}
export type LicenceRequester = Awaited<ReturnType<typeof createLicenceRequester>>;
