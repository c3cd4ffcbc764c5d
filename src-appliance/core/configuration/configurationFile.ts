import { realpathSync } from 'node:fs';
import { AppError } from '../../../src-shared/errors.ts';
import { maxConfigurationBytes } from '../../../src-shared/model/configuration/configurationLimits.ts';
import { findEncodingFault } from '../../../src-shared/base/textEncoding.ts';
import { readBounded } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';
import { readCommitted } from '../state/stagedFiles.ts';

/** `path` is the real file, so that a link stays a link. */
export type ConfigurationFile = {
  path: string;
  text: string;
  mode: number;
  owner: { uid: number; gid: number };
  changedAt: string;
};

/** The real path of the configuration, null if the file does not exist. */
export function findConfiguration({ config }: Appliance): string | null {
  try {
    return realpathSync(config.configuration);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileError(config.configuration, error);
  }
}

/**
 * Null if there is no file. Throws COMMAND_FAILED or NOT_PERMITTED if it can't be used, also if it is not UTF-8, because
 * a change would replace its other bytes.
 */
export function readConfigurationFile(appliance: Appliance): ConfigurationFile | null {
  const path = findConfiguration(appliance);
  if (path === null) return null;
  let file: ReturnType<typeof readBounded>;
  try {
    file = readCommitted(appliance.config.stateFolder, path, (committed) =>
      readBounded(committed, { maxBytes: maxConfigurationBytes }),
    );
  } catch (error) {
    throw fileError(path, error);
  }
  if (file === 'not-a-file') throw new AppError('COMMAND_FAILED', `${path} is not a regular file`);
  if (file === 'too-large')
    throw new AppError('COMMAND_FAILED', `${path} is larger than ${maxConfigurationBytes} bytes`);
  const { content, mode, owner, changedAt } = file;
  const text = content.toString('utf8');
  const fault = findEncodingFault(text);
  if (fault !== null) throw new AppError('COMMAND_FAILED', `${path} can’t be used: ${fault.message}`);
  return { path, text, mode, owner, changedAt: changedAt.toISOString() };
}

/** Throws NOT_FOUND if there is no configuration. */
export function requireConfigurationFile(appliance: Appliance): ConfigurationFile {
  const file = readConfigurationFile(appliance);
  if (file !== null) return file;
  const { configuration } = appliance.config;
  throw new AppError(
    'NOT_FOUND',
    `this appliance has no configuration: ${configuration} does not exist; another path is set as "configuration" in appliance.json`,
  );
}
