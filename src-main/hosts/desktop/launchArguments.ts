import { parseArgs } from 'node:util';
import { AppError } from '../../../src-shared/errors.ts';

export type LaunchArguments = { dataFolder: string | undefined; isLab: boolean };

/**
 * Reads the flags that the starter passes. Everything else is skipped: Chromium's own switches, and what a desktop adds when it
 * starts a program, stand in the same list. Throws INVALID_INPUT for `--data` without a folder: the default folder would be the wrong one.
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
