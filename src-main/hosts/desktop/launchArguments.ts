import { parseArgs } from 'node:util';
import { AppError } from '../../../src-shared/errors.ts';

export type LaunchArguments = {
  dataFolder: string | undefined;
  isLab: boolean;
  /** Whether to print a line when the window is open, so that the starter knows. */
  announces: boolean;
};

/**
 * Parses the flags from the starter. Ignores other arguments, because Chromium and the desktop environment
 * add their own. Throws INVALID_INPUT for `--data` without a folder.
 */
export function parseLaunchArguments(argv: readonly string[]): LaunchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      lab: { type: 'boolean', default: false },
      announce: { type: 'boolean', default: false },
    },
    strict: false,
    allowPositionals: true,
  });
  const data = values['data'];
  if (data !== undefined && (typeof data !== 'string' || data === '' || data.startsWith('-')))
    throw new AppError('INVALID_INPUT', '--data needs a folder');
  return { dataFolder: data, isLab: values['lab'] === true, announces: values['announce'] === true };
}
