import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ApplianceInput } from '../src-shared/model/applianceEntry.ts';
import { tokenMinutes } from '../src-shared/contract/webSession.ts';
import { labAnnouncementSchema, type LabAnnouncement } from '../src-shared/model/labAnnouncement.ts';
import { buildWhereStale } from './build.ts';
import { findDesktopRuntime } from './desktopRuntime.ts';

const usage = `npm start [-- options]
  --no-lab      your own appliances instead of the lab
  --no-open     print the address, open no browser
  --web         the web host, even where the desktop could open
  --port N      port of the web host (default: any free one)
  --host-name N the web host's name, 127.0.0.1 or localhost, instead of a random one (Safari)
  --idle-minutes N  sign out after this time without input (default 480, 0 for never)
  --data DIR    data folder of your own appliances; needs --no-lab, since the lab's folder goes with it`;

const nodeFlags = ['--disable-warning=ExperimentalWarning'];
const children = new Set<ChildProcess>();
let isEnding = false;

function start(
  command: string,
  args: string[],
  stdio: ['ignore' | 'inherit', 'inherit' | 'pipe', 'inherit'],
  env = process.env,
): ChildProcess {
  const child = spawn(command, args, { stdio, env });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

function firstLine(child: ChildProcess, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error(`${what} has no output`);
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${what} ended with ${code ?? 'a signal'} before it was ready`)),
    );
  });
}

function printAddress(line: string): void {
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
  console.log(`Sallyport: ${url}`);
}

/** Prints every address that the web host makes; resolves after the first. */
async function printAddresses(web: ChildProcess): Promise<void> {
  printAddress(await firstLine(web, 'the web host'));
  if (web.stdout !== null) createInterface({ input: web.stdout }).on('line', printAddress);
}

function exited(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** Enters the lab's appliances with their pinned host keys, before a host opens the same data folder. */
async function enterAppliances(dataFolder: string, lab: LabAnnouncement): Promise<void> {
  const { createConsole } = await import('../src-main/console.ts');
  const console = createConsole({ dataFolder, host: 'cli', lab: true });
  try {
    for (const {
      name,
      host,
      port,
      user,
      identityFile,
      hostKeySha256,
      group,
      description,
    } of lab.appliances) {
      const authentication = {
        agent: false,
        keyFile: identityFile,
        password: false,
        keyboardInteractive: false,
      };
      const target = { host, port, user, authentication };
      const appliance: ApplianceInput = {
        name,
        target,
        jumps: [],
        sudo: 'nopasswd',
        group,
        cluster: '',
        description,
      };
      await console.appliances.add(appliance, { type: '', fingerprint: hostKeySha256 });
    }
  } finally {
    await console.close();
  }
}

async function endAll(): Promise<void> {
  isEnding = true;
  const waiting = [...children].map((child) => exited(child));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(waiting);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'no-lab': { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      web: { type: 'boolean', default: false },
      port: { type: 'string' },
      'host-name': { type: 'string' },
      'idle-minutes': { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const isLab = !values['no-lab'];
  if (isLab && values.data !== undefined) {
    console.error('--data goes with --no-lab.');
    return 2;
  }
  const labStarted = isLab
    ? start(process.execPath, [...nodeFlags, 'src-main/cli.ts', 'lab'], ['ignore', 'pipe', 'inherit'])
    : null;
  const labReady = labStarted === null ? null : firstLine(labStarted, 'the lab');
  // Without a handler a lab that fails during the build would end the program with a bare rejection.
  labReady?.catch(() => {});
  await buildWhereStale('console');

  const temporary = isLab ? mkdtempSync(join(tmpdir(), 'sallyport-data-')) : null;
  const dataFolder = values.data ?? temporary;
  const ended = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(0));
    labStarted?.once('exit', (code) => !isEnding && resolve(code ?? 1));
  });
  try {
    if (labReady !== null && dataFolder !== null) {
      await enterAppliances(dataFolder, labAnnouncementSchema.parse(JSON.parse(await labReady)));
    }
    const runtime = values.web ? { missing: '--web was asked for' } : await findDesktopRuntime();
    const dataArguments = dataFolder === null ? [] : ['--data', dataFolder];
    if ('executable' in runtime) {
      const desktop = start(
        runtime.executable,
        ['out/desktop/desktop.js', ...dataArguments, ...(isLab ? ['--lab'] : [])],
        ['ignore', 'inherit', 'inherit'],
      );
      return await Promise.race([ended, exited(desktop)]);
    }
    console.log(`Opening in the browser, not on the desktop: ${runtime.missing}.`);
    const webArguments = [
      ...(['port', 'host-name', 'idle-minutes'] as const).flatMap((name) =>
        values[name] === undefined ? [] : [`--${name}`, values[name]],
      ),
      ...(values['no-open'] ? ['--no-open'] : []),
    ];
    const web = start(
      process.execPath,
      [...nodeFlags, 'src-main/cli.ts', '--json', ...dataArguments, 'web', ...webArguments],
      // It hears Enter, and prints a new address at each.
      ['inherit', 'pipe', 'inherit'],
      isLab ? { ...process.env, SALLYPORT_LAB: '1' } : process.env,
    );
    await printAddresses(web);
    console.log(
      `An address works once, within ${tokenMinutes} minutes. Press Enter for a new one. Ctrl-C ends ${isLab ? 'the console and the lab' : 'the console'}.`,
    );
    return await Promise.race([ended, exited(web)]);
  } finally {
    await endAll();
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  await endAll();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
