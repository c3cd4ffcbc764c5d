import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/*
 * A program: a service on many ports, each of which can be healthy or faulty. It runs in a box, so it imports nothing
 * but Node. It reads lines `PORT BEHAVIOUR` and repeats each line when the port behaves so.
 */

const behaviours = [
  'webdav',
  'closed',
  'silent',
  'reset',
  'reset-late',
  'end',
  'drip',
  'garbage',
  'huge',
] as const;
/**
 * `webdav` is healthy. `closed`: nothing listens. `silent`: accepts and never answers. `reset`, `end`: closes at
 * once. `reset-late`: resets when the request arrives. `drip`: one byte a second. `garbage`: no protocol, with
 * terminal controls. `huge`: a header of 8 MB.
 */
export type ServiceBehaviour = (typeof behaviours)[number];

const head = 'HTTP/1.1 200 OK\r\nDAV: 1\r\nContent-Length: 0\r\n';
const garbage = '\u001b[2J\u001b[31mPWNED\u0007\u0000\u00ff\u001b]0;title\u0007';
const headerBytes = 8 * 1024 * 1024;

function answerWebdav(socket: Socket): void {
  let request = '';
  socket.on('data', (chunk) => {
    request += chunk.toString('latin1');
    if (!/^[A-Z]/u.test(request)) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    if (!request.includes('\r\n\r\n')) return;
    request = '';
    socket.write(`${head}\r\n`);
  });
  socket.on('end', () => socket.end());
}

function drip(socket: Socket): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(head[sent % head.length] ?? '');
    sent += 1;
  }, 1000);
  socket.once('close', () => clearInterval(timer));
}

const serve: Record<ServiceBehaviour, (socket: Socket) => void> = {
  webdav: answerWebdav,
  closed: (socket) => socket.destroy(),
  silent: (socket) => socket.resume(),
  reset: (socket) => socket.resetAndDestroy(),
  'reset-late': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  end: (socket) => socket.end(),
  drip,
  garbage: (socket) => socket.once('data', () => socket.write(garbage, 'latin1')),
  huge: (socket) =>
    socket.once('data', () => socket.write(`${head}X-Padding: ${'a'.repeat(headerBytes)}\r\n\r\n`)),
};

type Port = { behaviour: ServiceBehaviour; server: Server | null; sockets: Set<Socket> };
const ports = new Map<number, Port>();

async function listen(number: number, port: Port): Promise<void> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    port.sockets.add(socket);
    socket.once('close', () => port.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve[port.behaviour](socket);
  });
  port.server = server;
  server.listen(number, '0.0.0.0');
  await once(server, 'listening');
}

async function behave(number: number, behaviour: ServiceBehaviour): Promise<void> {
  const port = ports.get(number) ?? { behaviour, server: null, sockets: new Set<Socket>() };
  ports.set(number, port);
  port.behaviour = behaviour;
  if (behaviour === 'closed') {
    port.server?.close();
    port.server = null;
    for (const socket of port.sockets) socket.destroy();
  } else if (port.server === null) await listen(number, port);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [number, name] = line.split(' ');
  const behaviour = behaviours.find((one) => one === name);
  if (behaviour === undefined) throw new Error(`no behaviour ${name ?? ''}`);
  await behave(Number(number), behaviour);
  process.stdout.write(`${line}\n`);
}
process.exit(0);
