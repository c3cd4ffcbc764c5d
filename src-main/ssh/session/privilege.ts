import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import type { Sudo } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { AskSecret, HopName, RemoteProcess, RunResult, SshConnection } from '../types.ts';

/** How often the user may enter a wrong sudo password, as in sudo. */
const passwordAttempts = 3;
/**
 * sudo may print a text before its prompt. After this many bytes without a prompt, the text is from the
 * command.
 */
const maxPreambleBytes = 16 * 1024;

/** Only English messages of sudo are recognized. */
const inEnglish = ['env', 'LC_ALL=C'] as const;

const refusals =
  /^(sudo: .+|Sorry, .+|.+ is not in the sudoers file\.?.*|.+ may not run sudo on .+|env: .sudo.: .+)$/;
const missingCommand = /^sudo: .+: command not found$/m;

/** Warnings that sudo prints although it runs the command. */
const warnings =
  /^sudo: (unable to resolve host|unable to send audit message|setrlimit|unable to mkdir|.+: timestamp too far in the future)/;

/**
 * Returns sudo's message if sudo refused to run the command, otherwise null. Ignores mere warnings, because
 * the exit code 1 may also be the command's own.
 */
export function findSudoRefusal(result: Pick<RunResult, 'exitCode' | 'stderr'>): string | null {
  if (result.exitCode !== 1 && result.exitCode !== 127) return null;
  if (missingCommand.test(result.stderr)) return null;
  const lines = result.stderr.slice(0, maxPreambleBytes).split('\n');
  const refusal = lines.find((line) => refusals.test(line) && !warnings.test(line));
  return refusal === undefined ? null : visibleText(refusal).slice(0, 300);
}

/** Changes the exit code to 127 if the command is missing, because sudo returns 1 and a shell 127. */
export function withShellExitCode(result: RunResult): RunResult {
  return result.exitCode === 1 && missingCommand.test(result.stderr) ? { ...result, exitCode: 127 } : result;
}

export type Privilege = {
  /**
   * Asks for the password if needed, and checks it with `sudo -v`. Rejects with SUDO_REFUSED or
   * SECRET_NEEDED.
   */
  prepare: (connection: SshConnection, run: RunWithPassword) => Promise<void>;
  /**
   * Starts a command as root. Writes `stdin` and closes it. If `stdin` is null, it stays open, unless a
   * password was written.
   */
  start: (input: {
    connection: SshConnection;
    argv: readonly string[];
    stdin: string | Buffer | null;
  }) => Promise<RemoteProcess>;
  /** Throws SUDO_REFUSED if sudo refused to run the command. Forgets the password in that case. */
  assertNotRefused: (result: RunResult) => void;
  /** Allows asking for the password again after sudo refused it or the user did not answer. */
  allowAskingAgain: () => void;
  forget: () => void;
};

/** Reads the output of a process until the process ends, within the session's limits. */
type RunWithPassword = (process: RemoteProcess) => Promise<RunResult>;

/**
 * Text without a prompt is held for this time, because sudo may print a lecture before its prompt. A command
 * that sudo started without a prompt must not wait longer to be heard.
 */
const preambleMs = secondMs;

/**
 * A stream for stderr that removes sudo's prompt and the text just before it, and calls `onPrompt` when it
 * arrives. Passes on other output after a second, and later output at once.
 */
export function withoutPrompt(prompt: string, onPrompt: () => void): Transform {
  let held: Buffer | null = Buffer.alloc(0);
  let received = 0;
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  /** Returns what is held and stops holding. */
  const release = (): Buffer | null => {
    clearTimeout(timer);
    const all = held;
    held = null;
    return all;
  };
  /** Returns what is held, without what may be the start of the prompt. */
  const passOn = (): Buffer => {
    const all = held ?? Buffer.alloc(0);
    const end = all.length - promptStartLength(all, prompt);
    held = all.subarray(end);
    return all.subarray(0, end);
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (held === null) return done(null, chunk);
      received += chunk.length;
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(prompt);
      if (at >= 0) {
        const rest = held.subarray(at + prompt.length);
        release();
        onPrompt();
        return done(null, rest);
      }
      if (received > maxPreambleBytes) return done(null, release());
      if (isLate) return done(null, passOn());
      timer ??= setTimeout(() => {
        isLate = true;
        if (held !== null) this.push(passOn());
      }, preambleMs);
      return done();
    },
    flush(done) {
      done(null, release());
    },
    destroy(error, done) {
      release();
      done(error);
    },
  });
}

/** How many bytes at the end of `bytes` may be the start of `prompt`. */
function promptStartLength(bytes: Buffer, prompt: string): number {
  for (let length = Math.min(prompt.length - 1, bytes.length); length > 0; length -= 1)
    if (bytes.subarray(bytes.length - length).equals(Buffer.from(prompt.slice(0, length)))) return length;
  return 0;
}

/**
 * Starts `sudo -S` and writes the password only after sudo's prompt, so that the command can't read the
 * password.
 */
async function startWithPassword(input: {
  connection: SshConnection;
  sudoArguments: readonly string[];
  password: string;
  stdin: string | Buffer | null;
}): Promise<{ process: RemoteProcess; asked: () => boolean }> {
  // The prompt is random, so that no other output can look like it.
  const prompt = `[sudo ${randomBytes(12).toString('hex')}]`;
  let asked = false;
  const line = quoteArgv([...inEnglish, 'sudo', '-S', '-p', prompt, ...input.sudoArguments]);
  const process = await input.connection.exec(line);
  const stderr = withoutPrompt(prompt, () => {
    asked = true;
    process.stdin.write(`${input.password}\n`);
    // Close stdin in any case, so that sudo stops at a second prompt instead of counting another failure.
    process.stdin.end(input.stdin ?? undefined);
  });
  process.stderr.pipe(stderr);
  return { process: { ...process, stderr }, asked: () => asked };
}

export function createPrivilege(options: { sudo: Sudo; hop: HopName; ask: AskSecret }): Privilege {
  const { sudo, hop, ask } = options;
  let password: string | null = null;
  /** True if sudo needed no password although the entry says so. Then commands run without one. */
  let needsNoPassword = false;
  let wasRefused = false;
  let preparing: Promise<void> | null = null;
  let lastRefusal: AppError | null = null;

  const createRefusedError = (words: string) =>
    new AppError('SUDO_REFUSED', `sudo on ${hop} refused: ${words}`, { detail: { hop, words } });

  async function askAndVerifyPassword(connection: SshConnection, run: RunWithPassword): Promise<void> {
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
        needsNoPassword = !started.asked();
        return;
      }
      words = findSudoRefusal(result) ?? words;
      // sudo failed before it asked for the password, so another password would not help.
      if (!started.asked()) break;
    }
    throw createRefusedError(words);
  }

  return {
    prepare(connection, run) {
      if (sudo !== 'password' || password !== null) return Promise.resolve();
      if (lastRefusal !== null) return Promise.reject(lastRefusal);
      preparing ??= askAndVerifyPassword(connection, run)
        .catch((error: unknown) => {
          if (error instanceof AppError && (error.code === 'SUDO_REFUSED' || error.code === 'SECRET_NEEDED'))
            lastRefusal = error;
          throw error;
        })
        .finally(() => {
          preparing = null;
        });
      return preparing;
    },
    async start({ connection, argv, stdin }) {
      if (sudo === 'password' && password !== null && !needsNoPassword) {
        const started = await startWithPassword({
          connection,
          sudoArguments: ['--', ...argv],
          password,
          stdin,
        });
        return started.process;
      }
      const line = sudo === 'none' ? quoteArgv(argv) : quoteArgv([...inEnglish, 'sudo', '-n', '--', ...argv]);
      const process = await connection.exec(line);
      if (stdin !== null) process.stdin.end(stdin);
      return process;
    },
    assertNotRefused(result) {
      if (sudo === 'none') return;
      const words = findSudoRefusal(result);
      if (words === null) return;
      wasRefused = password !== null;
      password = null;
      throw createRefusedError(words);
    },
    allowAskingAgain() {
      lastRefusal = null;
    },
    forget() {
      password = null;
      needsNoPassword = false;
      wasRefused = false;
      lastRefusal = null;
    },
  };
}
