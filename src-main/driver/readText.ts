import { minuteMs } from '../../src-shared/base/time.ts';
import { AppError } from '../../src-shared/errors.ts';
import { readCommands, type ReadCommand } from '../../src-shared/model/fanOut/readCommands.ts';
import type { RunResult, Session } from '../ssh/types.ts';
import { assertSucceeded } from './exitCodes.ts';

/** The list of 3,000 forwards as text has less **[ours]**. */
const maxTextBytes = 4 * 1024 * 1024;

/** The error of a failed command, which says why it failed. Null if it succeeded. */
function findFailure(command: string, result: RunResult): AppError | null {
  try {
    assertSucceeded(command, result);
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code !== 'COMMAND_MISSING') return thrown;
    throw thrown;
  }
}

/** Runs a command that only reads, once. Of a failed command, the text is all that it printed. */
export async function readText(
  { run, privileged }: { run: Session['run']; privileged: boolean },
  command: ReadCommand,
): Promise<{ exitCode: number | null; output: string; failure: AppError | null }> {
  const { argv } = readCommands[command];
  const result = await run({ argv, privileged, maxBytes: maxTextBytes, timeoutMs: minuteMs });
  const failure = findFailure(argv.slice(0, 2).join(' '), result);
  const { exitCode, stdout, stderr } = result;
  const all = [stdout, stderr].filter((text) => text.trim() !== '').join('\n');
  return { exitCode, output: failure === null ? stdout : all, failure };
}
