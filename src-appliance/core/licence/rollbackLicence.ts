import { AppError } from '../../../src-shared/errors.ts';
import { readLicenceState } from '../../../src-shared/model/licence/licence.ts';
import type { LicenceHistory, ReceiptOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import type { Appliance } from '../appliance.ts';
import { readClock } from './clock.ts';
import { openIdentity, signDocument } from './identity.ts';
import { planConfigurationRollback } from './licenceConfiguration.ts';
import { installLicence, readVersions } from './installLicence.ts';
import { showLicence, verifyDocument } from './licence.ts';
import { readLicenceRecord, withLicenceLock, type LicenceRecord } from './licenceRecord.ts';

/** The kept versions, newest first. */
export async function listLicenceHistory(appliance: Appliance): Promise<LicenceHistory> {
  const record = await readLicenceRecord(appliance.config.stateFolder);
  const { versions, installed } = await readVersions(appliance, record);
  return {
    contract: 1,
    versions: versions.toReversed().map(({ sequence, id, installedAt, expiresAt }) => ({
      sequence,
      id,
      installedAt,
      expiresAt,
      isInstalled: sequence === installed?.sequence,
    })),
  };
}

/** Signs the receipt of the last import or rollback. Throws NOT_FOUND if there was none. */
export function showReceipt(appliance: Appliance): Promise<ReceiptOutput> {
  return withLicenceLock(appliance, async ({ receipt }) => {
    if (receipt === null) throw new AppError('NOT_FOUND', 'no licence was imported on this appliance yet');
    const identity = await openIdentity(appliance.config.stateFolder);
    return {
      contract: 1,
      current: await showLicence(appliance),
      receipt: await signDocument(identity, { type: 'receipt', payload: receipt }),
    };
  });
}

async function chooseVersion(appliance: Appliance, record: LicenceRecord, sequence: number | null) {
  const { versions, installed } = await readVersions(appliance, record);
  const current = installed?.sequence ?? null;
  if (sequence !== null && sequence === current)
    throw new AppError('INVALID_INPUT', `sequence ${sequence} is installed already`);
  const chosen =
    sequence === null
      ? versions.findLast((version) => current === null || version.sequence < current)
      : versions.find((version) => version.sequence === sequence);
  if (chosen !== undefined) return chosen;
  const missing = sequence === null ? 'an earlier version' : `sequence ${sequence}`;
  const others = versions.map((version) => version.sequence).join(', ');
  throw new AppError(
    'NOT_FOUND',
    `${missing} of the licence is not kept; ${others === '' ? 'no version is' : `kept: ${others}`}`,
  );
}

/**
 * Installs a kept version again; by default the one before the installed one. A configuration that the licence changed
 * is rolled back with it, unless it was changed since. The highest sequence stays, so that no
 * used licence can be imported again. Refuses a version with VERIFICATION_FAILED that would not be valid now: one that
 * expired is allowed only during its grace period, because it would forbid what the present licence permits.
 */
export function rollbackLicence(appliance: Appliance, sequence: number | null): Promise<ReceiptOutput> {
  return withLicenceLock(appliance, async (record) => {
    const version = await chooseVersion(appliance, record, sequence);
    const name = `sequence ${version.sequence}`;
    const verified = await verifyDocument(appliance, version.document);
    if (verified.outcome !== 'verified')
      throw new AppError('VERIFICATION_FAILED', `${name} can’t be verified: ${verified.reason}`);
    const clock = await readClock(appliance.config.stateFolder, appliance.now());
    if (clock.damage !== null) throw new AppError('VERIFICATION_FAILED', clock.damage);
    const { state, reason } = readLicenceState(verified.payload, clock.trusted);
    if (state === 'expired' || state === 'unverifiable')
      throw new AppError('VERIFICATION_FAILED', `${name} is not valid now: ${reason}; nothing was changed`);
    const receipt = await installLicence(appliance, {
      record,
      document: version.document,
      licence: verified.payload,
      outcome: 'rolled-back',
      requestId: null,
      configuration: await planConfigurationRollback(appliance, { record, to: version.sequence }),
      clockFile: null,
    });
    return { contract: 1, current: await showLicence(appliance), receipt };
  });
}
