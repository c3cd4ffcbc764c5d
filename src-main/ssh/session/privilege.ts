import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import type { Sudo } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import type { AskSecret, HopName, RemoteProcess, RunResult, SshConnection } from '../types.ts';

/** How often a person is asked for the sudo password before it counts as refused, as sudo has it. */
const passwordAttempts = 3;
/** What sudo may say (a lecture) before it asks; beyond that the text is the command's own. */
const maxPreambleBytes = 16 * 1024;

/** sudo's words are only known untranslated. */
const untranslated = ['env', 'LC_ALL=C'] as const;

const refusals =
  /^(sudo: .+|Sorry, .+|.+ is not in the sudoers file\.?.*|.+ may not run sudo on .+|env: .sudo.: .+)$/;
const missingCommand = /^sudo: .+: command not found$/m;

/** What sudo complains about and runs the command all the same. */
const warnings =
  /^sudo: (unable to resolve host|unable to send audit message|setrlimit|unable to mkdir|.+: timestamp too far in the future)/;

/**
 * sudo's own words when it refused to run a command, else null. The command's exit code may be 1, too, so a mere warning
 * of sudo's beside it is no refusal.
 */
export function sudoRefusal(result: Pick<RunResult, 'exitCode' | 'stderr'>): string | null {
  if (result.exitCode !== 1 && result.exitCode !== 127) return null;
  if (missingCommand.test(result.stderr)) return null;
  const lines = result.stderr.slice(0, maxPreambleBytes).split('\n');
  const refusal = lines.find((line) => refusals.test(line) && !warnings.test(line));
  return refusal === undefined ? null : visibleText(refusal).slice(0, 300);
}

/** A shell says 127 for a missing command, sudo says 1. */
export function withShellExitCode(result: RunResult): RunResult {
  return result.exitCode === 1 && missingCommand.test(result.stderr) ? { ...result, exitCode: 127 } : result;
}

export type Privilege = {
  /** Asks for what is needed and proves it to sudo once. Rejects with SUDO_REFUSED or SECRET_NEEDED. */
  prepare: (connection: SshConnection, run: RunWithPassword) => Promise<void>;
  /** Starts a command as root. `stdin` is sent and closed; null leaves it open, except where the password went in. */
  start: (input: {
    connection: SshConnection;
    argv: readonly string[];
    stdin: string | Buffer | null;
  }) => Promise<RemoteProcess>;
  /** Throws SUDO_REFUSED when sudo did not run the command; a refused password is not used again. */
  assertNotRefused: (result: RunResult) => void;
  /** Lets a refused or unanswered question be asked again. */
  reconsider: () => void;
  forget: () => void;
};

/** Reads a started process to its end, as the session does for every command. */
type RunWithPassword = (process: RemoteProcess) => Promise<RunResult>;

/** Passes stderr on without sudo's prompt, and calls `onPrompt` when that comes. Nothing is held back after it. */
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

/** Starts `sudo -S`; writes the password only once sudo asks, so that a command never reads it. */
async function startWithPassword(input: {
  connection: SshConnection;
  sudoArguments: readonly string[];
  password: string;
  stdin: string | Buffer | null;
}): Promise<{ process: RemoteProcess; asked: () => boolean }> {
  // Unguessable, so that no output can pass for it.
  const prompt = `[sudo ${randomBytes(12).toString('hex')}]`;
  let asked = false;
  const line = quoteArgv([...untranslated, 'sudo', '-S', '-p', prompt, ...input.sudoArguments]);
  const process = await input.connection.exec(line);
  const stderr = withoutPrompt(prompt, () => {
    asked = true;
    process.stdin.write(`${input.password}\n`);
    // Closed in any case: at a second prompt sudo then gives up instead of counting another failure.
    process.stdin.end(input.stdin ?? undefined);
  });
  process.stderr.pipe(stderr);
  return { process: { ...process, stderr }, asked: () => asked };
}

export function createPrivilege(options: { sudo: Sudo; hop: HopName; ask: AskSecret }): Privilege {
  const { sudo, hop, ask } = options;
  let password: string | null = null;
  /** sudo let us in without asking although a password was announced. */
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
      // Without a question it was not the password that sudo did not like.
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
