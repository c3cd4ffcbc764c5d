import { once } from 'node:events';
import { createServer } from 'node:net';
import type { PortRange } from '../src-shared/model/ports.ts';
import { readTcpSockets } from '../src-appliance/core/procfs.ts';

/** Above the appliances' own ports, below those that the kernel gives to outgoing connections. */
const firstDoor = 10_240;
const blockSize = 256;
const blocks = 80;

/** Holds the block for this process's life: whoever else wants it finds the port taken. */
async function takeDoor(port: number): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.unref();
  return true;
}

/**
 * A range of ports that nobody listens on, and that no other call gets, also in other processes: suites that run side
 * by side, or beside a lab, must not find each other's tenants behind their own ports.
 */
export async function takePortRange(size: number): Promise<PortRange> {
  if (size >= blockSize) throw new Error(`at most ${blockSize - 1} ports`);
  const taken = new Set((await readTcpSockets()).map((socket) => socket.localPort));
  const start = Math.floor(Math.random() * blocks);
  for (let turn = 0; turn < blocks; turn += 1) {
    const door = firstDoor + ((start + turn) % blocks) * blockSize;
    const range = { first: door + 1, last: door + size };
    const isFree = ![...taken].some((port) => port >= range.first && port <= range.last);
    if (isFree && (await takeDoor(door))) return range;
  }
  throw new Error('no free block of ports');
}
