import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test as base, expect, type Page } from '@playwright/test';
import { z } from 'zod';
import { labSchema, type LabAppliance } from './labSchema.ts';

const node = process.execPath;
const flags = ['--disable-warning=ExperimentalWarning'];

export type Program = { firstLine: string; pid: number; stop: () => Promise<void> };

/** Starts a command of the command line and waits for its first line; `stop` waits until it is gone. */
export async function startProgram(...args: string[]): Promise<Program> {
  const child: ChildProcess = spawn(node, [...flags, 'src-main/cli.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) throw new Error(`could not start ${args.join(' ')}`);
  const firstLine = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  return { firstLine, pid, stop };
}

/** Runs a command of the command line to its end. */
function runCommand(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [...flags, 'src-main/cli.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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
  appliance: LabAppliance,
  options: { hostKey?: string; sudo?: 'none' | 'nopasswd' } = {},
): Promise<void> {
  const { hostKey = appliance.hostKeySha256, sudo = 'nopasswd' } = options;
  const { name, user, host, port, identityFile } = appliance;
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
  );
  if (added.status !== 0) throw new Error(added.stderr);
}

type WorkerFixtures = { lab: { appliances: LabAppliance[]; pid: number } };
type Fixtures = {
  /** An empty data folder of the test's own, gone afterwards. */
  dataFolder: string;
  /** Opens the console on `dataFolder` in a page that reports what must not happen. */
  openConsole: () => Promise<Page>;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  lab: [
    async ({ browserName }, use) => {
      if (browserName !== 'chromium') throw new Error('the page is tested in Chromium');
      const lab = await startProgram('lab');
      await use({ ...labSchema.parse(JSON.parse(lab.firstLine)), pid: lab.pid });
      await lab.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  dataFolder: async ({ browserName }, use) => {
    const folder = mkdtempSync(join(tmpdir(), `sallyport-e2e-${browserName}-`));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  openConsole: async ({ page, dataFolder }, use) => {
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (hostname !== '127.0.0.1' && protocol !== 'data:' && protocol !== 'blob:')
        faults.push(`request off the machine: ${request.url()}`);
    });
    const started: Program[] = [];
    await use(async () => {
      const web = await startProgram('--data', dataFolder, 'web', '--no-open');
      started.push(web);
      await page.goto(z.object({ url: z.string() }).parse(JSON.parse(web.firstLine)).url);
      return page;
    });
    await page.close();
    for (const web of started) await web.stop();
    expect(faults).toEqual([]);
  },
});

export { expect };
