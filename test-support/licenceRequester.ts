import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { signDocument, type Identity } from '../src-appliance/core/licence/identity.ts';
import { publicKeySchema } from '../src-shared/model/licence/documents.ts';
import type { LicencePayload } from '../src-shared/model/licence/licence.ts';
import type { LicenceReceipt, LicenceRequest } from '../src-shared/model/licence/licenceRequest.ts';
import { formatStandardReport } from '../src-shared/model/usage/usageLines.ts';
import type { UsageStatement } from '../src-shared/model/usage/usageStatement.ts';

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
  let statements = 0;
  /** A usage statement of a report. */
  const statement = async (report: string, changes: Partial<UsageStatement> = {}): Promise<string> => {
    statements += 1;
    const payload: UsageStatement = {
      format: 1,
      id: randomUUID(),
      applianceId,
      number: statements,
      previous: null,
      kind: 'standard',
      month: '2026-11',
      madeAt: new Date().toISOString(),
      sha256: createHash('sha256').update(report).digest('hex'),
      bytes: Buffer.byteLength(report),
      lines: report.split('\n').length - 1,
      ...changes,
    };
    return `${await signDocument(identity, { type: 'statement', payload })}\n${report}`;
  };
  /** A standard report of November 2026; another number of developers gives other bytes. */
  const standardReport = (developerAccounts = 1): string =>
    formatStandardReport({
      kind: 'standard',
      format: 2,
      applianceId,
      month: '2026-11',
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      developerAccounts,
      hasExternalDatabase: false,
      hasExternalRedis: false,
      connectors: [],
    });
  return { applianceId, identity, request, receipt, statement, standardReport };
}
export type LicenceRequester = Awaited<ReturnType<typeof createLicenceRequester>>;
