import { createServer, type Server } from 'node:net';
import type { Connection } from 'ssh2';
import { joinChannel } from '../core/joinChannel.ts';
import { listenOn } from './loopback.ts';

const host = '127.0.0.1';
const hosts = ['', host, 'localhost'];

/** The columns of the kernel's table of sockets, as far as consoles read it. */
const heading = '  sl  local_address rem_address   st';

/**
 * The ports that an administrator's connection lends to the appliance (`ssh -R`), on loopback only. They end with the
 * connection.
 */
export function serveAdminForwards(client: Connection) {
  const open = new Map<number, Server>();

  async function listen(address: string, wanted: number): Promise<number> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      socket.on('error', () => undefined);
      const { remoteAddress = host, remotePort = 0 } = socket;
      client.forwardOut(address, port, remoteAddress, remotePort, (error, channel) => {
        if (error === undefined) joinChannel(channel, socket);
        else socket.destroy();
      });
    });
    const { port } = await listenOn(server, { host, port: wanted });
    open.set(port, server);
    return port;
  }

  function close(port: number): boolean {
    open.get(port)?.close();
    return open.delete(port);
  }

  client.on('request', (accept, reject, name, info) => {
    if (!('bindPort' in info) || !hosts.includes(info.bindAddr)) return reject?.();
    const { bindAddr, bindPort } = info;
    if (name === 'cancel-tcpip-forward') return close(bindPort) ? accept?.() : reject?.();
    listen(bindAddr, bindPort).then(
      (port) => accept?.(port),
      () => reject?.(),
    );
  });
  client.once('close', () => [...open.keys()].forEach(close));

  return {
    /** The lent ports as Linux prints its listening sockets in `/proc/net/tcp`. */
    socketTable: (): string => {
      const rows = [...open.keys()].map((port, index) => {
        const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
        return `${String(index).padStart(4)}: ${local} 00000000:0000 0A`;
      });
      return [heading, ...rows, ''].join('\n');
    },
  };
}
