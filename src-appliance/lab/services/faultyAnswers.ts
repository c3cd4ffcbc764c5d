import type { Socket } from 'node:net';

/*
 * Ways in which a service may fail after it has accepted a connection. Imports nothing that runs, because a test runs
 * this file on another system.
 */

const head = 'HTTP/1.1 200 OK\r\nDAV: 1\r\nContent-Length: 0\r\n';
const garbage = '\u001b[2J\u001b[31mPWNED\u0007\u0000\u00ff\u001b]0;title\u0007';
const hugeHeaderBytes = 8 * 1024 * 1024;
const dripEveryMs = 1000;

function drip(socket: Socket): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(head[sent % head.length] ?? '');
    sent += 1;
  }, dripEveryMs);
  socket.once('close', () => clearInterval(timer));
}

/**
 * What a faulty service does with a connection.
 *
 *   silent        never answers
 *   resets        resets it at once
 *   closes        closes it at once
 *   resets-late   resets it when the request arrives
 *   drips         answers with one byte a second
 *   garbage       answers with terminal controls and no protocol
 *   huge-header   answers with a header of 8 MB
 */
export const faultyAnswers = {
  silent: (socket) => void socket.resume(),
  resets: (socket) => void socket.resetAndDestroy(),
  closes: (socket) => void socket.end(),
  'resets-late': (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  drips: drip,
  garbage: (socket) => void socket.once('data', () => socket.write(garbage, 'latin1')),
  'huge-header': (socket) =>
    void socket.once('data', () => socket.write(`${head}X-Padding: ${'a'.repeat(hugeHeaderBytes)}\r\n\r\n`)),
} as const satisfies Record<string, (socket: Socket) => void>;
export type FaultyAnswer = keyof typeof faultyAnswers;

export const isFaultyAnswer = (name: string): name is FaultyAnswer => Object.hasOwn(faultyAnswers, name);
