import type { BoxSystem } from './boxSystem.ts';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

function ip(box: BoxSystem, ...argv: string[]) {
  return run('nsenter', [`--net=/proc/${box.pid}/ns/net`, 'ip', ...argv]);
}

/**
 * Connects boxes by an additional network, with the first box as its switch. Resolves with their addresses in
 * the same order. The network ends with the boxes. Needs root.
 */
export async function joinBoxes(boxes: readonly BoxSystem[]): Promise<string[]> {
  const [first, ...others] = boxes;
  if (first === undefined) return [];
  const addresses = boxes.map((_, index) => `10.77.0.${index + 1}`);
  await ip(first, 'link', 'add', 'lan', 'type', 'bridge');
  await ip(first, 'addr', 'add', `${addresses[0] ?? ''}/24`, 'dev', 'lan');
  await ip(first, 'link', 'set', 'lan', 'up');
  for (const [index, box] of others.entries()) {
    const socket = `lan${randomBytes(3).toString('hex')}`;
    const peer = ['peer', 'name', 'lan', 'netns', `${box.pid}`];
    await ip(first, 'link', 'add', socket, 'type', 'veth', ...peer);
    await ip(first, 'link', 'set', socket, 'master', 'lan', 'up');
    await ip(box, 'addr', 'add', `${addresses[index + 1] ?? ''}/24`, 'dev', 'lan');
    await ip(box, 'link', 'set', 'lan', 'up');
  }
  return addresses;
}
