import { AppError } from '../../src-shared/errors.ts';
import { exitCodes } from '../../src-shared/exitCodes.ts';
import { configurationArgv } from '../../src-shared/model/configuration/configurationArgv.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../src-shared/model/configuration/configurationCommands.ts';
import type { RunResult, Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';

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
export const isRefusal = ({ exitCode, stdout }: RunResult) =>
  (exitCode === exitCodes.usage || exitCode === exitCodes.verificationFailed) && stdout.startsWith('{');

export function createConfigurationDriver(parts: {
  run: Session['run'];
  privileged: boolean;
}): ConfigurationDriver {
  const { ask } = createAsk(parts);

  return {
    show: (version) => ask(configurationArgv.show(version), { kind: 'configuration' }),
    update: async ({ text, unchangedSince, isDryRun }) => {
      if (text.includes('\0')) throw new AppError('INVALID_INPUT', 'The configuration contains a NUL byte.');
      return ask(configurationArgv.update({ unchangedSince, isDryRun }), {
        kind: 'configurationChange',
        stdin: text,
        isAnswer: isRefusal,
      });
    },
    rollBack: (input) => ask(configurationArgv.rollBack(input), { kind: 'configurationChange' }),
  };
}
