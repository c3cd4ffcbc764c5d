import { keExitCodes } from '../../src-shared/exitCodes.ts';
import type { Appliance } from '../core/appliance.ts';
import type { Loopback } from './loopback.ts';
import type { Connection, ServerChannel, Session } from 'ssh2';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { hasPort } from '../../src-shared/model/tenants/ports.ts';
import { keCommandNames, runNamedCommand } from '../commands/keCommands.ts';
import { joinChannel } from '../core/joinChannel.ts';
import { serveAdminForwards } from './adminForwards.ts';
import type { FileSpace } from './fileSpace.ts';
import { serveFiles } from './fileTransfer.ts';
import { startLogReading, type LogReading } from './logReading.ts';
import { listSockets } from './sockets.ts';
import { parseWords } from './splitCommand.ts';

const exit = { usage: 2, notFound: 127 } as const;
const ownAddresses = ['127.0.0.1', 'localhost', '::1'];

/** Removes `env NAME=VALUE …` at the start, which sets the language. No command here depends on it. */
function withoutEnvironment(words: readonly string[]): readonly string[] {
  if (words[0] !== 'env') return words;
  const command = words.findIndex((word, index) => index > 0 && !/^[A-Za-z_]\w*=/u.test(word));
  return command === -1 ? [] : words.slice(command);
}

/** The script with which a console lets the shell print a word in front of a command's output. */
const startScript = String.raw`printf '%s\n' "$0"; exec "$@"`;

/** Reads `sh -c SCRIPT WORD COMMAND…` with that script, the only one that the lab knows. */
function readStartWord(words: readonly string[]): { startWord: string | null; rest: readonly string[] } {
  const [shell, option, script, startWord = ''] = words;
  const isKnown = shell === 'sh' && option === '-c' && script === startScript;
  return isKnown ? { startWord, rest: words.slice(4) } : { startWord: null, rest: words };
}

/** What an administrator's sessions are like. A fault changes it while the appliance runs. */
export type LoginSettings = {
  /** What a start-up file of the login shell prints in front of each command's output. */
  startupText: string;
  /** How many sessions a connection may have at once. */
  maxSessions: number;
};

/**
 * Removes `sudo` and its options. The lab's administrator needs no password, so none is read from stdin.
 */
function withoutSudo(words: readonly string[]): { argv: readonly string[]; privileged: boolean } {
  if (words[0] !== 'sudo') return { argv: words, privileged: false };
  let index = 1;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') {
      index += 1;
      break;
    }
    if (!word.startsWith('-')) break;
    if (word === '-p') index += 1;
  }
  return { argv: words.slice(index), privileged: true };
}

const syslogCommand = 'ke_syslog';
const standardInput = '/dev/stdin';
/** The only file that `grep` reads in the lab. */
const socketTable = '/proc/net/tcp';

/** Replaces paths of the appliance by paths of the machine on which the lab runs. */
function replaceFilePaths(argv: readonly string[], space: FileSpace): string[] {
  const toRealPath = (path: string): string =>
    path === standardInput ? path : (space.locate(path) ?? space.noSuchFile);
  return argv.map((word, index) => {
    if (argv[index - 1] === '--pub-key') return toRealPath(word);
    return word.startsWith('--pub-key=') ? `--pub-key=${toRealPath(word.slice('--pub-key='.length))}` : word;
  });
}

function finish(channel: ServerChannel, code: number): void {
  if (!channel.writable) return;
  channel.exit(code);
  channel.end();
}

function refuse(channel: ServerChannel, refusal: { code: number; message: string }): void {
  channel.stderr.write(`${visibleText(refusal.message)}\n`);
  finish(channel, refusal.code);
}

/**
 * Serves the console's requests on an embedded appliance: the documented commands, and reading the syslog.
 * Doesn't log the use of sudo, because Debian logs it in auth.log.
 */
export function serveAdmin(options: {
  client: Connection;
  user: string;
  appliance: Appliance;
  loopback: Loopback;
  files: FileSpace;
  /** What reads the log now. It ends when the appliance stops. */
  readings: Set<Pick<LogReading, 'kill'>>;
  settings: Readonly<LoginSettings>;
}): void {
  const { client, appliance, loopback, files, readings, user, settings } = options;
  const forwards = serveAdminForwards(client);
  let sessions = 0;

  const serveLog = (channel: ServerChannel, words: readonly string[]): void => {
    try {
      const reading = startLogReading(appliance.config.syslog, words);
      reading.output.pipe(channel, { end: false });
      reading.errors.pipe(channel.stderr, { end: false });
      channel.once('close', reading.kill);
      readings.add(reading);
      reading.onEnd(({ code, message }) => {
        readings.delete(reading);
        if (message === undefined) finish(channel, code);
        else refuse(channel, { code, message });
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refuse(channel, {
        code: keExitCodeOf(error.code),
        message: `${syslogCommand}: ${error.code}: ${error.message}`,
      });
    }
  };

  const run = async (channel: ServerChannel, line: string): Promise<void> => {
    const words = parseWords(line);
    if (typeof words === 'string') return refuse(channel, { code: exit.usage, message: `sh: ${words}` });
    const { startWord, rest } = readStartWord(words);
    channel.write(settings.startupText);
    if (startWord !== null) channel.write(`${startWord}\n`);
    const { argv, privileged } = withoutSudo(withoutEnvironment(rest));
    const name = basename(argv[0] ?? '');
    const isCommand = keCommandNames.includes(name);
    // On Debian, only `ke_status` works without root rights. The lab must check this, because its files
    // belong to the user who started it.
    if ((isCommand || name === syslogCommand) && !privileged && name !== 'ke_status')
      return refuse(channel, {
        code: keExitCodes.notPermitted,
        message: `${name}: NOT_PERMITTED: needs root; use sudo`,
      });
    if (isCommand) {
      const caller = privileged ? `${user} via sudo` : user;
      const code = await runNamedCommand({
        argv: [name, ...replaceFilePaths(argv.slice(1), files)],
        appliance: { ...appliance, caller },
        stdin: channel,
        stdout: channel,
        stderr: channel.stderr,
      });
      return finish(channel, code);
    }
    if (name === syslogCommand) return serveLog(channel, argv.slice(1));
    if (name === 'grep' && argv.includes(socketTable)) {
      channel.write(forwards.socketTable());
      return finish(channel, 0);
    }
    if (name === 'ss') {
      try {
        channel.write(await listSockets(argv, loopback.address));
      } catch (thrown) {
        const isMissing = systemErrorCode(thrown) === 'ENOENT';
        return refuse(channel, {
          code: isMissing ? exit.notFound : exit.usage,
          message: `ss: ${isMissing ? 'command not found' : thrown instanceof Error ? thrown.message : 'failed'}`,
        });
      }
      return finish(channel, 0);
    }
    // On Debian, only root and the group adm may read the log, and this administrator is not in that group.
    if (name === 'tail' && !privileged)
      return refuse(channel, {
        code: 1,
        message: `tail: cannot open '${argv.at(-1) ?? ''}' for reading: Permission denied`,
      });
    refuse(channel, { code: exit.notFound, message: `${name === '' ? 'sh' : name}: command not found` });
  };

  client.on('session', (acceptSession, rejectSession) => {
    if (sessions >= settings.maxSessions) return rejectSession();
    sessions += 1;
    const session: Session = acceptSession();
    session.once('close', () => {
      sessions -= 1;
    });
    session.on('exec', (accept, _reject, info) => {
      const channel = accept();
      channel.on('error', () => undefined);
      void run(channel, info.command);
    });
    session.on('sftp', (accept) => serveFiles(accept(), files));
    session.on('shell', (accept) => {
      refuse(accept(), { code: exit.notFound, message: 'there is no shell on this appliance' });
    });
  });
  client.on('tcpip', (accept, reject, { destIP, destPort }) => {
    if (!ownAddresses.includes(destIP) || !hasPort([appliance.config.portRange], destPort)) {
      reject();
      return;
    }
    const socket = connect({ ...loopback.locate(destPort), allowHalfOpen: true, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      joinChannel(accept(), socket);
    });
  });
}
