import { minuteMs } from '../../../src-shared/base/time.ts';
import { randomBytes, randomUUID } from 'node:crypto';
import { licenceRequestSchema } from '../../../src-shared/model/licence/licenceRequest.ts';
import type { RequestOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import type { Appliance } from '../appliance.ts';
import { readClock } from './clock.ts';
import { openIdentity, signDocument } from './identity.ts';
import { showLicence } from './licence.ts';
import { readHighestSequence, readTrustedKeys } from './licenceContext.ts';
import { readUptime, type Uptime } from './moment.ts';
import {
  readLicenceRecord,
  saveLicenceRecord,
  withLicenceLock,
  type LicenceRecord,
} from './licenceRecord.ts';
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
  return withLicenceLock(appliance, (record) => makeRequest(appliance, record));
}

async function makeRequest(appliance: Appliance, record: LicenceRecord): Promise<RequestOutput> {
  const { stateFolder, applianceId, applianceVersion } = appliance.config;
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
}

/** An update after a check sends the same request within this time, and so installs what was checked **[ours]**. */
const checkLastsMs = 15 * minuteMs;

function isRecent(checkedAt: Uptime | undefined, now: Uptime): boolean {
  return checkedAt?.bootId === now.bootId && now.uptimeMs - checkedAt.uptimeMs < checkLastsMs;
}

/**
 * The request that the connected mode sends. A check sends the open request again, and opens one only if none is open: so it
 * makes none void, and the authority answers it with the same licence, under the same sequence number. An update sends the
 * request of a recent check again, and otherwise a new one.
 */
export function chooseRequest(
  appliance: Appliance,
  { isCheck }: { isCheck: boolean },
): Promise<{ document: string; voided: number | null }> {
  const { stateFolder } = appliance.config;
  return withLicenceLock(appliance, async (record) => {
    const now = readUptime();
    const open = record.openRequest;
    const isUsable = open?.document !== undefined && (isCheck || isRecent(open.checkedAt, now));
    const made = isUsable ? null : await makeRequest(appliance, record);
    if (isCheck) {
      const current = await readLicenceRecord(stateFolder);
      const { openRequest } = current;
      if (openRequest !== null)
        saveLicenceRecord(stateFolder, { ...current, openRequest: { ...openRequest, checkedAt: now } });
    }
    return { document: made?.request ?? open?.document ?? '', voided: made?.voided ?? null };
  });
}
