import type { ControlAnswer, ControlRequest } from './controlProtocol.ts';
import { once } from 'node:events';
import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../src-shared/errors.ts';
import { createLineCutter } from '../core/messageLines.ts';
import { controlRequestSchema, longestRequest } from './controlProtocol.ts';
import { endpointOf } from './socketPath.ts';

const idleMs = 10_000;
const goodbyeMs = 1_000;
const mostClients = 16;

export type ControlSocket = {
  /** Gives the name up, then calls `released`, and resolves once those who wait for an answer have it. */
  close: (released: () => void) => Promise<void>;
};

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function inodeOf(path: string): number | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isSocket())
    throw new AppError('INVALID_INPUT', `${path} is there and is no socket; nothing was removed`);
  return found.ino;
}

const alreadyRuns = (path: string): AppError =>
  new AppError('ALREADY_EXISTS', `a Connect already runs on the socket ${path}`);

/** Takes the name of a socket away if it is the one that nobody answers on; two that start at once must not both. */
async function removeStale(path: string): Promise<void> {
  const inode = inodeOf(path);
  if (inode === null) return;
  if (await isAnswered(path)) throw alreadyRuns(path);
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch {
    // Another start took it away first; who gets the name is decided below.
    return;
  }
  if (inodeOf(aside) !== inode) {
    linkSync(aside, path);
    unlinkSync(aside);
    throw alreadyRuns(path);
  }
  unlinkSync(aside);
}

async function listen(server: Server, endpoint: string): Promise<void> {
  // The socket must never be open to others, not even between being made and a chmod.
  const before = process.umask(0o177);
  try {
    server.listen(endpoint);
  } finally {
    process.umask(before);
  }
  await once(server, 'listening');
}

/** Listens beside the name and then links it, which fails where the name is taken: there is no moment for a second. */
async function claim(server: Server, path: string): Promise<void> {
  await removeStale(path);
  const aside = `${path}.${process.pid}`;
  await listen(server, aside);
  try {
    linkSync(aside, path);
  } catch (cause) {
    server.close();
    throw new AppError('ALREADY_EXISTS', `a Connect already runs on the socket ${path}`, { cause });
  }
  unlinkSync(aside);
}

/**
 * Opens the local socket, 0600, and answers on it. Throws AppError ALREADY_EXISTS where a Connect answers there
 * already; a socket that a dead one left is taken over.
 */
export async function openControlSocket(options: {
  path: string;
  answer: (request: ControlRequest) => Promise<ControlAnswer>;
}): Promise<ControlSocket> {
  const endpoint = endpointOf(options.path);
  const reply = async (line: string): Promise<ControlAnswer> => {
    let content: unknown;
    try {
      content = JSON.parse(line);
    } catch {
      content = null;
    }
    const request = controlRequestSchema.safeParse(content);
    if (!request.success) return { outcome: 'failed', message: 'not a request that this Connect knows' };
    return options.answer(request.data);
  };
  const serve = (socket: Socket): void => {
    const cut = createLineCutter(longestRequest);
    let asked = false;
    socket.setTimeout(idleMs, () => asked || socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const line = cut(chunk)[0];
      if (line === undefined || asked) return;
      asked = true;
      void reply(line ?? '').then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  };
  const server = createServer({ allowHalfOpen: false }, serve);
  server.maxConnections = mostClients;
  try {
    if (process.platform === 'win32') await listen(server, endpoint);
    else await claim(server, endpoint);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INVALID_INPUT', `the socket ${options.path} can not be opened`, { cause });
  }
  server.on('error', () => undefined);
  const own = process.platform === 'win32' ? null : inodeOf(endpoint);
  return {
    close: async (released) => {
      const closed = once(server, 'close');
      server.close();
      try {
        if (own !== null && inodeOf(endpoint) === own) unlinkSync(endpoint);
      } catch {
        // Somebody put something else there: it is not ours to remove.
      }
      released();
      await Promise.race([closed, delay(goodbyeMs, undefined, { ref: false })]);
    },
  };
}
