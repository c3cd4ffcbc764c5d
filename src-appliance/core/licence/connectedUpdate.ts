import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import type {
  AuthorityExchange,
  ConfigurationOutput,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { authorityPaths, licencePingSchema } from '../../../src-shared/model/licence/authorityApi.ts';
import { compareShownLicences } from '../../../src-shared/model/licence/compareLicences.ts';
import { documentTypes } from '../../../src-shared/model/licence/documents.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import type { AuthorityOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import {
  licenceReceiptSchema,
  licenceRequestSchema,
} from '../../../src-shared/model/licence/licenceRequest.ts';
import { shorten } from '../../../src-shared/base/machineText.ts';
import type { Appliance } from '../appliance.ts';
import { importFetchedLicence } from '../configuration/importConfiguration.ts';
import { createAuthorityClient, type AuthorityClient } from './authorityClient.ts';
import { readClock } from './clock.ts';
import { describeLicence, maskKey, showLicence, verifyDocument } from './licence.ts';
import { createFileLock } from '../state/stateLock.ts';
import { makePing, readLicenceKey } from './pingContent.ts';
import { pingRecord } from './pingRecord.ts';
import { chooseRequest, keepChecked, type ChosenRequest } from './requestLicence.ts';

const maxProblem = 512;
const httpsPort = 443;
const sentFields = {
  request: Object.keys(licenceRequestSchema.shape),
  ping: Object.keys(licencePingSchema.shape),
  receipt: Object.keys(licenceReceiptSchema.shape),
};
type Ping = NonNullable<AuthorityExchange['ping']>;

/** Throws INVALID_INPUT in offline mode unless the console lends a port. */
export function requireAuthority({ config }: Appliance, via: number | null) {
  const { authority } = config;
  const hint = 'renew with ke_manage_license_key request and import';
  if (authority === undefined)
    throw new AppError('INVALID_INPUT', `offline mode: appliance.json names no licence authority; ${hint}`);
  if (authority.mode === 'offline' && via === null)
    throw new AppError('INVALID_INPUT', `offline mode: appliance.json says "mode": "offline"; ${hint}`);
  return authority;
}

/** The authority that an update uses, also through a lent port, and what it sends. Throws INVALID_INPUT without one. */
export function describeAuthority(appliance: Appliance): AuthorityOutput {
  // Any port permits what a lent port permits.
  const { url, mode } = requireAuthority(appliance, httpsPort);
  const { hostname: name, port } = new URL(url);
  return {
    contract: 1,
    host: name.replace(/^\[(.+)\]$/u, '$1'),
    port: port === '' ? httpsPort : Number(port),
    mode,
    sends: [
      { path: authorityPaths.licence, fields: sentFields.request },
      ...(mode === 'connected' ? [{ path: authorityPaths.ping, fields: sentFields.ping }] : []),
      { path: authorityPaths.receipt, fields: sentFields.receipt },
    ],
  };
}

/** The fetched licence as `show` prints an installed one. Null if it can't be verified. */
async function describeOffered(appliance: Appliance, text: string): Promise<LicenceShowOutput | null> {
  const verified = await verifyDocument(appliance, text.trim());
  if (verified.outcome !== 'verified') return null;
  const clock = await readClock(appliance.config.stateFolder, appliance.now());
  return describeLicence(appliance, verified.payload, clock);
}

/** Why `work` failed. Null if it did not. Only foreseen errors are described. */
async function describeFailure(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return shorten(error.message, maxProblem);
  }
}

/** Longer than a ping takes, so that a command waits for a ping of the schedule. */
const pingLockSeconds = 40;

function describePingFailure(error: unknown): string {
  return error instanceof AppError ? shorten(error.message, maxProblem) : 'an internal error';
}

/** One ping at a time. Its result is recorded. Rejects with BUSY if another one runs too long. */
function withPingRecord<T>(appliance: Appliance, random: () => number, work: () => Promise<T>): Promise<T> {
  const path = join(appliance.config.stateFolder, 'ping.lock');
  return createFileLock({ path, waitSeconds: pingLockSeconds })(() =>
    pingRecord.record(appliance, { random, describe: describePingFailure }, work),
  );
}

/** Sends exactly the documented fields **[doc]**. Resolves with them; the key is masked. */
async function sendPing(appliance: Appliance, client: AuthorityClient): Promise<Ping> {
  const licenceKey = await readLicenceKey(appliance);
  let ping: Ping | null = null;
  await client.post(authorityPaths.ping, {
    contentType: 'application/json',
    fields: sentFields.ping,
    body: (privateIp) => {
      ping = makePing(appliance, { privateIp, licenceKey });
      return JSON.stringify(ping);
    },
  });
  return { ...licencePingSchema.parse(ping), licenceKey: maskKey(licenceKey) };
}

/** Sends a licence ping only. Throws INVALID_INPUT in offline mode, which sends no pings. */
export async function pingAuthority(
  appliance: Appliance,
  random: () => number = Math.random,
): Promise<AuthorityExchange> {
  const authority = requireAuthority(appliance, null);
  const client = createAuthorityClient(authority, null);
  const ping = await withPingRecord(appliance, random, () => sendPing(appliance, client));
  return {
    url: authority.url,
    ping,
    offered: null,
    ...client.counted(),
    voidedRequest: null,
    pingProblem: null,
    receiptProblem: null,
  };
}

/** The ids of the losses that the offered licence brings and that are not accepted. Null: all are accepted. */
async function findUnaccepted(
  appliance: Appliance,
  offered: LicenceShowOutput | null,
  accepted: ReadonlySet<string> | null,
): Promise<string[]> {
  if (offered === null || accepted === null) return [];
  const changes = compareShownLicences(await showLicence(appliance), offered);
  return changes.filter(({ id, effect }) => effect === 'loss' && !accepted.has(id)).map(({ id }) => id);
}

async function sendReceipt(client: AuthorityClient, receipt: string | null): Promise<string | null> {
  if (receipt === null) return null;
  return describeFailure(() =>
    client.post(authorityPaths.receipt, {
      contentType: documentTypes.receipt,
      fields: sentFields.receipt,
      body: () => receipt,
    }),
  );
}

/**
 * Fetches licence and configuration from the authority and installs them with the checks of an import. `via`: through
 * this port on loopback, which the console lends. `acceptedLosses`: with a loss that is not among them, the licence is only
 * checked; null accepts all. A ping is sent only in connected mode.
 */
export async function updateFromAuthority(
  appliance: Appliance,
  options: {
    via: number | null;
    isDryRun: boolean;
    unchangedSince: string | undefined;
    acceptedLosses: ReadonlySet<string> | null;
  },
): Promise<ConfigurationOutput> {
  const { via, acceptedLosses } = options;
  const authority = requireAuthority(appliance, via);
  const client = createAuthorityClient(authority, via);
  let chosen: ChosenRequest | undefined;
  const licence = await client.post(authorityPaths.licence, {
    contentType: documentTypes.request,
    fields: sentFields.request,
    body: async () => {
      chosen = await chooseRequest(appliance, { isCheck: options.isDryRun });
      return chosen.request.document;
    },
  });
  const offered = await describeOffered(appliance, licence);
  const unacceptedLosses = await findUnaccepted(appliance, offered, acceptedLosses);
  const isDryRun = options.isDryRun || unacceptedLosses.length > 0;
  if (chosen === undefined) throw new AppError('INTERNAL', 'the authority answered without a request');
  const result = await importFetchedLicence(appliance, licence, { ...options, isDryRun, chosen });
  const isRefused = result.outcome === 'refused';
  if (result.outcome !== 'applied') await keepChecked(appliance, chosen, { isRefused });
  const { request, openBefore } = chosen;
  const voidedRequest = isRefused || openBefore?.id === request.id ? null : (openBefore?.number ?? null);
  // Neither a ping nor a receipt that fails undoes what is installed.
  let ping: Ping | null = null;
  const pingProblem =
    authority.mode === 'connected'
      ? await describeFailure(async () => {
          ping = await withPingRecord(appliance, Math.random, () => sendPing(appliance, client));
        })
      : null;
  const receiptProblem = await sendReceipt(client, result.licence?.receipt ?? null);
  const exchange = {
    url: authority.url,
    ping,
    offered,
    ...client.counted(),
    voidedRequest,
    unacceptedLosses,
    pingProblem,
    receiptProblem,
  };
  return { ...result, exchange };
}
