import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLoopback, reserveLoopbackNetwork } from './loopback.ts';

const greet = (socket: Socket): void => void socket.end('here');

async function read(at: { host: string; port: number }): Promise<string> {
  const socket = connect(at);
  const [chunk] = await once(socket, 'data');
  socket.destroy();
  return String(chunk);
}

describe('an appliance’s loopback', () => {
  it.each([
    ['with an address of its own', '127.251.0.1', true],
    ['on a machine with one address', '127.0.0.1', false],
  ])('opens ports %s', async (_case, address, isOwn) => {
    const [one, other] = [createLoopback(address, isOwn), createLoopback(address, isOwn)];
    const open = await one.listen({ port: 2200, onConnection: greet });
    expect(await read(one.locate(2200))).toBe('here');
    await expect(one.listen({ port: 2200, onConnection: greet })).rejects.toThrow('use');
    // If the appliances share one address, they can still use the same port number.
    const second = isOwn ? null : await other.listen({ port: 2200, onConnection: greet });
    expect(other.locate(2200).port === one.locate(2200).port).toBe(isOwn);
    open.close();
    second?.close();
    const again = await one.listen({ port: 2200, onConnection: greet });
    again.close();
  });

  it('when two labs run, gives each its own network', async () => {
    const [first, second] = [await reserveLoopbackNetwork(), await reserveLoopbackNetwork()];
    const addresses = [first, second].flatMap((network) =>
      [0, 1].map((index) => network.appliance(index).address),
    );
    first.release();
    second.release();
    expect(new Set(addresses).size).toBe(4);
    expect(addresses.every((address) => address.startsWith('127.'))).toBe(true);
  });
});
