import type { Socket } from 'node:net';
import type { Destination } from '../../../../src-shared/model/syslog/forward/destination.ts';
import { formatRfc5424, frameByLength } from '../../../../src-shared/model/syslog/forward/rfc5424.ts';
import { nothingRefused, type LogSender } from '../sender.ts';
import { destinationError, openConnection } from './connection.ts';
import { receiverOf } from './receiverOf.ts';
import { writeAll } from './writeAll.ts';

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
        socket = await openConnection(receiverOf(destination));
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
