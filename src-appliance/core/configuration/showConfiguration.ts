import { AppError } from '../../../src-shared/errors.ts';
import type {
  ConfigurationHistory,
  ConfigurationShow,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { maskConfiguration } from '../../../src-shared/model/configuration/configurationSecrets.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';
import type { Appliance } from '../appliance.ts';
import { readLicenceRecord } from '../licence/licenceRecord.ts';
import { readConfigurationFile, requireConfigurationFile } from './configurationFile.ts';
import { findDrift, listSecrets } from './configurationHistory.ts';
import {
  digestOf,
  openVersion,
  readConfigurationRecord,
  type ConfigurationRecord,
  nameKeptVersions,
} from './configurationRecord.ts';

function listVersions(record: ConfigurationRecord, present: string | null): ConfigurationHistory['versions'] {
  // A rollback keeps a content again; only the newest version of it is the installed one.
  const installed = record.versions.findLast(({ digest }) => digest === present)?.number;
  return record.versions.toReversed().map(({ sealed: _sealed, cause, ...version }) => ({
    ...version,
    cause: cause ?? null,
    isInstalled: version.number === installed,
  }));
}

/** The kept versions, newest first. */
export async function listConfigurationHistory(appliance: Appliance): Promise<ConfigurationHistory> {
  const record = await readConfigurationRecord(appliance.config.stateFolder);
  const file = readConfigurationFile(appliance);
  const present = file === null ? null : digestOf(record, file.text);
  return { contract: 1, versions: listVersions(record, present) };
}

/**
 * The configuration with masked secrets, or a kept version of it. Throws NOT_FOUND if it does not exist, and COMMAND_FAILED
 * for a file in which secrets can't be found.
 */
export async function showConfiguration(
  appliance: Appliance,
  version: number | null,
): Promise<ConfigurationShow> {
  const { stateFolder } = appliance.config;
  const file = requireConfigurationFile(appliance);
  const record = await readConfigurationRecord(stateFolder);
  const { configurationRevision } = await readLicenceRecord(stateFolder);
  const kept = version === null ? null : record.versions.find(({ number }) => number === version);
  if (kept === undefined)
    throw new AppError(
      'NOT_FOUND',
      `version ${version ?? ''} of the configuration is not kept; ${nameKeptVersions(record)}`,
    );
  const text = kept === null ? file.text : openVersion(stateFolder, kept);
  const masked = maskConfiguration(text);
  if (masked === null) {
    const [problem] = readConfiguration(text).problems;
    const found = problem === undefined ? 'it is no YAML' : `${problem.path} ${problem.message}`.trim();
    const reason = `${file.path} can’t be shown without its secrets: ${found}`;
    throw new AppError('COMMAND_FAILED', reason);
  }
  const present = digestOf(record, file.text);
  return {
    contract: 1,
    path: appliance.config.configuration,
    text: masked,
    digest: digestOf(record, text),
    revision: kept?.revision ?? configurationRevision,
    secrets: listSecrets(record, {
      stateFolder,
      text,
      kept: kept?.number ?? null,
      changedAt: file.changedAt,
    }),
    drift: findDrift(record, { stateFolder, file }),
    keepsCause: true,
    versions: listVersions(record, present),
  };
}
