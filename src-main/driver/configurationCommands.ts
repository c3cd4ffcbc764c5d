import { AppError } from '../../src-shared/errors.ts';
import { exitCodes } from '../../src-shared/exitCodes.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../src-shared/model/configuration/configurationCommands.ts';
import type { RunResult, Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';

const program = 'ke_update_configuration';

/** The commands of the configuration **[doc: the name; the options are ours]**. A candidate travels on stdin. */
export const configurationCommands = {
  show: (version: number | null) => [
    program,
    'show',
    ...(version === null ? [] : ['--version', `${version}`]),
    '--json',
  ],
  update: ({ unchangedSince, isDryRun }: { unchangedSince: string; isDryRun: boolean }) => [
    program,
    '--offline',
    '-',
    '--unchanged-since',
    unchangedSince,
    ...(isDryRun ? ['--dry-run'] : []),
    '--json',
  ],
  rollBack: ({ number, unchangedSince }: { number: number; unchangedSince: string }) => [
    program,
    'rollback',
    '--to',
    `${number}`,
    '--unchanged-since',
    unchangedSince,
    '--json',
  ],
} as const;

/**
 * Each method runs its command once, without retries. Rejects with COMMAND_MISSING if the kit is too old, NOT_FOUND
 * without a configuration or version, and CONFLICT if the present content is another one.
 */
export type ConfigurationDriver = {
  show: (version: number | null) => Promise<ConfigurationShow>;
  /** Installs a candidate, or only checks it. Also resolves if it is refused: `outcome` is `refused`. */
  update: (input: {
    text: string;
    unchangedSince: string;
    isDryRun: boolean;
  }) => Promise<ConfigurationOutput>;
  rollBack: (input: { number: number; unchangedSince: string }) => Promise<ConfigurationOutput>;
};

/** A refused candidate fails like a wrong usage, but prints its answer. */
const isRefusal = ({ exitCode, stdout }: RunResult) =>
  (exitCode === exitCodes.usage || exitCode === exitCodes.verificationFailed) && stdout.startsWith('{');

export function createConfigurationDriver(parts: {
  run: Session['run'];
  privileged: boolean;
}): ConfigurationDriver {
  const { ask } = createAsk(parts);

  return {
    show: (version) => ask(configurationCommands.show(version), { kind: 'configuration' }),
    update: async ({ text, unchangedSince, isDryRun }) => {
      if (text.includes('\0')) throw new AppError('INVALID_INPUT', 'The configuration contains a NUL byte.');
      return ask(configurationCommands.update({ unchangedSince, isDryRun }), {
        kind: 'configurationChange',
        stdin: text,
        isAnswer: isRefusal,
      });
    },
    rollBack: (input) => ask(configurationCommands.rollBack(input), { kind: 'configurationChange' }),
  };
}
