import type { Server } from 'node:http';
import { AppError } from '../../../src-shared/errors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/** How many free ports are tried, because a port that is free on 127.0.0.1 may be taken on ::1. */
const maxAttempts = 16;

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, ipv6Only: true, exclusive: true }, () => {
      server.off('error', reject);
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
    });
  });
}

/** Makes `server` listen on ::1. Returns false if this computer has no IPv6 loopback. */
async function listenOnIpv6(server: Server, port: number): Promise<boolean> {
  try {
    await listen(server, port, '::1');
    return true;
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return false;
    throw thrown;
  }
}

async function listenOnBoth(createServer: () => Server, port: number) {
  const servers = [createServer()];
  const [ipv4 = createServer()] = servers;
  const bound = await listen(ipv4, port, '127.0.0.1');
  try {
    const ipv6 = createServer();
    if (await listenOnIpv6(ipv6, bound)) servers.push(ipv6);
    return { port: bound, servers };
  } catch (thrown) {
    await new Promise((resolve) => ipv4.close(resolve));
    throw thrown;
  }
}

/**
 * Listens on the same port of 127.0.0.1 and ::1, because browsers use either, and another user's program must
 * not get the requests. Port 0 means any port that is free on both. Rejects with PORT_UNAVAILABLE.
 */
export async function listenOnLoopback(createServer: () => Server, port: number) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnBoth(createServer, port);
    } catch (thrown) {
      if (port === 0 && attempt < maxAttempts && systemErrorCode(thrown) === 'EADDRINUSE') continue;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new AppError('PORT_UNAVAILABLE', `Port ${port} of this computer can’t be used: ${reason}`, {
        detail: { port },
        cause: thrown,
      });
    }
  }
}
