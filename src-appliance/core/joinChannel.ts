import type { Socket } from 'node:net';
import type { Channel } from 'ssh2';

const nothing = Buffer.alloc(0);

/**
 * Connects an SSH channel with a TCP socket in both directions. If one direction ends, the other continues.
 * Data before an end is still delivered. An error ends both directions.
 */
export function joinChannel(channel: Channel, socket: Socket): void {
  // Don't let `pipe` end the channel: ssh2 would close both directions. Send EOF instead, after all data.
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
