import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * These ports are lower than those that the kernel gives to connections, so that no connection occupies one
 * before its service starts.
 */
const servicePorts = { first: 10_000, last: 32_767 };
/** Each worker of a test run has its own part of them, so that none takes a port which another one has chosen. */
const parts = 8;
const partSize = Math.floor((servicePorts.last + 1 - servicePorts.first) / parts);
const firstOfPart =
  servicePorts.first + (Number(process.env['VITEST_POOL_ID'] ?? randomInt(parts)) % parts) * partSize;
const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** Returns a loopback port on which nothing listens now, and a different one at each call. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(firstOfPart, firstOfPart + partSize);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

/** Returns as many different ports like `freePort`. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
