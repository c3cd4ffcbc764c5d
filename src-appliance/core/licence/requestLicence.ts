import { minuteMs } from '../../../src-shared/base/time.ts';
import { randomBytes, randomUUID } from 'node:crypto';
import { AppError } from '../../../src-shared/errors.ts';
import { licenceRequestSchema } from '../../../src-shared/model/licence/licenceRequest.ts';
import type { RequestOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import type { Appliance } from '../appliance.ts';
import { readClock } from './clock.ts';
import { openIdentity, signDocument } from './identity.ts';
import { showLicence } from './licence.ts';
import { readHighestSequence, readTrustedKeys } from './licenceContext.ts';
import { readUptime, type Uptime } from './moment.ts';
import { saveLicenceRecord, withLicenceLock, type LicenceRecord, type OpenRequest } from './licenceRecord.ts';
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
  const { stateFolder } = appliance.config;
  return withLicenceLock(appliance, async (record) => {
    const { request, made } = await makeRequest(appliance, record);
    saveLicenceRecord(stateFolder, { ...made, openRequest: request });
    const { id, number, document } = request;
    return {
      contract: 1,
      request: document,
      id,
      number,
      authorityKeys: await readTrustedKeys(appliance),
      highestSequence: await readHighestSequence(appliance, record),
      voided: record.openRequest?.number ?? null,
    };
  });
}

type MadeRequest = OpenRequest & { document: string };

/** Makes a request, which is not open yet. `made`: the record that counts it. */
async function makeRequest(
  appliance: Appliance,
  record: LicenceRecord,
): Promise<{ request: MadeRequest; made: LicenceRecord }> {
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
  const document = await signDocument(identity, { type: 'request', payload });
  const { id, nonce, madeAt } = payload;
  return {
    request: { id, nonce, number, madeAt, document, running: readUptime() },
    made: { ...record, requests: number },
  };
}

/** For so long after it was made, the request of a check is sent again, so that an update installs what was checked **[ours]**. */
const checkLastsMs = 15 * minuteMs;

function isRecent(at: Uptime | undefined): boolean {
  const now = readUptime();
  return at?.bootId === now.bootId && now.uptimeMs - at.uptimeMs < checkLastsMs;
}

/** The request that the connected mode sends, and the one that was open when it was chosen. */
export type ChosenRequest = { request: MadeRequest; openBefore: OpenRequest | null };

/**
 * Chooses the request that the connected mode sends. A check sends a request that someone carries, too, so that it makes
 * none void. Apart from that, only the request of a recent check is sent again: an older one may have been answered with a
 * licence that is out of date. A new request replaces the open one only once its answer is installed or checked.
 */
export function chooseRequest(
  appliance: Appliance,
  { isCheck }: { isCheck: boolean },
): Promise<ChosenRequest> {
  return withLicenceLock(appliance, async (record) => {
    const openBefore = record.openRequest;
    if (openBefore?.document !== undefined) {
      const { document, running, checkedAt, isForCheck } = openBefore;
      const isCarried = isForCheck === undefined;
      if ((isCheck && isCarried) || (checkedAt !== undefined && isRecent(running)))
        return { request: { ...openBefore, document }, openBefore };
    }
    const { request, made } = await makeRequest(appliance, record);
    saveLicenceRecord(appliance.config.stateFolder, made);
    return { request: { ...request, isForCheck: true }, openBefore };
  });
}

/** The record with the chosen request as the open one. Throws CONFLICT if another one was opened since it was chosen. */
export function openChosen(record: LicenceRecord, { request, openBefore }: ChosenRequest): LicenceRecord {
  if (record.openRequest?.id === openBefore?.id) return { ...record, openRequest: request };
  const reason = 'another request was opened or answered in the meantime; nothing was changed';
  throw new AppError('CONFLICT', reason);
}

/** Keeps the request open after its answer was only checked, for an update that installs it. A refused answer has no use. */
export async function keepChecked(
  appliance: Appliance,
  chosen: ChosenRequest,
  { isRefused }: { isRefused: boolean },
): Promise<void> {
  const { stateFolder } = appliance.config;
  const isNew = chosen.request.id !== chosen.openBefore?.id;
  if (isRefused && (isNew || chosen.request.isForCheck === undefined)) return;
  await withLicenceLock(appliance, async (record) => {
    const opened = openChosen(record, chosen);
    const openRequest = isRefused ? null : { ...chosen.request, checkedAt: readUptime() };
    saveLicenceRecord(stateFolder, { ...opened, openRequest });
  });
}
