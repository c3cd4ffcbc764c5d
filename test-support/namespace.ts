import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...argv: string[]) => run('ip', argv);

/**
 * A network of its own, joined to this machine's by a cable that rules of iptables can cut. Needs root. Two addresses
 * on this side, so that the packets of one can be dropped and those of the other go on.
 */
export type NetworkNamespace = {
  name: string;
  /** Inside. */
  address: string;
  /** On this machine's side. */
  near: readonly [string, string];
  /** Changes a rule inside, e.g. `['-A', 'INPUT', …]`. */
  iptables: (...argv: readonly string[]) => Promise<void>;
  remove: () => Promise<void>;
};

export async function createNamespace(): Promise<NetworkNamespace> {
  const id = randomBytes(3).toString('hex');
  const name = `sallyport-${id}`;
  const [near, far] = [`sp${id}a`, `sp${id}b`];
  // Of the block for benchmarks between networks (RFC 2544), of which nothing else is here.
  const net = `198.18.${Number.parseInt(id.slice(0, 2), 16)}`;
  await ip('netns', 'add', name);
  try {
    await ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
    await ip('addr', 'add', `${net}.1/24`, 'dev', near);
    await ip('addr', 'add', `${net}.2/24`, 'dev', near);
    await ip('link', 'set', near, 'up');
    await ip('-n', name, 'addr', 'add', `${net}.10/24`, 'dev', far);
    await ip('-n', name, 'link', 'set', far, 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    await ip('netns', 'del', name);
    throw error;
  }
  return {
    name,
    address: `${net}.10`,
    near: [`${net}.1`, `${net}.2`],
    iptables: async (...argv) => {
      await ip('netns', 'exec', name, 'iptables', '-w', ...argv);
    },
    remove: async () => {
      await ip('netns', 'del', name);
    },
  };
}
