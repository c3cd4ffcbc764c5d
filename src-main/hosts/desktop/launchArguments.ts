import { parseArgs } from 'node:util';
import { AppError } from '../../../src-shared/errors.ts';

export type LaunchArguments = { dataFolder: string | undefined; isLab: boolean };

/**
 * Reads the flags that the starter passes. Ignores all others, because Chromium's switches and arguments of the desktop
 * environment are in the same list. Throws INVALID_INPUT for `--data` without a folder, because the default folder
 * would be wrong.
 */
export function parseLaunchArguments(argv: readonly string[]): LaunchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, lab: { type: 'boolean', default: false } },
    strict: false,
    allowPositionals: true,
  });
  const data = values['data'];
  if (data !== undefined && (typeof data !== 'string' || data === '' || data.startsWith('-')))
    throw new AppError('INVALID_INPUT', '--data needs a folder');
  return { dataFolder: data, isLab: values['lab'] === true };
}
