import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { licenceReceiptSchema, nonceSchema } from '../../../src-shared/model/licence/licenceRequest.ts';
import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';
import { uptimeSchema } from '../state/uptimeSchema.ts';
import { finishStagedFiles, hasJournal, readCommitted } from '../state/stagedFiles.ts';
import { findConfiguration } from '../configuration/configurationFile.ts';
import { configurationRecordPath } from '../configuration/configurationRecord.ts';
import { sealedSecretSchema } from '../secrets/sealedSecret.ts';
import { configurationDigestSchema } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { licencePath } from './licence.ts';
import { clockPath } from './moment.ts';

/** How many versions of the licence are kept, the installed one included **[doc: the last ten]**. */
export const maxLicenceVersions = 10;

const versionSchema = z.strictObject({
  sequence: z.int().positive(),
  id: z.uuid(),
  installedAt: instantSchema,
  expiresAt: instantSchema,
  document: z.string().max(maxDocumentBytes),
  /** The configuration that the licence changed, as digests. */
  configuration: z
    .strictObject({ before: configurationDigestSchema, after: configurationDigestSchema })
    .nullable(),
});
export type LicenceVersion = z.infer<typeof versionSchema>;

/** What the appliance remembers of its licences **[ours]**. Only root reads it: the nonce is a secret. */
const recordSchema = z.strictObject({
  format: z.literal(1),
  /** How many requests were ever made. */
  requests: z.int().nonnegative(),
  openRequest: z
    .strictObject({
      id: z.uuid(),
      nonce: nonceSchema,
      number: z.int().positive(),
      madeAt: instantSchema,
      /** The signed request. Absent from a record of an older kit, like the next two. */
      document: z.string().max(maxDocumentBytes).optional(),
      /** The uptime when it was made. */
      running: uptimeSchema.optional(),
      /** The uptime when a check sent it to the authority last. */
      checkedAt: uptimeSchema.optional(),
      /** Made by the connected mode. Otherwise someone carries it to the authority. */
      isForCheck: z.literal(true).optional(),
    })
    .nullable(),
  /** The highest sequence that was ever installed. A rollback does not lower it. */
  highestSequence: z.int().positive().nullable(),
  configurationRevision: z.int().nonnegative(),
  /** The licence key of the connected mode, encrypted. */
  licenceKey: sealedSecretSchema.nullable(),
  versions: z.array(versionSchema).max(maxLicenceVersions),
  /** The receipt of the last import or rollback. */
  receipt: licenceReceiptSchema.nullable(),
});
export type LicenceRecord = z.infer<typeof recordSchema>;
export type OpenRequest = NonNullable<LicenceRecord['openRequest']>;

const emptyRecord: LicenceRecord = {
  format: 1,
  requests: 0,
  openRequest: null,
  highestSequence: null,
  configurationRevision: 0,
  licenceKey: null,
  versions: [],
  receipt: null,
};

const recordMode = 0o600;

export function licenceRecordPath(stateFolder: string): string {
  return join(stateFolder, 'licence-record.json');
}

/** Throws COMMAND_FAILED if the record is damaged, because it prevents replays. */
export async function readLicenceRecord(stateFolder: string): Promise<LicenceRecord> {
  const path = licenceRecordPath(stateFolder);
  let text: string;
  try {
    text = readCommitted(stateFolder, path, (committed) => readFileSync(committed, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return emptyRecord;
    throw fileError(path, error);
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `${path} is damaged; nothing was changed`, { cause });
  }
}

/** The record as a file, for a change together with other files. */
export function recordFile(stateFolder: string, record: LicenceRecord) {
  return {
    path: licenceRecordPath(stateFolder),
    data: `${JSON.stringify(recordSchema.parse(record))}\n`,
    mode: recordMode,
  };
}

/** Call it only while holding the lock. */
export function saveLicenceRecord(stateFolder: string, record: LicenceRecord): void {
  const file = recordFile(stateFolder, record);
  try {
    replaceFile({ ...file, isDurable: true });
  } catch (error) {
    throw fileError(file.path, error);
  }
}

/** Adds a version and drops the oldest beyond `maxLicenceVersions`. */
export function addVersion(
  versions: readonly LicenceVersion[],
  added: LicenceVersion,
): LicenceRecord['versions'] {
  return [...versions.filter(({ sequence }) => sequence !== added.sequence), added]
    .toSorted((a, b) => a.sequence - b.sequence)
    .slice(-maxLicenceVersions);
}

/** Runs `work` while holding the lock, after an interrupted change was completed or undone. */
export function withLicenceLock<T>(
  appliance: Appliance,
  work: (record: LicenceRecord) => Promise<T>,
): Promise<T> {
  const { stateFolder } = appliance.config;
  return appliance.lock(async () => {
    const configuration = findConfiguration(appliance);
    finishStagedFiles(stateFolder, [
      licencePath(stateFolder),
      licenceRecordPath(stateFolder),
      configurationRecordPath(stateFolder),
      clockPath(stateFolder),
      ...(configuration === null ? [] : [configuration]),
    ]);
    return work(await readLicenceRecord(stateFolder));
  });
}

/**
 * Completes an interrupted change if there is one, so that the files agree. Ignores that another command holds the lock
 * or that nothing can be written: readers take a committed change as made.
 */
export async function finishLicenceChange(appliance: Appliance): Promise<void> {
  if (!hasJournal(appliance.config.stateFolder)) return;
  try {
    await withLicenceLock(appliance, async () => undefined);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}
