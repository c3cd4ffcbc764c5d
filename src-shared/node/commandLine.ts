import { CommanderError, type Command } from 'commander';
import { AppError, exitCodeOf, toErrorData } from '../errors.ts';
import { exitCodes } from '../exitCodes.ts';
import { terminalJson, terminalText } from './output.ts';

/** What the commands of a command line need from the program that runs them. */
export type CommandLine = {
  /** Whether the output is JSON. Also known if parsing the arguments failed before `--json`. */
  isJson: () => boolean;
  /** Collects the exit code of a command. */
  finish: (running: Promise<number>) => Promise<void>;
  /** Call it before commands are added, because they inherit these settings. */
  configure: (program: Command) => void;
};

/** Runs one command line with the options `--json` and resolves with its exit code. Never rejects. */
export async function runCommandLine(options: {
  name: string;
  argv: readonly string[];
  createTree: (context: CommandLine) => Command | Promise<Command>;
}): Promise<number> {
  const { name, argv } = options;
  let exitCode: number = exitCodes.done;
  const isJson = (): boolean => program.opts<{ json?: boolean }>().json ?? argv.includes('--json');
  const program = await options.createTree({
    isJson,
    finish: async (running) => {
      exitCode = await running;
    },
    configure: (made) =>
      // With --json, commander prints no error, because the error is printed as JSON.
      made.configureOutput({
        outputError: (text, write) => {
          if (!isJson()) write(text);
        },
      }),
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return report(name, thrown, isJson());
    if (thrown.exitCode === 0) return exitCodes.done;
    const mistake = new AppError('INVALID_INPUT', usageMistake(thrown), { cause: thrown });
    return isJson() ? report(name, mistake, true) : exitCodes.usage;
  }
}

function usageMistake({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'Enter a command.' : message.replace(/^error: /u, '');
}

function report(name: string, thrown: unknown, json: boolean): number {
  const error = toErrorData(thrown);
  if (!(thrown instanceof AppError)) {
    const trace = thrown instanceof Error ? thrown.stack : String(thrown);
    process.stderr.write(`${terminalText(trace ?? '')}\n`);
  }
  process.stderr.write(
    json ? `${terminalJson({ error })}\n` : `${terminalText(`${name}: ${error.message} (${error.code})`)}\n`,
  );
  return exitCodeOf(error.code);
}
