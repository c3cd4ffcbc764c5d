import { expect, onTestFinished, test } from 'vitest';
import { createCable } from '../../test-support/networkCable.ts';
import { startOwnNetwork } from '../../test-support/ownNetwork.ts';

async function connectNetwork(chooseBlock?: () => number) {
  const network = await startOwnNetwork();
  onTestFinished(network.stop);
  const cable = await createCable(network.pid, chooseBlock);
  onTestFinished(cable.remove);
  return cable;
}

test('when a cable would get the addresses of another one, it gets others', async () => {
  const first = await connectNetwork();
  const block = Number.parseInt(first.devices[0].slice(2, -1), 16);
  const proposals = [block, block, (block + 1) % 8192, (block + 2) % 8192, (block + 3) % 8192];
  const second = await connectNetwork(() => proposals.shift() ?? 0);
  expect(proposals.length).toBeLessThan(3);
  expect(second.devices[0]).not.toBe(first.devices[0]);
  expect(second.address).not.toBe(first.address);
});

test('when twenty networks are connected at once and five would get the same addresses, all addresses differ', async () => {
  let asked = 0;
  const start = Math.floor(Math.random() * 8000);
  const cables = await Promise.all(
    Array.from({ length: 20 }, () => connectNetwork(() => start + (Math.floor(asked++ / 5) % 100))),
  );
  expect(asked).toBeGreaterThan(20);
  expect(new Set(cables.map(({ address }) => address)).size).toBe(20);
});
