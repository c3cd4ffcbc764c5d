import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { CommanderError } from 'commander';
import { AppError, toErrorData, exitCodeOf } from '../../../src-shared/errors.ts';
import { createCommandTree } from './commandTree.ts';
import { createOutput, terminalJson, terminalText } from './output.ts';

type GlobalOptions = { data?: string; json?: boolean };

/** Runs one command line and resolves with its exit code. Never rejects. */
export async function runSallyport(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done;
  /** Also true if parsing the arguments failed before `--json`. */
  const isJson = (): boolean => program.opts<GlobalOptions>().json ?? argv.includes('--json');
  const program = createCommandTree(
    {
      globals: () => {
        const { data } = program.opts<GlobalOptions>();
        return { data, output: createOutput({ json: isJson() }) };
      },
      finish: async (running) => {
        exitCode = await running;
      },
    },
    (made) =>
      // With --json, commander prints no error, because the error is printed as JSON.
      made.configureOutput({
        outputError: (text, write) => {
          if (!isJson()) write(text);
        },
      }),
  );
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return report(thrown, isJson());
    if (thrown.exitCode === 0) return exitCodes.done;
    const mistake = new AppError('INVALID_INPUT', usageMistake(thrown), { cause: thrown });
    return isJson() ? report(mistake, true) : exitCodes.usage;
  }
}

function usageMistake({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'Enter a command.' : message.replace(/^error: /u, '');
}

function report(thrown: unknown, json: boolean): number {
  const error = toErrorData(thrown);
  if (!(thrown instanceof AppError)) {
    const trace = thrown instanceof Error ? thrown.stack : String(thrown);
    process.stderr.write(`${terminalText(trace ?? '')}\n`);
  }
  process.stderr.write(
    json
      ? `${terminalJson({ error })}\n`
      : `${terminalText(`sallyport: ${error.message} (${error.code})`)}\n`,
  );
  return exitCodeOf(error.code);
}
