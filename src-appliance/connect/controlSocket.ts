import type { ControlAnswer, ControlRequest } from './controlProtocol.ts';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, renameSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AppError } from '../../src-shared/errors.ts';
import { controlRequestSchema, maxRequestBytes } from './controlProtocol.ts';
import { lock } from './lock.ts';
import { endpointOf } from './socketPath.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { race } from '../../src-shared/base/race.ts';
import { createMessageSplitter } from '../../src-shared/node/lineSplitter.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const idleMs = 10 * secondMs;
const goodbyeMs = secondMs;
const maxClients = 16;

export type ControlSocket = {
  /**
   * Removes the socket file, calls `released`, and resolves when all waiting clients have their replies.
   */
  close: (released: () => void) => Promise<void>;
};

/**
 * Whether a process listens on the socket. If the process has ended, connecting fails. If it is stopped or
 * busy, connecting works.
 */
async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    return code !== 'ECONNREFUSED' && code !== 'ENOENT';
  } finally {
    socket.destroy();
  }
}

function inodeOf(path: string): number | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isSocket())
    throw new AppError('INVALID_INPUT', `${path} exists and is not a socket; nothing was removed`);
  return found.ino;
}

async function listen(server: Server, endpoint: string): Promise<void> {
  // Set the umask, because a chmod after creation would come too late: others could open the socket before
  // it.
  const before = process.umask(0o177);
  try {
    server.listen(endpoint);
  } finally {
    process.umask(before);
  }
  await once(server, 'listening');
}

/**
 * Gives the socket its name, unless another Connect listens under that name. A lock is needed: after the
 * check, another process could replace the socket by one with the same inode number.
 */
async function claimName(server: Server, path: string): Promise<void> {
  const unlock = await lock(`${path}.lock`);
  try {
    if (inodeOf(path) !== null && (await isListening(path)))
      throw new AppError('ALREADY_EXISTS', `a Connect is already running on the socket ${path}`);
    const temporaryPath = `${path}.${randomBytes(4).toString('hex')}`;
    await listen(server, temporaryPath);
    renameSync(temporaryPath, path);
  } finally {
    unlock();
  }
}

/** Removes the socket file, unless it belongs to another Connect by now. */
async function removeSocket(path: string, inode: number): Promise<void> {
  const unlock = await lock(`${path}.lock`);
  try {
    if (inodeOf(path) === inode) unlinkSync(path);
  } finally {
    unlock();
  }
}

/**
 * Opens the local socket (mode 0600) and answers requests. Throws ALREADY_EXISTS if another Connect listens
 * on it. Replaces a socket that a killed process left.
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
    if (!request.success)
      return { outcome: 'failed', message: 'this version of Connect does not support the request' };
    return options.answer(request.data);
  };
  const serve = (socket: Socket): void => {
    const split = createMessageSplitter(maxRequestBytes);
    let asked = false;
    socket.setTimeout(idleMs, () => asked || socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const line = split(chunk)[0];
      if (line === undefined || asked) return;
      asked = true;
      void reply(line ?? '').then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  };
  const server = createServer({ allowHalfOpen: false }, serve);
  server.maxConnections = maxClients;
  try {
    if (process.platform === 'win32') await listen(server, endpoint);
    else await claimName(server, endpoint);
  } catch (cause) {
    server.close();
    if (cause instanceof AppError) throw cause;
    throw new AppError('INVALID_INPUT', `the socket ${options.path} cannot be opened`, { cause });
  }
  server.on('error', () => undefined);
  const own = process.platform === 'win32' ? null : inodeOf(endpoint);
  return {
    close: async (released) => {
      const closed = once(server, 'close');
      server.close();
      try {
        if (own !== null) await removeSocket(endpoint, own);
      } catch {
        // Nothing to remove: the folder is gone, or the name belongs to another file.
      }
      released();
      await race(closed, { timeoutMs: goodbyeMs, onTimeout: () => undefined });
    },
  };
}
