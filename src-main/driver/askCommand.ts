import { AppError } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { RunResult, Session } from '../ssh/types.ts';
import { answers, readAnswer, type Answer, type AnswerKind } from './answers.ts';
import { assertSucceeded, commandMissingError } from './exitCodes.ts';
import { unparsedOutputError } from './unparsed.ts';

/** A change may wait for the appliance's lock. */
const defaultTimeoutMs = 45 * secondMs;

type AskOptions<Kind extends AnswerKind> = {
  kind: Kind;
  stdin?: string;
  timeoutMs?: number;
  /** The output may be a secret, so no error quotes it. */
  isSecret?: boolean;
  /** Whether a failed command printed its answer, e.g. why it refused. */
  isAnswer?: (result: RunResult) => boolean;
};

/** Runs a command of the kit once and parses its JSON. The command's first two words name it in errors. */
export function createAsk({ run, privileged }: { run: Session['run']; privileged: boolean }) {
  async function ask<Kind extends AnswerKind>(
    argv: readonly string[],
    options: AskOptions<Kind>,
  ): Promise<Answer<Kind>> {
    const { kind, stdin, isAnswer, isSecret = false, timeoutMs = defaultTimeoutMs } = options;
    const quoting = { mayQuoteOutput: !isSecret };
    const command = argv.slice(0, 2).join(' ');
    const { maxBytes } = answers[kind];
    const result = await run({
      argv,
      privileged,
      timeoutMs,
      maxBytes,
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (isAnswer?.(result) !== true) assertSucceeded(command, result, quoting);
    const reading = readAnswer(kind, result.stdout);
    if ('value' in reading) return reading.value;
    // A refusal that can't be read is an error of the command, not of its output.
    assertSucceeded(command, result, quoting);
    const isEmpty = result.stdout.trim() === '';
    const output = isSecret ? '' : result.stdout;
    throw unparsedOutputError({ command, output, isEmpty, reason: reading.reason });
  }

  /** Like `ask`, for a command that takes nothing that could be wrong: a usage error means that it is unknown. */
  async function askNewKit<Kind extends AnswerKind>(
    argv: readonly string[],
    options: AskOptions<Kind>,
  ): Promise<Answer<Kind>> {
    try {
      return await ask(argv, options);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'INVALID_INPUT') throw thrown;
      const command = argv.slice(0, 2).join(' ');
      throw commandMissingError(command, { detail: thrown.detail, cause: thrown });
    }
  }

  return { ask, askNewKit };
}
