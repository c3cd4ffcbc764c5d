import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import {
  readLicenceState,
  licencePayloadSchema,
  licenceStates,
  type LicenceMode,
  type LicencePayload,
  type LicenceShowOutput,
} from '../../../src-shared/model/licence/licence.ts';
import { maxClockDifferenceMs } from '../../../src-shared/model/licence/clockProblems.ts';
import { isNewerVersion } from '../../../src-shared/model/licence/isNewerVersion.ts';
import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import { readBounded } from '../../../src-shared/node/files.ts';
import { isSignedBy, readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import type { Appliance } from '../appliance.ts';
import { readAuthorityKeys, type AuthorityKey } from './authorityKeys.ts';
import { readClock, type ClockReading } from './clock.ts';
import { readPings } from './pingRecord.ts';
import { readCommitted } from '../state/stagedFiles.ts';
import { isMissing, fileError } from '../state/fileErrors.ts';

export function licencePath(stateFolder: string): string {
  return join(stateFolder, 'licence.jws');
}

type Verified =
  | { outcome: 'verified'; payload: LicencePayload }
  | { outcome: 'missing' | 'unverifiable' | 'not-required'; reason: string };

/** The text of the installed file. Null if it does not exist. Empty if it is too large or not a regular file. */
function readInstalledFile(stateFolder: string): { compact: string; changedAt: Date } | null {
  const path = licencePath(stateFolder);
  try {
    const file = readCommitted(stateFolder, path, (committed) =>
      readBounded(committed, { maxBytes: maxDocumentBytes + 2 }),
    );
    if (typeof file === 'string') return { compact: '', changedAt: new Date(0) };
    return { compact: file.content.toString('utf8').trim(), changedAt: file.changedAt };
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileError(path, error);
  }
}

function unverifiable(reason: string): Verified {
  return { outcome: 'unverifiable', reason };
}

/** Uses lstat, because the user may not have the right to read the licence. */
function isLicenceInstalled(stateFolder: string): Promise<boolean> {
  return lstat(licencePath(stateFolder)).then(
    () => true,
    (error: unknown) => !isMissing(error),
  );
}

/**
 * Without authority keys, a licence can't be verified. If a licence is installed, its key set was lost, so
 * don't report "no licence required".
 */
async function verifyWithoutAuthority({ config }: Appliance): Promise<Verified> {
  if (await isLicenceInstalled(config.stateFolder))
    return unverifiable(
      `a licence is installed, but ${config.authorityKeys} contains no key of a licence authority; restore that file, or remove the licence ${licencePath(config.stateFolder)}`,
    );
  return { outcome: 'not-required', reason: 'No licence required: no licence authority is configured' };
}

/** Verifies a licence document that this appliance keeps. Neither its term nor the request it answers is checked. */
export async function verifyDocument(appliance: Appliance, compact: string | null): Promise<Verified> {
  const authority = await readAuthorityKeys(appliance.config.authorityKeys);
  if (authority.outcome === 'unusable') return unverifiable(authority.reason);
  if (authority.outcome === 'none') return verifyWithoutAuthority(appliance);
  if (compact === null) return { outcome: 'missing', reason: 'no licence is installed' };
  return verifyKeptLicence(appliance, { compact, keys: authority.keys });
}

/** The installed licence, whatever its term. Null if none is installed or it can't be verified. */
export async function readInstalledLicence(
  appliance: Appliance,
): Promise<{ compact: string; payload: LicencePayload; changedAt: Date } | null> {
  const file = readInstalledFile(appliance.config.stateFolder);
  const verified = await verifyDocument(appliance, file?.compact ?? null);
  return file === null || verified.outcome !== 'verified' ? null : { ...file, payload: verified.payload };
}

async function verifyKeptLicence(
  { config }: Appliance,
  licence: { compact: string; keys: readonly AuthorityKey[] },
): Promise<Verified> {
  const { compact, keys } = licence;
  const document = readDocument(compact, 'licence');
  if ('problem' in document) return unverifiable(`the file can’t be used: ${document.reason}`);
  const key = keys.find(({ kid }) => kid === document.keyId);
  if (key === undefined) return unverifiable('it is not signed by any of the authority’s keys');
  if (!(await isSignedBy(compact, key))) return unverifiable('the signature does not match the file');
  const parsed = licencePayloadSchema.safeParse(document.payload);
  if (!parsed.success) return unverifiable('the file has an unknown format');
  const payload = parsed.data;
  if (payload.applianceId !== config.applianceId)
    return unverifiable(`it is for another appliance, ${payload.applianceId}`);
  if (isNewerVersion(payload.minVersion, config.applianceVersion))
    return unverifiable(`it needs appliance version ${payload.minVersion} or later`);
  return { outcome: 'verified', payload };
}

/**
 * Masks all blocks of a key like `AAAA-BBBB-CCCC` except the first and the last. Masks a key without blocks
 * completely.
 */
export function maskKey(key: string): string {
  const blocks = key.split('-');
  if (blocks.length < 3) return '•'.repeat(key.length);
  return blocks
    .map((block, index) => (index === 0 || index === blocks.length - 1 ? block : '•'.repeat(block.length)))
    .join('-');
}

/** An appliance that names no authority never reaches it. */
function licenceModeOf({ config }: Appliance): LicenceMode {
  return config.authority?.mode ?? 'offline';
}

/** Verifies the installed licence and determines its state at the trusted time of the clock. */
export async function showLicence(appliance: Appliance): Promise<LicenceShowOutput> {
  const clock = await readClock(appliance.config.stateFolder, appliance.now());
  const file = readInstalledFile(appliance.config.stateFolder);
  const installed = await verifyDocument(appliance, file?.compact ?? null);
  const needsClock = installed.outcome !== 'not-required';
  const found = clock.damage === null || !needsClock ? installed : unverifiable(clock.damage);
  if (found.outcome !== 'verified')
    return {
      contract: 1,
      state: found.outcome,
      reason: found.reason,
      key: null,
      sequence: null,
      notBefore: null,
      expiresAt: null,
      graceEndsAt: null,
      entitlements: null,
      clockRanBackFrom: clock.ranBackFrom,
      clock: { aheadOf: clock.aheadOf, behind: null },
      mode: licenceModeOf(appliance),
      ...readPings(appliance),
    };
  return describeLicence(appliance, found.payload, clock);
}

/** A verified licence as `show` prints it. Its key is masked. */
export function describeLicence(
  appliance: Appliance,
  payload: LicencePayload,
  clock: Pick<ClockReading, 'now' | 'trusted' | 'ranBackFrom' | 'aheadOf'>,
): LicenceShowOutput {
  const { state, reason, graceEndsAt } = readLicenceState(payload, clock.trusted);
  const isBehind = clock.now < Date.parse(payload.issuedAt) - maxClockDifferenceMs;
  return {
    contract: 1,
    state,
    reason,
    key: maskKey(payload.key),
    sequence: payload.sequence,
    notBefore: payload.notBefore,
    expiresAt: payload.expiresAt,
    graceEndsAt,
    entitlements: payload.entitlements,
    clockRanBackFrom: clock.ranBackFrom,
    clock: { aheadOf: clock.aheadOf, behind: isBehind ? payload.issuedAt : null },
    mode: licenceModeOf(appliance),
    ...readPings(appliance),
    ...(payload.plans === undefined ? {} : { plans: payload.plans }),
  };
}

/** Throws LICENCE_FORBIDS if the licence's state doesn't allow growth **[ours]**. */
export async function requireLicence(appliance: Appliance, action: string): Promise<void> {
  const licence = await showLicence(appliance);
  if (licenceStates[licence.state].allowsGrowth) return;
  throw new AppError('LICENCE_FORBIDS', `the licence forbids ${action}: ${licence.reason}`);
}
