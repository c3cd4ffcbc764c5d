import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { instantSchema } from '../../../src-shared/base/time.ts';
import {
  configurationDigestSchema,
  type ConfigurationHistory,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { changeCauseSchema, type ChangeCause } from '../../../src-shared/model/configuration/changeCause.ts';
import { maxConfigurationBytes } from '../../../src-shared/model/configuration/configurationLimits.ts';
import { openSecret, sealedSecretSchema, sealSecret } from '../secrets/sealedSecret.ts';
import { createSecretKeys, loadPrivateKey, loadPublicKey } from '../secrets/secretKeys.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';
import { readCommitted } from '../state/stagedFiles.ts';

/** How many contents are kept, the present one included **[doc: the last ten]**. */
const maxVersions = 10;

export type Origin = ConfigurationHistory['versions'][number]['origin'];

/** Kept contents are encrypted, because they contain secrets. */
const versionSchema = z.strictObject({
  number: z.int().positive(),
  keptAt: instantSchema,
  origin: z.enum(['found', 'file', 'licence', 'rollback']),
  revision: z.int().nonnegative(),
  digest: configurationDigestSchema,
  sealed: sealedSecretSchema.extend({ data: z.base64().max(2 * maxConfigurationBytes) }),
  /** Absent if it is not known: for a content that was found, and from an older kit. */
  cause: changeCauseSchema.optional(),
});
export type ConfigurationVersion = z.infer<typeof versionSchema>;

/** What the appliance remembers of its configuration **[ours]**. Only root reads it. */
const recordSchema = z.strictObject({
  format: z.literal(1),
  /** The content that the commands installed last. Null if they never did. */
  appliedDigest: configurationDigestSchema.nullable(),
  versions: z.array(versionSchema).max(maxVersions),
});
/** `digestKey`: without it, a digest could be used to guess a short secret. Derived, never stored. */
export type ConfigurationRecord = z.infer<typeof recordSchema> & { digestKey: Buffer };

export function configurationRecordPath(stateFolder: string): string {
  return join(stateFolder, 'configuration-record.json');
}

/** An empty record if nothing was kept yet. Throws COMMAND_FAILED if it is damaged. */
export async function readConfigurationRecord(stateFolder: string): Promise<ConfigurationRecord> {
  await createSecretKeys(stateFolder);
  const secret = loadPrivateKey(stateFolder);
  const digestKey = createHash('sha256').update(`configuration digest\0${secret}`).digest();
  const path = configurationRecordPath(stateFolder);
  let text: string;
  try {
    text = readCommitted(stateFolder, path, (committed) => readFileSync(committed, 'utf8'));
  } catch (error) {
    if (!isMissing(error)) throw fileError(path, error);
    return { format: 1, appliedDigest: null, versions: [], digestKey };
  }
  try {
    return { ...recordSchema.parse(JSON.parse(text)), digestKey };
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `${path} is damaged; nothing was changed`, { cause });
  }
}

/** The record as a file, for a change together with other files. */
export function configurationRecordFile(stateFolder: string, kept: ConfigurationRecord) {
  const { digestKey: _derived, ...record } = kept;
  const data = `${JSON.stringify(recordSchema.parse(record))}\n`;
  return { path: configurationRecordPath(stateFolder), data, mode: 0o600 };
}

/** Identifies a content on this appliance. */
export function digestOf({ digestKey }: ConfigurationRecord, text: string): string {
  return createHmac('sha256', digestKey).update(text).digest('hex');
}

/** Tells whether two contents have the same secret at a path, and nothing else. */
export function markOf({ digestKey }: ConfigurationRecord, path: string, value: unknown): string {
  const content = `secret\0${path}\0${JSON.stringify(value)}`;
  return createHmac('sha256', digestKey).update(content).digest('hex').slice(0, 16);
}

/** Adds a content as the newest version, unless it is the newest already, and drops the oldest beyond ten. */
export function keepVersion(
  record: ConfigurationRecord,
  kept: {
    stateFolder: string;
    text: string;
    origin: Origin;
    revision: number;
    at: string;
    cause?: ChangeCause;
  },
): ConfigurationRecord {
  const { stateFolder, text, origin, revision, at, cause } = kept;
  const digest = digestOf(record, text);
  const newest = record.versions.at(-1);
  if (newest?.digest === digest) return record;
  const sealed = sealSecret(text, loadPublicKey(stateFolder));
  const number = (newest?.number ?? 0) + 1;
  const known = cause === undefined ? {} : { cause };
  const added = { number, keptAt: at, origin, revision, digest, sealed, ...known };
  return { ...record, versions: [...record.versions, added].slice(-maxVersions) };
}

/** Says, after an error, which versions there are. */
export function nameKeptVersions({ versions }: ConfigurationRecord): string {
  const numbers = versions.map(({ number }) => number).join(', ');
  return numbers === '' ? 'no version is' : `kept: ${numbers}`;
}

export function openVersion(stateFolder: string, { sealed }: ConfigurationVersion): string {
  return openSecret(sealed, loadPrivateKey(stateFolder));
}
