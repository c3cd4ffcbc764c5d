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

/** Terminal programs of Linux desktops, the user's choice first. All arguments after the option are one command. */
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

/** The absolute path of a program on PATH, or null. Relative folders of PATH are ignored. */
function findProgram(name: string, env: Environment): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Starts a program that outlives the console. Rejects with TERMINAL_FAILED if it fails within `earlyFailureMs`. */
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
 * macOS's Terminal takes a file, not arguments. A script with its own shell is used because the line would otherwise be
 * typed into the user's shell, which may quote in another way. The script deletes itself before ssh starts.
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

/** Starts a terminal that runs `argv`; null if this computer has none that is known. Windows is not supported. */
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

/** Opens terminals of this computer, or null if it has none that is known. */
export function createTerminalOpener(options: {
  platform: NodeJS.Platform;
  env: Environment;
}): OpenTerminal | null {
  const start = findTerminal(options.platform, options.env);
  if (start === null) return null;
  return async (entry) => {
    // Checked again at the last step before a command: no user or host may start with a dash.
    if (![entry.target, ...entry.jumps].every((hop) => sshTargetSchema.safeParse(hop).success))
      throw new AppError('INVALID_INPUT', 'The appliance’s entry has an address that ssh must not be given.');
    await start(sshArgvOf(entry));
  };
}
