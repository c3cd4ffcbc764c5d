import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { sshTargetSchema } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { sshArgvOf } from '../../../src-shared/model/appliance/sshCommand.ts';
import type { OpenTerminal } from '../../links/applianceActions.ts';

/** A terminal program that still runs after this time has opened its window **[ours]**. */
const earlyFailureMs = secondMs;

/**
 * Terminal programs of Linux desktops with their option for a command. The first is the user's choice. Each
 * takes all arguments after the option as one command.
 */
const linuxTerminals = [
  ['x-terminal-emulator', '-e'],
  ['gnome-terminal', '--'],
  ['konsole', '-e'],
  ['xfce4-terminal', '-x'],
  ['xterm', '-e'],
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Finds a program on PATH and returns its absolute path, or null. Ignores relative folders in PATH. */
function findProgram(name: string, env: Environment): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/**
 * Starts a program that keeps running after the console has stopped. Rejects with TERMINAL_FAILED if the
 * program fails within `earlyFailureMs`.
 */
async function startDetached(program: string, args: readonly string[], env: Environment): Promise<void> {
  const failure = (what: string, cause?: unknown) =>
    new AppError('TERMINAL_FAILED', `${basename(program)} ${what}.`, { cause });
  const ended = new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env });
    child.once('error', (error) => reject(failure('could not be started', error)));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(failure(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`));
    });
    child.unref();
  });
  await race(ended, { timeoutMs: earlyFailureMs, onTimeout: () => {} });
}

/**
 * Opens Terminal on macOS, which takes a script file and no arguments. The script has its own shell line,
 * because the user's shell may quote in another way. It deletes itself before it starts ssh.
 */
async function openMacTerminal(open: string, argv: readonly string[], env: Environment): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-terminal-'));
  const file = join(folder, 'ssh.command');
  try {
    const script = `#!/bin/sh\nrm -r -- ${quoteArgv([folder])}\nexec ${quoteArgv(argv)}\n`;
    writeFileSync(file, script, { mode: 0o700 });
    await startDetached(open, ['-a', 'Terminal', file], env);
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
}

/**
 * Returns a function that opens a terminal and runs `argv` in it. Null if no known terminal program is
 * installed, and on Windows.
 */
function findTerminal(platform: NodeJS.Platform, env: Environment) {
  if (platform === 'darwin') {
    const open = findProgram('open', env);
    return open === null ? null : (argv: readonly string[]) => openMacTerminal(open, argv, env);
  }
  if (platform !== 'linux') return null;
  for (const [name, option] of linuxTerminals) {
    const program = findProgram(name, env);
    if (program !== null) return (argv: readonly string[]) => startDetached(program, [option, ...argv], env);
  }
  return null;
}

/**
 * Returns a function that opens a terminal with ssh to an appliance. Null if no known terminal program is
 * installed.
 */
export function createTerminalOpener(options: {
  platform: NodeJS.Platform;
  env: Environment;
}): OpenTerminal | null {
  const start = findTerminal(options.platform, options.env);
  if (start === null) return null;
  return async (entry) => {
    // Validate the addresses again just before they become arguments, because ssh would read a user or host
    // with a leading dash as an option.
    if (![entry.target, ...entry.jumps].every((hop) => sshTargetSchema.safeParse(hop).success))
      throw new AppError(
        'INVALID_INPUT',
        'The appliance’s entry has an address that can’t be passed to ssh safely.',
      );
    await start(sshArgvOf(entry));
  };
}
