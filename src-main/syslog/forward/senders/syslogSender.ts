import type { Socket } from 'node:net';
import { race } from '../../../../src-shared/base/race.ts';
import type { Destination } from '../../../../src-shared/model/syslog/forward/destination.ts';
import { formatRfc5424, frameByLength } from '../../../../src-shared/model/syslog/forward/rfc5424.ts';
import { nothingRefused, type LogSender } from '../sender.ts';
import { answerTimeoutMs, destinationError, openConnection } from './connection.ts';

/** Resolves once the network took all bytes. */
async function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  const written = Promise.withResolvers<void>();
  const onClose = () => written.reject(new Error('the connection broke while lines were sent'));
  socket.once('close', onClose);
  socket.write(bytes, (error) => (error == null ? written.resolve() : written.reject(error)));
  try {
    await race(written.promise, {
      timeoutMs: answerTimeoutMs,
      onTimeout: () => {
        throw new Error('it took nothing for 30 s');
      },
    });
  } finally {
    socket.off('close', onClose);
  }
}

/** Sends messages of RFC 5424, each with its length before it, over TLS (RFC 5425). */
export function createSyslogSender(destination: Destination): LogSender {
  let socket: Socket | null = null;
  const close = () => {
    socket?.destroy();
    socket = null;
  };

  return {
    send: async (lines) => {
      if (socket === null || socket.destroyed || socket.readableEnded) {
        close();
        socket = await openConnection(destination);
        // A receiver sends nothing; reading lets its end be seen.
        socket.resume();
      }
      const frames = lines.map((line) => frameByLength(formatRfc5424(line)));
      try {
        await writeAll(socket, Buffer.concat(frames));
      } catch (thrown) {
        close();
        throw destinationError(destination.name, thrown);
      }
      return nothingRefused;
    },
    close: () => {
      // What was written is sent before the end.
      socket?.end();
      socket = null;
    },
  };
}
