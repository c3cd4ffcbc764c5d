import { AppError } from '../../src-shared/errors.ts';
import { exitCodes } from '../../src-shared/exitCodes.ts';
import {
  configurationArgv,
  type StatedCause,
} from '../../src-shared/model/configuration/configurationArgv.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../src-shared/model/configuration/configurationCommands.ts';
import type { RunResult, Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';

type Candidate = { text: string; unchangedSince: string };

/**
 * Each method runs its command once, without retries. Rejects with COMMAND_MISSING if the kit is too old, NOT_FOUND
 * without a configuration or version, and CONFLICT if the present content is another one.
 */
export type ConfigurationDriver = {
  show: (version: number | null) => Promise<ConfigurationShow>;
  /** Checks a candidate. Also resolves if it is refused: `outcome` is `refused`. */
  check: (input: Candidate) => Promise<ConfigurationOutput>;
  /** Installs a candidate. Also resolves if it is refused. */
  update: (input: Candidate & { stated: StatedCause }) => Promise<ConfigurationOutput>;
  rollBack: (input: Parameters<typeof configurationArgv.rollBack>[0]) => Promise<ConfigurationOutput>;
};

/** A refused candidate fails like a wrong usage, but prints its answer. */
export const isRefusal = ({ exitCode, stdout }: RunResult) =>
  (exitCode === exitCodes.usage || exitCode === exitCodes.verificationFailed) && stdout.startsWith('{');

export function createConfigurationDriver(parts: {
  run: Session['run'];
  privileged: boolean;
}): ConfigurationDriver {
  const { ask } = createAsk(parts);

  async function send(argv: readonly string[], text: string): Promise<ConfigurationOutput> {
    if (text.includes('\0')) throw new AppError('INVALID_INPUT', 'The configuration contains a NUL byte.');
    return ask(argv, { kind: 'configurationChange', stdin: text, isAnswer: isRefusal });
  }

  return {
    show: (version) => ask(configurationArgv.show(version), { kind: 'configuration' }),
    check: async ({ text, ...input }) => send(configurationArgv.check(input), text),
    update: async ({ text, ...input }) => send(configurationArgv.update(input), text),
    rollBack: (input) => ask(configurationArgv.rollBack(input), { kind: 'configurationChange' }),
  };
}
