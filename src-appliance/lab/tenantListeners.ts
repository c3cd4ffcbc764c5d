import type { Connection } from 'ssh2';
import { hasPort } from '../../src-shared/model/tenants/ports.ts';
import { joinChannel } from '../core/joinChannel.ts';
import { findTenantByKey, type Authorization } from '../core/tenants/authorization.ts';
import type { LiveConnection } from './liveConnections.ts';
import type { Loopback } from './loopback.ts';

const ownAddresses = ['127.0.0.1', 'localhost'];

/**
 * The listeners of a tenant's connection. The tenant may listen only on its present ports, on loopback.
 */
export function createTenantListeners(options: {
  client: Connection;
  authorization: Authorization;
  stateFolder: string;
  loopback: Loopback;
  listeners: LiveConnection['listeners'];
}) {
  const { client, authorization, stateFolder, listeners } = options;
  let isClosed = false;

  function mayListen(address: string, port: number): boolean {
    const tenant = findTenantByKey({ stateFolder, keyBlob: authorization.keyBlob });
    return (
      ownAddresses.includes(address) && tenant !== null && !tenant.suspended && hasPort(tenant.ports, port)
    );
  }

  const listen = (address: string, port: number) =>
    options.loopback.listen({
      port,
      onConnection: (socket) => {
        const from = { address: socket.remoteAddress ?? '127.0.0.1', port: socket.remotePort ?? 0 };
        socket.on('error', () => undefined);
        client.forwardOut(address, port, from.address, from.port, (error, channel) => {
          if (error === undefined) joinChannel(channel, socket);
          else socket.destroy();
        });
      },
    });

  function close(port: number): void {
    listeners.get(port)?.close();
    listeners.delete(port);
  }

  return {
    /**
     * Resolves with false if the tenant may not listen on this address and port, or if the port is in use.
     */
    open: async (address: string, port: number): Promise<boolean> => {
      if (!mayListen(address, port) || listeners.has(port)) return false;
      try {
        const listener = await listen(address, port);
        if (isClosed) listener.close();
        else listeners.set(port, listener);
        return true;
      } catch {
        return false;
      }
    },
    close,
    closeAll: (): void => {
      isClosed = true;
      for (const port of listeners.keys()) close(port);
    },
  };
}
