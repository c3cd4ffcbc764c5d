import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { windowLimits } from '../../../src-shared/model/licence/connectedWindow.ts';
import { describeError } from '../../ssh/transport/connectError.ts';

const connectMs = 15 * secondMs;
/** How long a connection that is being made may still be made, so that it can be reset. */
const maxConnectingMs = 200;
/** A connection that is still open after this time is counted as open. */
const maxEndMs = 5 * secondMs;
const { bytes: maxBytes, connections: maxConnections } = windowLimits;

/** What a bounded egress has carried. `sent`: from the appliance to the authority. */
export type EgressCounts = { sentBytes: number; receivedBytes: number; connections: number };

/**
 * Without a reset, the connection would stay half open until the authority closes its side. One that is not known to be
 * made yet may be made already, and is reset as soon as it is known.
 */
function reset(socket: Socket): void {
  if (socket.destroyed || socket.writableEnded) return;
  if (socket.connecting) setTimeout(() => socket.destroy(), maxConnectingMs);
  socket.resetAndDestroy();
}

/**
 * Connects each channel that it takes with one host and port, from this computer, and with nothing else. More than the
 * permitted connections are refused; more than the permitted bytes call `onTooManyBytes`.
 */
export function createEgress(options: {
  target: { host: string; port: number };
  onTooManyBytes: () => void;
}) {
  const { target } = options;
  const name = `${target.host}:${target.port}`;
  const open = new Set<{ channel: Duplex; socket: Socket; closed: Promise<void> }>();
  const counts: EgressCounts = { sentBytes: 0, receivedBytes: 0, connections: 0 };
  let isEnded = false;
  let problem: AppError | null = null;

  function count(way: 'sentBytes' | 'receivedBytes', chunk: Buffer): void {
    counts[way] += chunk.length;
    if (counts.sentBytes + counts.receivedBytes > maxBytes) options.onTooManyBytes();
  }

  function fail(error: unknown): void {
    const message = `This computer can’t connect to ${name}: ${describeError(error)}.`;
    problem = new AppError('AUTHORITY_UNREACHABLE', message, { cause: error });
  }

  function join(channel: Duplex, socket: Socket): void {
    channel.on('data', (chunk: Buffer) => count('sentBytes', chunk));
    socket.on('data', (chunk: Buffer) => count('receivedBytes', chunk));
    // The appliance ends a connection only after the answer, and a socket that was half closed can't be reset.
    channel.pipe(socket, { end: false });
    socket.pipe(channel);
    channel.once('end', () => reset(socket));
  }

  function dial(channel: Duplex): void {
    const socket = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const ended = Promise.withResolvers<void>();
    const pair = { channel, socket, closed: ended.promise };
    open.add(pair);
    counts.connections += 1;
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), connectMs);
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.on('error', () => undefined);
      join(channel, socket);
    });
    channel.on('error', () => undefined);
    channel.once('close', () => reset(socket));
    socket.once('close', () => {
      clearTimeout(timer);
      channel.destroy();
      open.delete(pair);
      ended.resolve();
    });
  }

  return {
    take: (channel: Duplex): void => {
      const isFull = open.size >= maxConnections.open || counts.connections >= maxConnections.total;
      if (isEnded || isFull) channel.destroy();
      else dial(channel);
    },
    counts: (): EgressCounts => ({ ...counts }),
    /** Why the last connection that failed could not be made. Null if none has failed. */
    problem: () => problem,
    /** Ends all connections and takes no others. Resolves with the number of connections that are still open. */
    end: async (): Promise<number> => {
      isEnded = true;
      const pairs = [...open];
      for (const { channel, socket } of pairs) {
        reset(socket);
        channel.destroy();
      }
      const closed = Promise.all(pairs.map((pair) => pair.closed));
      await race(closed, { timeoutMs: maxEndMs, onTimeout: () => [] });
      return open.size;
    },
  };
}
