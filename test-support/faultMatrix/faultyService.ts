import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  faultyAnswers,
  isFaultyAnswer,
  type FaultyAnswer,
} from '../../src-appliance/lab/services/faultyAnswers.ts';

/*
 * A program: a service on many ports, each of which can be healthy or faulty. It runs in a box and imports only Node
 * and the faulty answers. It reads lines `PORT BEHAVIOUR` and repeats each line when the port behaves so.
 */

/** `webdav` is healthy. `closed`: nothing listens on the port. */
export type ServiceBehaviour = 'webdav' | 'closed' | FaultyAnswer;

function answerWebdav(socket: Socket): void {
  let request = '';
  socket.on('data', (chunk) => {
    request += chunk.toString('latin1');
    if (!/^[A-Z]/u.test(request)) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    if (!request.includes('\r\n\r\n')) return;
    request = '';
    socket.write('HTTP/1.1 200 OK\r\nDAV: 1\r\nContent-Length: 0\r\n\r\n');
  });
  socket.on('end', () => socket.end());
}

type Port = { answer: (socket: Socket) => void; server: Server | null; sockets: Set<Socket> };
const ports = new Map<number, Port>();

async function listen(number: number, port: Port): Promise<void> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    port.sockets.add(socket);
    socket.once('close', () => port.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    port.answer(socket);
  });
  port.server = server;
  server.listen(number, '0.0.0.0');
  await once(server, 'listening');
}

async function behave(number: number, behaviour: string): Promise<void> {
  const port = ports.get(number) ?? { answer: answerWebdav, server: null, sockets: new Set<Socket>() };
  ports.set(number, port);
  if (behaviour === 'closed') {
    port.server?.close();
    port.server = null;
    for (const socket of port.sockets) socket.destroy();
    return;
  }
  port.answer = isFaultyAnswer(behaviour) ? faultyAnswers[behaviour] : answerWebdav;
  if (port.server === null) await listen(number, port);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [number, behaviour = ''] = line.split(' ');
  await behave(Number(number), behaviour);
  process.stdout.write(`${line}\n`);
}
process.exit(0);
