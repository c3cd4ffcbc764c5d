import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { createNonce } from './peer.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Maximum length of a client's first line in bytes. A key of 16,384 bits takes 3,000 bytes. */
const maxRequestLength = 32 * 1024;
const requestTimeoutMs = 10 * secondMs;
/**
 * Maximum number of clients that haven't sent their request yet. Further clients wait in the kernel's queue
 * and retry.
 */
const maxWaiting = 256;

export type Request = { words: string[]; nonce: string; socket: Socket };

async function isServed(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Reads the first line, which the client sends after it got its nonce. Null if the line is too long or too
 * slow, or if more data follows it.
 */
function readRequest(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (line: string | null) => {
      socket.setTimeout(0);
      socket.off('data', onData).off('timeout', onEnd).off('close', onEnd).off('end', onEnd);
      socket.pause();
      resolve(line);
    };
    const onEnd = () => finish(null);
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const newline = text.indexOf('\n');
      if (newline === text.length - 1) finish(text.slice(0, -1));
      else if (newline !== -1 || text.length > maxRequestLength) finish(null);
    };
    socket.setTimeout(requestTimeoutMs);
    socket.on('data', onData).on('timeout', onEnd).on('close', onEnd).on('end', onEnd);
  });
}

/**
 * Listens on a Unix socket and passes on each client's request and nonce. Throws if another process listens
 * on the socket. `mode` is the socket's file mode; the mode of its folder decides who can reach it.
 */
export async function openGate(options: {
  path: string;
  mode: number;
  onRequest: (request: Request) => Promise<void>;
  onFailure: (error: unknown) => void;
}): Promise<void> {
  const { path } = options;
  if (await isServed(path)) throw new Error(`another process serves ${path}`);
  await rm(path, { force: true });
  let waiting = 0;
  const receive = async (socket: Socket): Promise<void> => {
    const nonce = createNonce();
    socket.on('error', () => socket.destroy());
    socket.write(`hello ${nonce}\n`);
    waiting += 1;
    const line = await readRequest(socket);
    waiting -= 1;
    if (line === null) socket.destroy();
    else await options.onRequest({ words: line.split(' '), nonce, socket });
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (waiting >= maxWaiting) {
      socket.destroy();
      return;
    }
    receive(socket).catch((error: unknown) => {
      socket.destroy();
      options.onFailure(error);
    });
  });
  server.listen({ path });
  await once(server, 'listening');
  await chmod(path, options.mode);
}
