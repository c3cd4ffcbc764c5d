import { AppError } from '../../../src-shared/errors.ts';
import type { ConfigurationOutput } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { restoreSecrets } from '../../../src-shared/model/configuration/configurationSecrets.ts';
import {
  readConfiguration,
  type ConfigurationProblem,
} from '../../../src-shared/model/configuration/configurationYaml.ts';
import type { Appliance } from '../appliance.ts';
import { withLicenceLock, type LicenceRecord } from '../licence/licenceRecord.ts';
import { replaceFilesTogether } from '../state/stagedFiles.ts';
import {
  describeConfiguration,
  prepareConfiguration,
  requireUnchangedConfiguration,
} from './configurationChange.ts';
import { requireConfigurationFile, type ConfigurationFile } from './configurationFile.ts';
import {
  digestOf,
  nameKeptVersions,
  openVersion,
  readConfigurationRecord,
  type Origin,
} from './configurationRecord.ts';

export type UpdateOptions = {
  isDryRun: boolean;
  /** The digest of the content that the caller saw. */
  unchangedSince: string | undefined;
};

/** Validates the whole content. A candidate has the present secrets instead of its masks. */
function checkCandidate(
  candidate: string,
  present: string,
): { text: string | null; problems: readonly ConfigurationProblem[] } {
  const { problems } = readConfiguration(candidate);
  if (problems.length > 0) return { text: null, problems };
  const restored = restoreSecrets(candidate, present);
  if (restored.text === null) return restored;
  const found = readConfiguration(restored.text).problems;
  return found.length > 0 ? { text: null, problems: found } : { text: restored.text, problems: [] };
}

async function install(
  appliance: Appliance,
  change: {
    file: ConfigurationFile;
    record: LicenceRecord;
    text: string;
    origin: Origin;
    isDryRun: boolean;
  },
): Promise<ConfigurationOutput> {
  const { file, record, text, origin, isDryRun } = change;
  const revision = record.configurationRevision;
  const result = { before: file.text, after: text, problems: [], revision };
  if (text === file.text) return describeConfiguration(appliance, { ...result, outcome: 'unchanged' });
  if (isDryRun) return describeConfiguration(appliance, { ...result, outcome: 'acceptable' });
  const { files } = await prepareConfiguration(appliance, {
    file,
    text,
    origin,
    revision,
    revisionBefore: revision,
  });
  const { stateFolder } = appliance.config;
  replaceFilesTogether({ folder: stateFolder, files, afterStep: appliance.afterFileStep });
  return describeConfiguration(appliance, { ...result, outcome: 'applied' });
}

/**
 * Replaces the configuration by the operator's YAML. Its masks mean the present secrets. A refused candidate changes
 * nothing. Throws NOT_FOUND if there is no configuration, and CONFLICT.
 */
export function updateConfiguration(
  appliance: Appliance,
  candidate: string,
  options: UpdateOptions,
): Promise<ConfigurationOutput> {
  return withLicenceLock(appliance, async (record) => {
    const file = requireConfigurationFile(appliance);
    await requireUnchangedConfiguration(appliance, { file, digest: options.unchangedSince });
    const { text, problems } = checkCandidate(candidate, file.text);
    if (text !== null)
      return install(appliance, { file, record, text, origin: 'file', isDryRun: options.isDryRun });
    const revision = record.configurationRevision;
    const result = { before: file.text, after: null, problems, revision };
    return describeConfiguration(appliance, { ...result, outcome: 'refused' });
  });
}

/** Installs a kept content again; by default the last one that differs from the present one. */
export function rollbackConfiguration(
  appliance: Appliance,
  options: UpdateOptions & { to: number | null },
): Promise<ConfigurationOutput> {
  return withLicenceLock(appliance, async (record) => {
    const { stateFolder } = appliance.config;
    const file = requireConfigurationFile(appliance);
    await requireUnchangedConfiguration(appliance, { file, digest: options.unchangedSince });
    const kept = await readConfigurationRecord(stateFolder);
    const present = digestOf(kept, file.text);
    const version =
      options.to === null
        ? kept.versions.findLast(({ digest }) => digest !== present)
        : kept.versions.find(({ number }) => number === options.to);
    if (version === undefined) {
      const missing = options.to === null ? 'an earlier content' : `version ${options.to}`;
      throw new AppError(
        'NOT_FOUND',
        `${missing} of the configuration is not kept; ${nameKeptVersions(kept)}`,
      );
    }
    const text = openVersion(stateFolder, version);
    return install(appliance, { file, record, text, origin: 'rollback', isDryRun: options.isDryRun });
  });
}
