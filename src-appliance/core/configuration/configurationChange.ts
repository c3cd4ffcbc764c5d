import { AppError } from '../../../src-shared/errors.ts';
import type { ConfigurationOutput } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { compareConfigurations } from '../../../src-shared/model/configuration/configurationChanges.ts';
import { causeOf, type Appliance } from '../appliance.ts';
import type { NewFile } from '../state/stagedFiles.ts';
import type { ConfigurationFile } from './configurationFile.ts';
import {
  configurationRecordFile,
  digestOf,
  keepVersion,
  readConfigurationRecord,
  type Origin,
} from './configurationRecord.ts';

/** Throws CONFLICT if the file is not the one that the caller saw. */
export async function requireUnchangedConfiguration(
  appliance: Appliance,
  expected: { file: ConfigurationFile; digest: string | undefined },
): Promise<void> {
  const { file, digest } = expected;
  if (digest === undefined) return;
  const present = digestOf(await readConfigurationRecord(appliance.config.stateFolder), file.text);
  if (present === digest) return;
  throw new AppError('CONFLICT', `${file.path} was changed in the meantime; its digest is ${present}`);
}

/**
 * The files that replace the configuration by `text` and keep the present content as a version. Nothing is written yet,
 * so that a licence can be installed in the same change.
 */
export async function prepareConfiguration(
  appliance: Appliance,
  change: { file: ConfigurationFile; text: string; origin: Origin; revision: number; revisionBefore: number },
): Promise<{ files: NewFile[]; digests: { before: string; after: string } }> {
  const { file, text, origin, revision, revisionBefore } = change;
  const { stateFolder } = appliance.config;
  const at = new Date(appliance.now()).toISOString();
  const before = await readConfigurationRecord(stateFolder);
  const found = keepVersion(before, {
    stateFolder,
    text: file.text,
    origin: 'found',
    revision: revisionBefore,
    at,
  });
  const cause = causeOf(appliance);
  const kept = keepVersion(found, { stateFolder, text, origin, revision, at, cause });
  const digests = { before: digestOf(kept, file.text), after: digestOf(kept, text) };
  const { path, mode, owner } = file;
  return {
    files: [
      { path, data: text, mode, owner, keepsAttributes: true },
      configurationRecordFile(stateFolder, { ...kept, appliedDigest: digests.after }),
    ],
    digests,
  };
}

/** The result of a change or of its preview. */
export async function describeConfiguration(
  appliance: Appliance,
  result: {
    outcome: ConfigurationOutput['outcome'];
    /** Null if there is no file. */
    before: string | null;
    after: string | null;
    problems: Readonly<ConfigurationOutput['problems']>;
    revision: number;
  },
): Promise<ConfigurationOutput> {
  const { outcome, before, after, problems, revision } = result;
  const installed = outcome === 'applied' && after !== null ? after : before;
  const record = await readConfigurationRecord(appliance.config.stateFolder);
  return {
    contract: 1,
    outcome,
    problems: [...problems],
    changes: before === null || after === null ? [] : compareConfigurations(before, after),
    digest: installed === null ? null : digestOf(record, installed),
    revision,
    licence: null,
  };
}
