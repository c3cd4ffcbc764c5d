import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A port at which connections are neither accepted nor refused. */
export type BlackHole = { close: () => Promise<void> };

const program = `require('net').createServer().listen({ port: Number(process.argv[1]), host: '127.0.0.1', backlog: 1 },
  () => process.stdout.write('listening'))`;
/** More than the kernel keeps for a listener with the shortest queue. */
const fillers = 8;

/**
 * Opens a port as behind a firewall that drops packets, without root: a stopped process listens on it, and its queue
 * is full. The kernel then drops each further request for a connection.
 */
export async function openBlackHole(port: number): Promise<BlackHole> {
  const listener = spawn(process.execPath, ['-e', program, `${port}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(listener, 'exit');
  const isListening = await Promise.race([
    once(listener.stdout, 'data').then(() => true),
    ended.then(() => false),
  ]);
  if (!isListening) throw new Error(`port ${port} is in use`);
  listener.kill('SIGSTOP');
  const sockets: Socket[] = [];
  for (let index = 0; index < fillers; index += 1)
    sockets.push(connect({ host: '127.0.0.1', port }).on('error', () => undefined));
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listener.kill('SIGKILL');
      await ended;
    },
  };
}
