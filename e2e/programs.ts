import type { LabAnnouncement } from '../src-shared/model/appliance/labAnnouncement.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { cliProgram } from '../test-support/cliProgram.ts';
import type { StockBox } from '../test-support/stockBox.ts';

const node = process.execPath;

/** The facts needed to add an appliance, as the lab announces them. */
type EnteredAppliance = Omit<
  LabAnnouncement['appliances'][number],
  'group' | 'description' | 'version' | 'tenants'
> & {
  group?: string;
  description?: string;
};

export type Program = {
  firstLine: string;
  pid: number;
  /** Presses Enter; resolves with the next line. */
  pressEnter: () => Promise<string>;
  stop: () => Promise<void>;
};

/**
 * Starts a sallyport command and waits for its first line of output. `stop` waits until the process has
 * ended.
 */
export async function startProgram(...args: string[]): Promise<Program> {
  const child: ChildProcess = spawn(node, [cliProgram, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SALLYPORT_LAB: '1' },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { stdin, stdout, pid } = child;
  if (stdin === null || stdout === null || pid === undefined)
    throw new Error(`could not start ${args.join(' ')}`);
  const lines = createInterface({ input: stdout });
  const nextLine = () =>
    new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    });
  const firstLine = await nextLine();
  const pressEnter = () => {
    const line = nextLine();
    stdin.write('\n');
    return line;
  };
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  return { firstLine, pid, pressEnter, stop };
}

function findUrl(line: string): string {
  return z.object({ url: z.string() }).parse(JSON.parse(line)).url;
}

/** Starts a console on `dataFolder`; `url` is the printed address with its token. */
export async function startWeb(
  dataFolder: string,
  ...options: string[]
): Promise<Program & { url: string; newUrl: () => Promise<string> }> {
  const web = await startProgram('--data', dataFolder, '--json', 'web', '--no-open', ...options);
  return { ...web, url: findUrl(web.firstLine), newUrl: async () => findUrl(await web.pressEnter()) };
}

/** Runs a sallyport command and waits until it ends. */
function runCommand(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [cliProgram, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, stdout, stderr }));
  });
}

export async function addAppliance(
  dataFolder: string,
  appliance: EnteredAppliance,
  options: { hostKey?: string; sudo?: 'none' | 'nopasswd'; cluster?: string } = {},
): Promise<void> {
  const { hostKey = appliance.hostKeySha256, sudo = 'nopasswd', cluster = '' } = options;
  const { name, user, host, port, identityFile, group = '', description = '' } = appliance;
  const target = `${user}@${host}:${port}`;
  const added = await runCommand(
    '--data',
    dataFolder,
    'appliance',
    'add',
    name,
    target,
    '--identity',
    identityFile,
    '--host-key',
    hostKey,
    '--sudo',
    sudo,
    '--group',
    group,
    '--cluster',
    cluster,
    '--description',
    description,
  );
  if (added.status !== 0) throw new Error(added.stderr);
}

/** Adds a box under `name`, with its administrator's key and sudo rule. */
export async function addBox(dataFolder: string, name: string, box: StockBox): Promise<void> {
  const { host, port, adminUser: user, adminKeyFile: identityFile } = box;
  const hostKeySha256 = box.hostKey().fingerprint;
  await addAppliance(dataFolder, { name, host, port, user, identityFile, hostKeySha256 }, { sudo: box.sudo });
}
