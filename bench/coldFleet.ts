import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import nodeFlags from '../bin/nodeFlags.json' with { type: 'json' };
import { startStockBox, type StockBox } from '../test-support/stockBox.ts';
import { cpuSecondsOf, cpuSecondsWithEnded, residentMbOfTree } from './childProcesses.ts';
import { enterAppliances } from './enterAppliances.ts';
import { say } from './program.ts';

const cli = join(import.meta.dirname, '../out/desktop/cli.js');
const peerSettings = join(import.meta.dirname, 'peers');
const sampleMs = 500;
const addressesInBlock = 250;

/** What a status reads, for programs that run one command line on each appliance. */
const readCommands = [
  'sudo -n ke_status --json',
  'sudo -n ke_manage_remote_networks list --json',
  'sudo -n ke_manage_license_key show --json',
].join('; ');
const linesOfAnAppliance = 3;

export type ColdRun = {
  seconds: number;
  /** Seconds of processor time of the program with the processes that it starts, without the appliances. */
  cpuSeconds: number;
  /** The most resident memory of the program with the processes that it starts. */
  peakMb: number;
  /** How many appliances gave all answers. */
  answered: number;
};

/** Loopback addresses: 127.0.1.1 to 127.0.1.250, then 127.0.2.1 and so on. */
const addressOf = (index: number) =>
  `127.0.${Math.floor(index / addressesInBlock) + 1}.${(index % addressesInBlock) + 1}`;

async function measure(argv: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = '', ...args] = argv;
  const [begun, cpuBefore] = [performance.now(), cpuSecondsWithEnded(process.pid)];
  const ownBefore = cpuSecondsOf(process.pid);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const chunks: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err = (err + text).slice(-2000)));
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, residentMbOfTree(child.pid ?? 0));
  }, sampleMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const seconds = (performance.now() - begun) / 1000;
    const own = cpuSecondsOf(process.pid) - ownBefore;
    const cpuSeconds = cpuSecondsWithEnded(process.pid) - cpuBefore - own;
    if (code !== 0) say(`${program}: exit code ${code}: ${err}`);
    return { seconds, cpuSeconds, peakMb, out: Buffer.concat(chunks).toString('utf8') };
  } finally {
    clearInterval(timer);
  }
}

const statusSchema = z.object({
  items: z.array(
    z.object({ error: z.unknown(), versions: z.unknown(), licence: z.unknown(), tenants: z.unknown() }),
  ),
});

function countStatuses(out: string): number {
  return statusSchema
    .parse(JSON.parse(out))
    .items.filter((one) => one.error === null && [one.versions, one.licence, one.tenants].every(Boolean))
    .length;
}

/** Answers in a text that may have other lines, such as the name of an appliance. */
const countAnswers = (text: string) =>
  Math.floor((text.match(/^(?:\S+: )?\{.*\}\s*$/gmu) ?? []).length / linesOfAnAppliance);

/** Lets sshd take all logins at once, as that many appliances would. */
async function liftLimits(box: StockBox): Promise<void> {
  const settings = await readFile(box.sshdConfigFile, 'utf8');
  const limits = 'MaxStartups 4000\nPerSourceMaxStartups none\n';
  await writeFile(box.sshdConfigFile, `${limits}${settings}`);
  await box.restartSshd();
}

/** Consoles and peers that ask up to `count` appliances. Each run begins without any connection. */
export async function createColdFleet({ count, parallel }: { count: number; parallel: number }) {
  const box = await startStockBox({ licence: {} });
  await liftLimits(box);
  const folder = await mkdtemp(join(box.folder, 'cold-'));
  const appliances = Array.from({ length: count }, (_, index) => ({
    name: `quay-${String(index + 1).padStart(4, '0')}`,
    host: addressOf(index),
  }));
  const publicKey = await readFile(`${box.system.path('/etc/ssh/ssh_host_ed25519_key')}.pub`, 'utf8');
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, appliances.map(({ host }) => `${host} ${publicKey}`).join(''));
  const enter = ['nsenter', '--target', String(box.system.pid), '--net', '--'];
  const sshConfig = join(peerSettings, 'ssh_config');
  const env = {
    ...process.env,
    BENCH_KEY: box.adminKeyFile,
    BENCH_KNOWN_HOSTS: knownHosts,
    BENCH_SSH_CONFIG: sshConfig,
    CLUSTERSHELL_CFGDIR: peerSettings,
    ANSIBLE_CONFIG: join(peerSettings, 'ansible.cfg'),
    ANSIBLE_HOME: join(folder, 'ansible'),
    ANSIBLE_LOCAL_TEMP: join(folder, 'ansible'),
    ANSIBLE_SSH_ARGS: `-F ${sshConfig}`,
  };
  const consoles = new Map<number, string>();
  const hostsOf = (size: number) => appliances.slice(0, size).map(({ host }) => host);

  /** The folder for the data of a user whose console has `size` appliances. */
  async function consoleOf(size: number): Promise<string> {
    const home = consoles.get(size) ?? join(folder, `data-${size}`);
    if (consoles.has(size)) return home;
    const begun = performance.now();
    await enterAppliances(join(home, 'sallyport'), appliances.slice(0, size), {
      port: 22,
      user: box.adminUser,
      keyFile: box.adminKeyFile,
      sudo: 'nopasswd',
      hostKey: box.hostKey(),
    });
    say(`entered ${size} appliances in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    consoles.set(size, home);
    return home;
  }

  async function askWithParallelSsh(size: number): Promise<ColdRun> {
    const hosts = join(folder, 'hosts');
    const out = join(folder, 'parallel-ssh');
    await writeFile(
      hosts,
      hostsOf(size)
        .map((host) => `${host}\n`)
        .join(''),
    );
    await rm(out, { recursive: true, force: true });
    await mkdir(out);
    const options = ['-h', hosts, '-p', String(parallel), '-t', '0', '-o', out, '-x', `-F ${sshConfig}`];
    const { out: _names, ...done } = await measure([...enter, 'parallel-ssh', ...options, readCommands], env);
    const texts = await Promise.all((await readdir(out)).map((name) => readFile(join(out, name), 'utf8')));
    return { ...done, answered: texts.reduce((sum, text) => sum + countAnswers(text), 0) };
  }

  const runs = {
    sallyport: async (size: number): Promise<ColdRun> => {
      const home = await consoleOf(size);
      const argv = [process.execPath, ...nodeFlags, cli, '--json', 'status'];
      const { out, ...done } = await measure([...enter, ...argv], { ...env, XDG_DATA_HOME: home });
      return { ...done, answered: countStatuses(out) };
    },
    clush: async (size: number): Promise<ColdRun> => {
      const options = ['-f', String(parallel), '-w', hostsOf(size).join(','), '-o', `-F ${sshConfig}`];
      const { out, ...done } = await measure([...enter, 'clush', ...options, readCommands], env);
      return { ...done, answered: countAnswers(out) };
    },
    'parallel-ssh': askWithParallelSsh,
    ansible: async (size: number): Promise<ColdRun> => {
      const hosts = `${hostsOf(size).join(',')},`;
      const options = ['--inventory', hosts, '--forks', String(parallel), '-m', 'raw', '-a', readCommands];
      const { out, ...done } = await measure([...enter, 'ansible', 'all', ...options], env);
      return { ...done, answered: countAnswers(out) };
    },
  };
  return {
    run: (kind: keyof typeof runs, size: number): Promise<ColdRun> => runs[kind](size),
    stop: box.stop,
  };
}
export type ColdFleet = Awaited<ReturnType<typeof createColdFleet>>;
