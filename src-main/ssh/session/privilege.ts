import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import type { Sudo } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import type { AskSecret, HopName, RemoteProcess, RunResult, SshConnection } from '../types.ts';

/** How often the user is asked for the sudo password before it counts as refused, as in sudo. */
const passwordAttempts = 3;
/** Maximum text that sudo prints before its prompt (a lecture); after that, the text belongs to the command. */
const maxPreambleBytes = 16 * 1024;

/** sudo's messages are only recognised in English. */
const untranslated = ['env', 'LC_ALL=C'] as const;

const refusals =
  /^(sudo: .+|Sorry, .+|.+ is not in the sudoers file\.?.*|.+ may not run sudo on .+|env: .sudo.: .+)$/;
const missingCommand = /^sudo: .+: command not found$/m;

/** Warnings of sudo that do not keep the command from running. */
const warnings =
  /^sudo: (unable to resolve host|unable to send audit message|setrlimit|unable to mkdir|.+: timestamp too far in the future)/;

/**
 * sudo's message if it refused to run a command, otherwise null. The command's exit code may also be 1, so a mere
 * warning of sudo next to it is no refusal.
 */
export function sudoRefusal(result: Pick<RunResult, 'exitCode' | 'stderr'>): string | null {
  if (result.exitCode !== 1 && result.exitCode !== 127) return null;
  if (missingCommand.test(result.stderr)) return null;
  const lines = result.stderr.slice(0, maxPreambleBytes).split('\n');
  const refusal = lines.find((line) => refusals.test(line) && !warnings.test(line));
  return refusal === undefined ? null : visibleText(refusal).slice(0, 300);
}

/** For a missing command, a shell exits with 127 and sudo with 1. */
export function withShellExitCode(result: RunResult): RunResult {
  return result.exitCode === 1 && missingCommand.test(result.stderr) ? { ...result, exitCode: 127 } : result;
}

export type Privilege = {
  /** Asks for the password if needed and verifies it with sudo once. Rejects with SUDO_REFUSED or SECRET_NEEDED. */
  prepare: (connection: SshConnection, run: RunWithPassword) => Promise<void>;
  /** Starts a command as root. `stdin` is sent and closed; null leaves it open, unless the password was sent. */
  start: (input: {
    connection: SshConnection;
    argv: readonly string[];
    stdin: string | Buffer | null;
  }) => Promise<RemoteProcess>;
  /** Throws SUDO_REFUSED if sudo did not run the command; a refused password is not used again. */
  assertNotRefused: (result: RunResult) => void;
  /** Allows a refused or unanswered question to be asked again. */
  reconsider: () => void;
  forget: () => void;
};

/** Reads a started process to its end, like the session does for every command. */
type RunWithPassword = (process: RemoteProcess) => Promise<RunResult>;

/**
 * Passes stderr on without sudo's prompt, and calls `onPrompt` when the prompt comes. After that, nothing is delayed.
 */
function withoutPrompt(prompt: string, onPrompt: () => void): Transform {
  let held: Buffer | null = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (held === null) {
        done(null, chunk);
        return;
      }
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(prompt);
      if (at >= 0) {
        const rest = held.subarray(at + prompt.length);
        held = null;
        onPrompt();
        done(null, rest);
      } else if (held.length > maxPreambleBytes) {
        const all = held;
        held = null;
        done(null, all);
      } else done();
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** Starts `sudo -S` and writes the password only after sudo's prompt, so that a command never reads it. */
async function startWithPassword(input: {
  connection: SshConnection;
  sudoArguments: readonly string[];
  password: string;
  stdin: string | Buffer | null;
}): Promise<{ process: RemoteProcess; asked: () => boolean }> {
  // Random, so that no other output can look like the prompt.
  const prompt = `[sudo ${randomBytes(12).toString('hex')}]`;
  let asked = false;
  const line = quoteArgv([...untranslated, 'sudo', '-S', '-p', prompt, ...input.sudoArguments]);
  const process = await input.connection.exec(line);
  const stderr = withoutPrompt(prompt, () => {
    asked = true;
    process.stdin.write(`${input.password}\n`);
    // Always closed: at a second prompt, sudo then gives up instead of counting another failure.
    process.stdin.end(input.stdin ?? undefined);
  });
  process.stderr.pipe(stderr);
  return { process: { ...process, stderr }, asked: () => asked };
}

export function createPrivilege(options: { sudo: Sudo; hop: HopName; ask: AskSecret }): Privilege {
  const { sudo, hop, ask } = options;
  let password: string | null = null;
  /** sudo ran the command without a password although one was configured. */
  let needsNone = false;
  let wasRefused = false;
  let preparing: Promise<void> | null = null;
  let refused: AppError | null = null;

  const refusedBy = (words: string) =>
    new AppError('SUDO_REFUSED', `sudo on ${hop} refused: ${words}`, { detail: { hop, words } });

  async function prove(connection: SshConnection, run: RunWithPassword): Promise<void> {
    let words = 'it gave no reason';
    for (let attempt = 0; attempt < passwordAttempts; attempt += 1) {
      const answers = await ask({
        hop,
        kind: 'sudo-password',
        title: `sudo password of ${hop}`,
        fields: [{ label: 'Password', echo: false }],
        refused: attempt > 0 || wasRefused,
      });
      const answer = answers?.[0];
      if (answer === undefined)
        throw new AppError('SECRET_NEEDED', `${hop} needs a sudo password, and none was entered.`, {
          detail: { hop, kind: 'sudo-password' },
        });
      const started = await startWithPassword({
        connection,
        sudoArguments: ['-v'],
        password: answer,
        stdin: null,
      });
      const result = await run(started.process);
      if (result.exitCode === 0) {
        password = answer;
        wasRefused = false;
        needsNone = !started.asked();
        return;
      }
      words = sudoRefusal(result) ?? words;
      // If sudo did not ask, the password is not the problem.
      if (!started.asked()) break;
    }
    throw refusedBy(words);
  }

  return {
    prepare(connection, run) {
      if (sudo !== 'password' || password !== null) return Promise.resolve();
      if (refused !== null) return Promise.reject(refused);
      preparing ??= prove(connection, run)
        .catch((error: unknown) => {
          if (error instanceof AppError && (error.code === 'SUDO_REFUSED' || error.code === 'SECRET_NEEDED'))
            refused = error;
          throw error;
        })
        .finally(() => {
          preparing = null;
        });
      return preparing;
    },
    async start({ connection, argv, stdin }) {
      if (sudo === 'password' && password !== null && !needsNone) {
        const started = await startWithPassword({
          connection,
          sudoArguments: ['--', ...argv],
          password,
          stdin,
        });
        return started.process;
      }
      const line =
        sudo === 'none' ? quoteArgv(argv) : quoteArgv([...untranslated, 'sudo', '-n', '--', ...argv]);
      const process = await connection.exec(line);
      if (stdin !== null) process.stdin.end(stdin);
      return process;
    },
    assertNotRefused(result) {
      if (sudo === 'none') return;
      const words = sudoRefusal(result);
      if (words === null) return;
      wasRefused = password !== null;
      password = null;
      throw refusedBy(words);
    },
    reconsider() {
      refused = null;
    },
    forget() {
      password = null;
      needsNone = false;
      wasRefused = false;
      refused = null;
    },
  };
}
