import { keExitCodes } from '../../src-shared/exitCodes.ts';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import type { KeCommand } from '../commands/command.ts';
import { runKeCommand } from '../commands/runKeCommand.ts';
import { createAppliance, type ApplianceLog } from '../core/appliance.ts';
import { defaultConfigPath, loadConfig } from '../core/config.ts';
import { createProcfsRuntime } from '../core/procfs/procfsRuntime.ts';
import { runProgram } from '../../src-shared/node/runProgram.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

/**
 * Runs logger(1), so that the line reaches the log like all other lines. If the log fails, the change stays
 * in effect.
 */
const log: ApplianceLog = async ({ program, severity, message }) => {
  const options = ['--tag', program, `--id=${process.pid}`, '--priority', `user.${severity}`];
  try {
    await runProgram('logger', [...options, '--', visibleText(message)]);
  } catch {
    process.stderr.write(`${program}: the syslog did not accept a line\n`);
  }
};

function callerName(): string {
  const { SUDO_USER: sudoUser, USER: user } = process.env;
  if (sudoUser !== undefined) return `${sudoUser} via sudo`;
  return user ?? `uid ${process.getuid?.() ?? 'unknown'}`;
}

async function main(command: KeCommand): Promise<number> {
  const config = loadConfig(process.env['SALLYPORT_APPLIANCE_CONFIG'] ?? defaultConfigPath);
  const appliance = createAppliance({
    config,
    runtime: createProcfsRuntime({ config, now: Date.now }),
    log,
    caller: callerName(),
  });
  const { stdin, stdout, stderr } = process;
  return runKeCommand({ command, argv: process.argv.slice(2), appliance, stdin, stdout, stderr });
}

/** Prints an error in one line, never with a stack trace. Returns the exit code. */
function printError(error: unknown): number {
  const isOurs = error instanceof AppError;
  const reason = error instanceof Error ? error.message : 'failed';
  process.stderr.write(`${visibleText(`ke: ${isOurs ? error.code : 'INTERNAL'}: ${reason}`)}\n`);
  return isOurs ? keExitCodeOf(error.code) : keExitCodes.failed;
}

let lostOutput: Error | null = null;

/** Returns an error code if output was lost, because a full disk must not look like success. */
async function checkOutput(exitCode: number): Promise<number> {
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => setImmediate(resolve));
  });
  if (lostOutput === null) return exitCode;
  const lost = `the output can’t be written: ${lostOutput.message}; if a change was made, it stays in effect; if a private key was to be printed, it is lost: generate another with add -f`;
  process.stderr.write(`${visibleText(`ke: COMMAND_FAILED: ${lost}`)}\n`);
  return keExitCodes.failed;
}

/**
 * The program of a command on a Debian appliance, e.g. `ke_status.cjs ke_status --json`. Each command is a
 * program of its own, so that it loads only what it needs.
 */
export async function runKeProgram(command: KeCommand): Promise<void> {
  // Handles errors outside the command, for example of a stream without a listener.
  process.on('uncaughtException', (error) => process.exit(printError(error)));
  // If the reader of the output ends (`| head`), stop writing but let the command finish.
  process.stdout.on('error', (error) => {
    if (systemErrorCode(error) !== 'EPIPE') lostOutput = error;
  });
  process.stderr.on('error', () => undefined);
  try {
    process.exitCode = await checkOutput(await main(command));
  } catch (error) {
    process.exitCode = printError(error);
  }
  // Close stdin, because an open stdin would keep the process alive. All output is written here.
  process.stdin.destroy();
}
