import type { Appliance } from '../core/appliance.ts';
import type { Loopback } from './loopback.ts';
import type { ChildProcess } from 'node:child_process';
import type { Connection, ServerChannel, Session } from 'ssh2';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { visibleText } from '../../src-shared/model/machineText.ts';
import { hasPort } from '../../src-shared/model/ports.ts';
import { exitCodes } from '../commands/exitCodes.ts';
import { keCommandNames, runKeCommand } from '../commands/runKeCommand.ts';
import { joinChannel } from '../connect/joinChannel.ts';
import type { FileSpace } from './fileSpace.ts';
import { serveFiles } from './fileTransfer.ts';
import { parseWords } from './words.ts';

const exit = { usage: 2, notFound: 127 } as const;
const ownAddresses = ['127.0.0.1', 'localhost', '::1'];

/** Takes a leading `env NAME=VALUE …` off: nothing that runs here speaks another language than the one asked for. */
function withoutEnvironment(words: readonly string[]): readonly string[] {
  if (words[0] !== 'env') return words;
  const command = words.findIndex((word, index) => index > 0 && !/^[A-Za-z_]\w*=/u.test(word));
  return command === -1 ? [] : words.slice(command);
}

/** Takes `sudo` and its options off. The administrator needs no password here, so one on stdin is not asked for. */
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

type Tail = { unit: '-n' | '-c'; count: string; follow: boolean; file: string };

/** `tail -n LINES -F FILE` and `tail -c BYTES FILE`, in the forms that tail takes; null for anything else. */
function readTail(argv: readonly string[]): Tail | null {
  let unit: Tail['unit'] = '-n';
  let count = '10';
  let follow = false;
  const files: string[] = [];
  for (let index = 1; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '-n' || word === '-c') {
      index += 1;
      unit = word;
      count = argv[index] ?? '';
    } else if (word.startsWith('--lines=')) count = word.slice('--lines='.length);
    else if (word === '-F' || word === '--follow=name') follow = true;
    else if (word !== '--') files.push(word);
  }
  const [file] = files;
  return files.length === 1 && file !== undefined && /^\+?\d{1,7}$/u.test(count)
    ? { unit, count, follow, file }
    : null;
}

const standardInput = '/dev/stdin';

/** Files that a command is told of are the appliance's, not those of the machine that the lab runs on. */
function withOwnFiles(argv: readonly string[], space: FileSpace): string[] {
  const own = (path: string): string =>
    path === standardInput ? path : (space.locate(path) ?? space.noSuchFile);
  return argv.map((word, index) => {
    if (argv[index - 1] === '--pub-key') return own(word);
    return word.startsWith('--pub-key=') ? `--pub-key=${own(word.slice('--pub-key='.length))}` : word;
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
 * What the console may do on an embedded appliance: the documented commands, and reading the syslog. Who ran sudo is not
 * written there: Debian keeps that in auth.log.
 */
export function serveAdmin(options: {
  client: Connection;
  user: string;
  appliance: Appliance;
  loopback: Loopback;
  files: FileSpace;
  /** Started processes; whoever stops the appliance ends them. */
  children: Set<ChildProcess>;
}): void {
  const { client, appliance, loopback, files, children, user } = options;

  const runTail = (channel: ServerChannel, tail: Tail): void => {
    const follow = tail.follow ? ['-F'] : [];
    const child = spawn('tail', [tail.unit, tail.count, ...follow, '--', tail.file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    channel.once('close', () => child.kill());
    child.once('error', () => refuse(channel, { code: exit.notFound, message: 'tail: command not found' }));
    child.once('close', (code) => {
      children.delete(child);
      finish(channel, code ?? 0);
    });
  };

  const run = async (channel: ServerChannel, line: string): Promise<void> => {
    const words = parseWords(line);
    if (typeof words === 'string') return refuse(channel, { code: exit.usage, message: `sh: ${words}` });
    const { argv, privileged } = withoutSudo(withoutEnvironment(words));
    const name = basename(argv[0] ?? '');
    if (keCommandNames.includes(name)) {
      // On Debian all but the status need root's files; the lab's belong to whoever started it.
      if (!privileged && name !== 'ke_status')
        return refuse(channel, {
          code: exitCodes.notPermitted,
          message: `${name}: NOT_PERMITTED: only root may; use sudo`,
        });
      const caller = privileged ? `${user} via sudo` : user;
      const code = await runKeCommand({
        argv: [name, ...withOwnFiles(argv.slice(1), files)],
        appliance: { ...appliance, caller },
        stdin: channel,
        stdout: channel,
        stderr: channel.stderr,
      });
      return finish(channel, code);
    }
    const tail = name === 'tail' ? readTail(argv) : null;
    // The log, and the one before its last rotation.
    const { syslog } = appliance.config;
    if (tail !== null && [syslog, `${syslog}.1`].includes(tail.file)) return runTail(channel, tail);
    refuse(channel, { code: exit.notFound, message: `${name === '' ? 'sh' : name}: command not found` });
  };

  client.on('session', (acceptSession) => {
    const session: Session = acceptSession();
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
  client.on('request', (_accept, reject) => reject?.());
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
