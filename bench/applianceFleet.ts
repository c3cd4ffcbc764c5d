import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { applianceConfigSchema } from '../src-appliance/core/config.ts';
import { createSlots } from '../src-shared/base/slots.ts';
import { startStockBox, type StockBox } from '../test-support/stockBox.ts';
import { waitFor } from '../test-support/waitFor.ts';

/** An appliance behind its own sshd, with its own settings, state and home folder. */
export type FleetAppliance = { name: string; host: string };

const home = '/home/ubuntu';
const ownFolders = ['/etc/sallyport', '/var/lib/sallyport', '/run/sallyport', home];

/** Not 22, on which the sshd of the box listens for every address. */
export const fleetPort = 2222;

/** One sshd in its own mount namespace, in which the kit's folders are those of the appliance. */
const startScript = `set -e
fleet=$1 host=$2; shift 2
for folder in "$@"; do mount --bind "$fleet$folder" "$folder"; done
exec /usr/sbin/sshd -D -o ListenAddress="$host:${fleetPort}" -o PidFile=none`;

async function placeAppliance(box: StockBox, folder: string): Promise<void> {
  for (const own of ownFolders) {
    const target = box.system.path(`${folder}${own}`);
    await mkdir(join(target, '..'), { recursive: true });
    await box.system.mustRun(['cp', '-a', own, `${folder}${own}`]);
  }
  const path = box.system.path(`${folder}/etc/sallyport/appliance.json`);
  const config = applianceConfigSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify({ ...config, applianceId: randomUUID() }));
}

async function canConnect(box: StockBox, host: string): Promise<boolean> {
  const probe = `IO::Socket::INET->new(PeerAddr => "${host}", PeerPort => ${fleetPort}, Timeout => 1) or exit 1`;
  return (await box.system.run(['perl', '-MIO::Socket::INET', '-e', probe])).exitCode === 0;
}

/**
 * Starts `count` appliances in one box: the kit is installed once, as documented, and each appliance has its own sshd on
 * a loopback address of the box. `enter` runs a program of this machine in the network of the box.
 */
export async function startApplianceFleet(count: number, keySet: object) {
  const box = await startStockBox();
  await writeFile(box.config.authorityKeys, JSON.stringify(keySet), { mode: 0o644 });
  const sshd: ChildProcess[] = [];
  const slots = createSlots(4);
  const appliances = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<FleetAppliance> => {
      const release = await slots.acquire();
      try {
        const name = `quay-${String(index + 1).padStart(3, '0')}`;
        const folder = `/fleet/${name}`;
        const host = `127.0.1.${index + 1}`;
        await placeAppliance(box, folder);
        const inside = ['unshare', '--mount', 'sh', '-c', startScript, 'sh', folder, host, ...ownFolders];
        sshd.push(box.system.start(inside));
        await waitFor(`the sshd on ${host}`, () => canConnect(box, host));
        return { name, host };
      } finally {
        release();
      }
    }),
  );
  const enter = ['nsenter', '--target', String(box.system.pid), '--net', '--'];
  return { box, appliances, enter, stop: box.stop };
}
export type ApplianceFleet = Awaited<ReturnType<typeof startApplianceFleet>>;

/** Runs a program to its end. Throws if its exit code is not 0. */
export function run(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${argv.join(' ')}: ${code}: ${err.slice(-2000)}${out.slice(-2000)}`)),
    );
  });
}
