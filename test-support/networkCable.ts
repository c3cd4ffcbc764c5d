import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...argv: string[]) => run('ip', argv);

/** A network connection between this network namespace and another one. */
export type NetworkCable = {
  /** The address of the other side. */
  address: string;
  /** Two addresses of this side, so that a test can drop the packets of only one. */
  near: readonly [string, string];
  /** The names of the two network devices; the one of this side is first. */
  devices: readonly [string, string];
  remove: () => Promise<void>;
};

/** Connects this network namespace with that of the process `pid`. Needs root. */
export async function createCable(pid: number): Promise<NetworkCable> {
  const id = randomBytes(3);
  const [near, far] = [`sp${id.toString('hex')}a`, `sp${id.toString('hex')}b`];
  // 198.18.0.0/15 is reserved for network benchmarks (RFC 2544). Each cable gets a random /28 of it, so that
  // two rarely get the same.
  const block = id.readUInt16BE(0) % 2 ** 13;
  const net = `198.${18 + (block >> 12)}.${(block >> 4) & 255}`;
  const base = (block & 15) * 16;
  const address = `${net}.${base + 10}`;
  const nearAddresses = [`${net}.${base + 1}`, `${net}.${base + 2}`] as const;
  await ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', `${pid}`);
  const remove = async () => {
    // The device may be gone, because it is removed with the other namespace.
    await ip('link', 'del', near).catch(() => undefined);
  };
  try {
    for (const own of nearAddresses) await ip('addr', 'add', `${own}/28`, 'dev', near);
    await ip('link', 'set', near, 'up');
    const inside = ['nsenter', `--net=/proc/${pid}/ns/net`, 'ip'] as const;
    const [program, ...words] = inside;
    await run(program, [...words, 'addr', 'add', `${address}/28`, 'dev', far]);
    await run(program, [...words, 'link', 'set', far, 'up']);
    await run(program, [...words, 'link', 'set', 'lo', 'up']);
  } catch (error) {
    await remove();
    throw error;
  }
  return { address, near: nearAddresses, devices: [near, far], remove };
}
