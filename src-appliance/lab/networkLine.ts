import { connect, createServer, type Socket } from 'node:net';
import { listenOn } from './loopback.ts';

/** A network connection between a tenant and its appliance. It can fail like a real connection. */
export type NetworkLine = {
  host: string;
  port: number;
  /** From now on, passes neither data nor a close. Both sides then have a dead connection. */
  cut: () => void;
  /** Carries new connections again. Those from before are reset. */
  mend: () => void;
  close: () => void;
};

export async function createNetworkLine(options: {
  to: { host: string; port: number };
  sourceAddress: string | null;
}): Promise<NetworkLine> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const relay = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => {
      if (!isCut && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => {
      if (!isCut) to.end();
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      if (!isCut) to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    keep(near);
    if (isCut) {
      near.on('error', () => undefined).resume();
      return;
    }
    const far = connect({
      ...options.to,
      allowHalfOpen: true,
      noDelay: true,
      ...(options.sourceAddress === null ? {} : { localAddress: options.sourceAddress }),
    });
    keep(far);
    relay(near, far);
    relay(far, near);
  });
  const { host, port } = await listenOn(server, { host: '127.0.0.1', port: 0 });
  return {
    host,
    port,
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
