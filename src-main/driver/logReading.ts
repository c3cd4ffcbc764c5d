import { AppError } from '../../src-shared/errors.ts';
import { visibleLine, visibleText } from '../../src-shared/base/machineText.ts';
import { asSentence } from '../../src-shared/base/sentence.ts';
import type { RemoteProcess, RunResult, Session } from '../ssh/types.ts';
import { followArgv, followByKitArgv, mayReadLogArgv, syslogArgv, tailArgv } from './commands.ts';
import { assertSucceeded } from './exitCodes.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Number of bytes to read from the end of the log: about 20,000 lines of 100 bytes **[ours]**. */
const readBytes = 2 * 1024 * 1024;
/**
 * Number of lines to request from `ke_syslog`. The second is used if the first exceeds the session's output
 * limit.
 */
const readLines = [20_000, 2_000] as const;
const readTimeoutMs = 15 * secondMs;

/** `path` is the log file that `ke_status` reports. */
type LogSource = { session: Pick<Session, 'run' | 'stream'>; privileged: boolean; path: string };

type ReadProblem = { text: string; isMissing: boolean };

/**
 * Returns why the login user can't read the log file, or null if they can. Tries to read it, because
 * permissions alone don't tell.
 */
async function findReadProblem({ session, path }: LogSource): Promise<ReadProblem | null> {
  const argv = ['env', 'LC_ALL=C', 'tail', '-c', '1', '--', path];
  let result: RunResult;
  try {
    result = await session.run({ argv, privileged: false });
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'COMMAND_FAILED')
      return { text: thrown.message, isMissing: false };
    throw thrown;
  }
  if (result.exitCode === 0) return null;
  const line = result.stderr.split('\n').find((text) => text.trim() !== '');
  if (line?.includes('No such file or directory') === true)
    return { text: `${visibleLine(path)} does not exist`, isMissing: true };
  const text =
    line === undefined
      ? `tail ended with exit code ${result.exitCode ?? 'unknown'} and gave no reason`
      : visibleText(line.slice(0, 300)).slice(0, 300);
  return { text, isMissing: false };
}

function logUnreadableError(input: { path: string; direct: ReadProblem; thrown: unknown }): unknown {
  const { path, direct, thrown } = input;
  if (!(thrown instanceof AppError)) return thrown;
  const { code, detail } = thrown;
  if (code === 'COMMAND_MISSING' || code === 'SUDO_REFUSED') {
    const advice = direct.isMissing
      ? ''
      : ` ke_syslog can’t be used either: ${asSentence(thrown.message)} Update the appliance kit, or let this user read ${path} (group adm on Debian).`;
    return new AppError('LOG_UNREADABLE', `The log can’t be read: ${asSentence(direct.text)}${advice}`, {
      detail,
      cause: thrown,
    });
  }
  if (code === 'COMMAND_FAILED' || code === 'NOT_PERMITTED')
    return new AppError('LOG_UNREADABLE', `The log can’t be read: ${thrown.message}`, {
      detail,
      cause: thrown,
    });
  return thrown;
}

/**
 * Runs `ke_syslog` to its end and returns its output. Throws LOG_UNREADABLE if that fails. `direct` is why
 * the file can't be read.
 */
async function runSyslogCommand(
  source: LogSource,
  input: { lines: number; direct: ReadProblem },
): Promise<string> {
  const { session, privileged, path } = source;
  try {
    const argv = syslogArgv({ lines: input.lines, follow: false });
    const result = await session.run({
      argv,
      privileged,
      timeoutMs: readTimeoutMs,
    });
    assertSucceeded('ke_syslog', result);
    return result.stdout;
  } catch (thrown) {
    throw logUnreadableError({ path, direct: input.direct, thrown });
  }
}

/**
 * Follows the log file if the user can read it; otherwise runs `ke_syslog` with sudo. Rejects with
 * LOG_UNREADABLE, or with the session's errors.
 */
export async function followLog(source: LogSource, lines: number): Promise<RemoteProcess> {
  const { session, privileged, path } = source;
  const argv = tailArgv({ path, lines });
  const direct = await findReadProblem(source);
  if (direct === null) return session.stream({ argv, privileged: false });
  await runSyslogCommand(source, { lines: 0, direct });
  return session.stream({ argv: syslogArgv({ lines, follow: true }), privileged });
}

/**
 * Starts the script that lists and reads the log and its rotated files: directly if the user can read the log, otherwise
 * by `ke_syslog` with sudo. Rejects like `followLog`.
 */
export async function startFollowScript(source: LogSource, words: readonly string[]): Promise<RemoteProcess> {
  const { session, privileged, path } = source;
  const mayRead = await session.run({ argv: mayReadLogArgv(path), privileged: false });
  if (mayRead.exitCode === 0) return session.stream({ argv: followArgv({ path, words }), privileged: false });
  const direct = await findReadProblem(source);
  if (direct !== null) await runSyslogCommand(source, { lines: 0, direct });
  return session.stream({ argv: followByKitArgv(words), privileged });
}

/**
 * Why the log can't be followed now, as a sentence, by file or by `ke_syslog`. Null if it can. Rejects with the
 * session's errors.
 */
export async function findLogProblem(source: LogSource): Promise<string | null> {
  const direct = await findReadProblem(source);
  if (direct === null) return null;
  try {
    await runSyslogCommand(source, { lines: 0, direct });
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'LOG_UNREADABLE') return thrown.message;
    throw thrown;
  }
}

/** Reads the end of a file and drops the incomplete first line. Returns null if the file can't be read. */
async function readEnd({ session }: LogSource, path: string): Promise<string | null> {
  const result = await session.run({
    argv: ['tail', '-c', `${readBytes}`, '--', path],
    privileged: false,
    timeoutMs: readTimeoutMs,
    // The limit is for received bytes. Invalid UTF-8 becomes longer only when it is decoded, so a small
    // margin is enough.
    maxBytes: readBytes + 1024,
  });
  if (result.exitCode !== 0) return null;
  const text = result.stdout;
  return Buffer.byteLength(text) < readBytes ? text : text.slice(text.indexOf('\n') + 1);
}

/**
 * Reads the end of the log. Includes the previous file if the log was just rotated. Rejects like `followLog`.
 */
export async function readLogEnd(source: LogSource): Promise<string> {
  const { path } = source;
  const direct = await findReadProblem(source);
  const latest = direct === null ? await readEnd(source, path) : null;
  if (latest !== null) {
    // Shortly after a rotation, the recent lines are in the previous file.
    const isShort = Buffer.byteLength(latest) < readBytes / 2;
    return `${(isShort ? await readEnd(source, `${path}.1`) : null) ?? ''}${latest}`;
  }
  const [lines, fewerLines] = readLines;
  const reason = direct ?? { text: `${path} can no longer be read`, isMissing: false };
  try {
    return await runSyslogCommand(source, { lines, direct: reason });
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'OUTPUT_TOO_LARGE') throw thrown;
    return runSyslogCommand(source, { lines: fewerLines, direct: reason });
  }
}
