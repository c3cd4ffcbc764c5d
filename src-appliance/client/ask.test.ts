import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

/* The program that is installed, with an observer of the test. */

const client = join(import.meta.dirname, 'bin', `sallyport-client-${process.arch}`);
const notServed = 69;
/** How long the client waits for a busy observer. */
const patienceMs = 30_000;
const hello = `hello ${'n'.repeat(15)}\n`;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-ask-'));
  path = join(folder, 'socket');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ask() {
  const startedAt = performance.now();
  const child = spawn(client, ['ask', path, 'status'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (out += text));
  await once(child, 'close');
  return { code: child.exitCode, out, ms: performance.now() - startedAt };
}

/** Listens as the observer does. `onClient` gets the clients by their number. */
async function listen(onClient: (socket: Socket, number: number) => void): Promise<void> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    onClient(socket, (count += 1));
  });
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

/** An observer that was stopped, whose queue has room for `backlog` clients. */
async function listenAndStop(backlog: number): Promise<void> {
  const code = `require('net').createServer().listen({ path: process.argv[1], backlog: ${backlog} }, () => console.log('ready'))`;
  const child = spawn(process.execPath, ['-e', code, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
}

test('when the observer is busy for seconds, waits for its answer', async () => {
  await listen((socket) => {
    setTimeout(() => socket.write(hello), 3000);
    socket.once('data', () => setTimeout(() => socket.end('exit 0 5\nfine\n'), 3000));
  });
  expect(await ask()).toMatchObject({ code: 0, out: 'fine\n' });
});

test('when the observer has too many clients, asks again', async () => {
  await listen((socket, number) => {
    if (number < 3) return void socket.destroy();
    socket.write(hello);
    socket.once('data', () => socket.end('exit 6 7\nno one\n'));
  });
  expect(await ask()).toMatchObject({ code: 6, out: 'no one\n' });
});

test('when the observer was stopped, gives up within seconds', async () => {
  await listenAndStop(511);
  const { code, out, ms } = await ask();
  expect([code, out]).toEqual([notServed, '']);
  expect(ms).toBeLessThan(patienceMs);
});

test('when the observer was stopped and its queue is full, gives up too', async () => {
  await listenAndStop(1);
  for (let count = 0; count < 4; count += 1) {
    const waiting = connect({ path });
    onTestFinished(() => void waiting.destroy());
    // Rejects once the queue is full.
    await once(waiting, 'connect').catch(() => undefined);
  }
  const { code, out, ms } = await ask();
  expect([code, out]).toEqual([notServed, '']);
  expect(ms).toBeLessThan(patienceMs);
});

test('when the observer ends before it answers, or does not run, gives up at once', async () => {
  await listen((socket) => {
    socket.write(hello);
    socket.once('data', () => socket.destroy());
  });
  expect(await ask()).toMatchObject({ code: notServed, out: '' });
  path = join(folder, 'other');
  const gone = await ask();
  expect(gone).toMatchObject({ code: notServed, out: '' });
  expect(gone.ms).toBeLessThan(patienceMs);
});
