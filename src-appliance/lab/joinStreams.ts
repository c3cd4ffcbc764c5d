import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Carries both directions; each ends on its own, an error on one side ends both. */
export function joinStreams(channel: Duplex, socket: Socket): void {
  const giveUp = (): void => {
    socket.destroy();
    channel.destroy();
  };
  socket.once('error', giveUp);
  channel.once('error', giveUp);
  channel.once('close', () => socket.destroy());
  socket.once('close', () => channel.destroy());
  channel.pipe(socket);
  socket.pipe(channel);
}
