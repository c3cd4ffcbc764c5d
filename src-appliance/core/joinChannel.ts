import type { Socket } from 'node:net';
import type { Channel } from 'ssh2';

const nothing = Buffer.alloc(0);

/**
 * Carries both directions between an SSH channel and a TCP socket that may be half open. The end of one direction is
 * passed on and does not affect the other. Data before an end still arrives; an error ends both.
 */
export function joinChannel(channel: Channel, socket: Socket): void {
  // ssh2 closes a server's channel as soon as it is ended. The end of one direction must be sent as EOF after all data.
  socket.pipe(channel, { end: false });
  socket.once('end', () => channel.write(nothing, () => channel.eof()));
  channel.pipe(socket);
  channel.once('close', () => socket.destroySoon());
  channel.once('error', () => socket.destroy());
  socket.on('error', () => channel.destroy());
  socket.once('close', (hadError) => {
    if (!hadError) channel.end(() => channel.close());
  });
}
