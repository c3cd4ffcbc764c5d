import { createServer, type Server, type Socket } from 'node:net';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

/** The loopback address 127.0.0.1 of one appliance, on a machine on which several appliances run. */
export type Loopback = {
  /** The real address that stands for the appliance's 127.0.0.1. */
  address: string;
  /** Listens on the appliance's `127.0.0.1:port`. Rejects with the system's error, e.g. EADDRINUSE. */
  listen: (request: {
    port: number;
    onConnection: (socket: Socket) => void;
  }) => Promise<{ close: () => void }>;
  /** The real host and port of the appliance's `127.0.0.1:port`. */
  locate: (port: number) => { host: string; port: number };
};

/**
 * Starts listening and returns host and port. Port 0 selects a free port. Rejects with the system's error.
 */
export function listenOn(
  server: Server,
  at: { host: string; port: number },
): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...at, exclusive: true }, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
      else resolve({ host: address.address, port: address.port });
    });
  });
}

/**
 * `isOwn`: only this appliance uses the address, so all its ports are free. Otherwise each port is replaced
 * by a free port.
 */
export function createLoopback(address: string, isOwn: boolean): Loopback {
  const moved = new Map<number, number>();
  return {
    address,
    locate: (port) => ({ host: address, port: moved.get(port) ?? port }),
    listen: async ({ port, onConnection }) => {
      if (moved.has(port)) throw new Error(`${port} is in use`);
      const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
      const real = await listenOn(server, { host: address, port: isOwn ? port : 0 });
      if (!isOwn) moved.set(port, real.port);
      return {
        close: () => {
          moved.delete(port);
          server.close();
        },
      };
    },
  };
}

/**
 * A lab listens on this port while it runs, so that a second lab chooses another network. It is just below
 * the tenants' ports.
 */
const markerPort = 2199;

/** The loopback addresses of one lab. */
export type LoopbackNetwork = {
  appliance: (index: number) => Loopback;
  /**
   * Source address of a tenant, so that each tenant looks like a separate site. Null if the machine has only
   * one loopback address.
   */
  tenant: (index: number) => string | null;
  release: () => void;
};

/**
 * Finds a free network 127.N.0.0/16, so that several appliances can use the tenants' ports 2200–5199. On a
 * system with only one loopback address (macOS), free ports are used instead.
 */
export async function reserveLoopbackNetwork(): Promise<LoopbackNetwork> {
  for (let network = 10; network < 250; network += 1) {
    const marker = createServer();
    try {
      await listenOn(marker, { host: `127.${network}.0.1`, port: markerPort });
    } catch (error) {
      if (systemErrorCode(error) === 'EADDRINUSE') continue;
      break;
    }
    const host = (offset: number, index: number): string =>
      `127.${network}.${offset + Math.floor(index / 250)}.${(index % 250) + 1}`;
    return {
      appliance: (index) => createLoopback(host(1, index), true),
      tenant: (index) => host(100, index),
      release: () => marker.close(),
    };
  }
  return {
    appliance: () => createLoopback('127.0.0.1', false),
    tenant: () => null,
    release: () => undefined,
  };
}
