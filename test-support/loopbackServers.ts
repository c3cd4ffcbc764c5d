import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** Test servers on loopback. Tests connect to them directly instead of through a tunnel. */
export function createLoopbackServers() {
  const servers: { server: Server; sockets: Set<Socket> }[] = [];
  return {
    /** Starts a server. Resolves with its port. */
    serve: async (server: Server): Promise<number> => {
      const sockets = new Set<Socket>();
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => sockets.delete(socket));
      });
      server.on('tlsClientError', () => undefined);
      servers.push({ server, sockets });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      return address.port;
    },
    /** Ends all servers and their connections. */
    close: async (): Promise<void> => {
      for (const { server, sockets } of servers.splice(0)) {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      }
    },
  };
}
