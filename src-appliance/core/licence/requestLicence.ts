import { randomBytes, randomUUID } from 'node:crypto';
import { licenceRequestSchema } from '../../../src-shared/model/licence/licenceRequest.ts';
import type { RequestOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import type { Appliance } from '../appliance.ts';
import { readClock } from './clock.ts';
import { openIdentity, signDocument } from './identity.ts';
import { showLicence } from './licence.ts';
import { readHighestSequence, readTrustedKeys } from './licenceContext.ts';
import { readUptime } from './moment.ts';
import { saveLicenceRecord, withLicenceLock } from './licenceRecord.ts';
import { listConnectorUses, usedConnectors } from './licenceUse.ts';

const maxBlock = 8;

/** Shortens a masked key, so that a request always fits into one QR code: `SP-••••-7F3A` becomes `SP-…-7F3A`. */
function shortenMaskedKey(masked: string | null): string | null {
  if (masked === null) return null;
  const [first = '', ...rest] = masked.split('-');
  const last = rest.at(-1);
  return last === undefined ? '…' : `${first.slice(0, maxBlock)}-…-${last.slice(-maxBlock)}`;
}

/**
 * Makes a request for a licence, signed by the appliance's own key, and keeps it open until a licence answers it. An
 * open request becomes void.
 */
export function requestLicence(appliance: Appliance): Promise<RequestOutput> {
  const { stateFolder, applianceId, applianceVersion } = appliance.config;
  return withLicenceLock(appliance, async (record) => {
    const identity = await openIdentity(stateFolder);
    const clock = await readClock(stateFolder, appliance.now());
    const { state, key, sequence, expiresAt, graceEndsAt } = await showLicence(appliance);
    const number = record.requests + 1;
    const payload = licenceRequestSchema.parse({
      format: 1,
      id: randomUUID(),
      number,
      nonce: randomBytes(16).toString('base64url'),
      applianceId,
      publicKey: identity.publicKey,
      madeAt: new Date(appliance.now()).toISOString(),
      clockRanBackFrom: clock.ranBackFrom,
      applianceVersion,
      configurationRevision: record.configurationRevision,
      licence: { state, key: shortenMaskedKey(key), sequence, expiresAt, graceEndsAt },
      usage: { accounts: null, connectors: usedConnectors(await listConnectorUses(appliance)) },
    });
    const request = await signDocument(identity, { type: 'request', payload });
    const { id, nonce, madeAt } = payload;
    saveLicenceRecord(stateFolder, {
      ...record,
      requests: number,
      openRequest: { id, nonce, number, madeAt, document: request, running: readUptime() },
    });
    return {
      contract: 1,
      request,
      id,
      number,
      authorityKeys: await readTrustedKeys(appliance),
      highestSequence: await readHighestSequence(appliance, record),
      voided: record.openRequest?.number ?? null,
    };
  });
}
