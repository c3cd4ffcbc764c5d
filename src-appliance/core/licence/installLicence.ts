import { createHash, randomUUID } from 'node:crypto';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import {
  licenceReceiptSchema,
  type LicenceReceipt,
} from '../../../src-shared/model/licence/licenceRequest.ts';
import type { Appliance } from '../appliance.ts';
import { replaceFilesTogether, type NewFile } from '../state/stagedFiles.ts';
import type { LicenceConfiguration } from './licenceConfiguration.ts';
import { openIdentity, signDocument } from './identity.ts';
import { licencePath, readInstalledLicence } from './licence.ts';
import { addVersion, recordFile, type LicenceRecord, type LicenceVersion } from './licenceRecord.ts';

/** Root and the group of the state folder may read it. */
const licenceMode = 0o640;

function versionOf(document: string, licence: LicencePayload, installedAt: string): LicenceVersion {
  const { sequence, id, expiresAt } = licence;
  return { sequence, id, expiresAt, installedAt, document, configuration: null };
}

/** The kept versions and the installed licence, which may have been copied here without the command. */
export async function readVersions(
  appliance: Appliance,
  record: LicenceRecord,
): Promise<{ versions: LicenceVersion[]; installed: LicencePayload | null }> {
  const installed = await readInstalledLicence(appliance);
  if (installed === null) return { versions: record.versions, installed: null };
  const { compact, payload, changedAt } = installed;
  if (record.versions.some(({ document }) => document === compact))
    return { versions: record.versions, installed: payload };
  const copied = versionOf(compact, payload, changedAt.toISOString());
  return { versions: addVersion(record.versions, copied), installed: payload };
}

/**
 * Installs a verified licence together with the record, as one change. Resolves with the signed receipt. Call it only
 * while holding the lock.
 */
export async function installLicence(
  appliance: Appliance,
  change: {
    record: LicenceRecord;
    document: string;
    licence: LicencePayload;
    outcome: LicenceReceipt['outcome'];
    requestId: string | null;
    configuration: LicenceConfiguration | null;
    /** The corrected high-water mark of the clock. Null if it stays. */
    clockFile: NewFile | null;
  },
): Promise<string> {
  const { record, document, licence, outcome, requestId, configuration, clockFile } = change;
  const { stateFolder, applianceId } = appliance.config;
  const identity = await openIdentity(stateFolder);
  const at = new Date(appliance.now()).toISOString();
  const configurationRevision = configuration?.revision ?? record.configurationRevision;
  const before = await readVersions(appliance, record);
  const data = `${document}\n`;
  const receipt = licenceReceiptSchema.parse({
    format: 1,
    id: randomUUID(),
    applianceId,
    outcome,
    at,
    licenceId: licence.id,
    sequence: licence.sequence,
    licenceSha256: createHash('sha256').update(data).digest('hex'),
    previousSequence: before.installed?.sequence ?? null,
    requestId,
    configurationRevision,
  });
  const highest = [record.highestSequence, before.installed?.sequence, licence.sequence];
  const next: LicenceRecord = {
    ...record,
    highestSequence: Math.max(...highest.map((sequence) => sequence ?? 1)),
    configurationRevision,
    versions: addVersion(before.versions, {
      ...(before.versions.find(({ sequence }) => sequence === licence.sequence) ??
        versionOf(document, licence, at)),
      ...(outcome === 'applied' ? { configuration: configuration?.digests ?? null } : {}),
      installedAt: at,
    }),
    receipt,
  };
  const signed = await signDocument(identity, { type: 'receipt', payload: receipt });
  replaceFilesTogether({
    folder: stateFolder,
    files: [
      { path: licencePath(stateFolder), data, mode: licenceMode },
      recordFile(stateFolder, next),
      ...(configuration?.files ?? []),
      ...(clockFile === null ? [] : [clockFile]),
    ],
    afterStep: appliance.afterFileStep,
  });
  return signed;
}
