import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs all commands of ip(8) in one program, because each start of a program takes milliseconds. */
async function runBatch(commands: readonly string[], prefix: readonly string[] = []): Promise<void> {
  const [program, ...argv] = [...prefix, 'ip', '-batch', '-'];
  const ended = run(program, argv);
  ended.child.stdin?.end(`${commands.join('\n')}\n`);
  await ended;
}

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

/** 198.18.0.0/15 is reserved for network benchmarks (RFC 2544). It has this many blocks of 16 addresses. */
const blockCount = 2 ** 13;

/** The names of a block's devices. Only one device of a name can exist, so no two cables get the same block. */
function deviceNames(block: number): readonly [string, string] {
  const id = block.toString(16).padStart(4, '0');
  return [`sp${id}a`, `sp${id}b`];
}

/** Creates the devices of a block that no other cable has. Tries the blocks of `chooseBlock` one by one. */
async function takeBlock(pid: number, chooseBlock: () => number): Promise<number> {
  for (let tried = 0; tried < blockCount; tried += 1) {
    const block = chooseBlock();
    const [near, far] = deviceNames(block);
    try {
      await run('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', `${pid}`]);
      return block;
    } catch (error) {
      if (!String(error).includes('File exists')) throw error;
    }
  }
  throw new Error('all blocks of addresses are taken');
}

/**
 * Connects this network namespace with that of the process `pid`. Needs root.
 * `chooseBlock` proposes a block of addresses, and is asked again if another cable has it.
 */
export async function createCable(
  pid: number,
  chooseBlock = () => randomInt(blockCount),
): Promise<NetworkCable> {
  const block = await takeBlock(pid, chooseBlock);
  const [near, far] = deviceNames(block);
  const net = `198.${18 + (block >> 12)}.${(block >> 4) & 255}`;
  const base = (block & 15) * 16;
  const address = `${net}.${base + 10}`;
  const nearAddresses = [`${net}.${base + 1}`, `${net}.${base + 2}`] as const;
  const remove = async () => {
    // The device may be gone, because it is removed with the other namespace.
    await run('ip', ['link', 'del', near]).catch(() => undefined);
  };
  try {
    await runBatch([...nearAddresses.map((own) => `addr add ${own}/28 dev ${near}`), `link set ${near} up`]);
    await runBatch(
      [`addr add ${address}/28 dev ${far}`, `link set ${far} up`, 'link set lo up'],
      ['nsenter', `--net=/proc/${pid}/ns/net`],
    );
  } catch (error) {
    await remove();
    throw error;
  }
  return { address, near: nearAddresses, devices: [near, far], remove };
}
