import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import nodeFlags from '../bin/nodeFlags.json' with { type: 'json' };
import type { ApplianceInput } from '../src-shared/model/appliance/applianceEntry.ts';
import { defaultIdleMinutes } from '../src-shared/contract/webSession.ts';
import {
  labAnnouncementSchema,
  type LabAnnouncement,
} from '../src-shared/model/appliance/labAnnouncement.ts';
import { expandPath } from '../src-main/base/expandPath.ts';
import { onEnter } from '../src-main/hosts/cli/onEnter.ts';
import { buildWhereStale } from './build.ts';
import { thisComputer } from './desktop/electronRuntime.ts';
import { createConsoleOpener } from './desktop/openConsole.ts';
import { createParts } from './desktop/parts.ts';
import { usualLimits } from './desktop/resumedDownload.ts';
import type { Part } from './part.ts';

const usage = `npm start [-- options]
  --no-lab      your own appliances instead of the lab
  --no-open     print the address, open no browser
  --web         the web host, even if the desktop could open
  --port N      port of the web host (default: any free one)
  --host-name N the web host's name, 127.0.0.1 or localhost, instead of a random one (Safari)
  --idle-minutes N  sign out after this time without input (default ${defaultIdleMinutes}, 0 for never)
  --data DIR    data folder of your own appliances; needs --no-lab, since the lab's folder goes with it`;

const parts = createParts();

/** Starts a sallyport command. */
function startCommand(
  name: string,
  args: string[],
  options: Partial<Parameters<typeof parts.start>[0]> = {},
): Part {
  const words = [...nodeFlags, 'src-main/hosts/cli/cli.ts', '--json', ...args];
  return parts.start({ name, command: process.execPath, args: words, ...options });
}

/**
 * Adds the lab's appliances, with pinned host keys, to the data folder. Must be done before the console opens
 * that folder.
 */
async function enterAppliances(dataFolder: string, lab: LabAnnouncement): Promise<void> {
  const { createServices } = await import('../src-main/services.ts');
  const services = createServices({ dataFolder, host: 'cli', lab: true });
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
        legacyAlgorithms: false,
        group,
        cluster: '',
        description,
        tags: [],
        connect: 'always',
        colour: 'none',
      };
      await services.appliances.add(appliance, { type: '', fingerprint: hostKeySha256 });
    }
  } finally {
    await services.close();
  }
}

/** Resolves when the user ends `npm start`. */
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
});

/** Waits until the user ends the program, or until a part ends unexpectedly. Returns the exit code. */
async function untilEnd(): Promise<number> {
  const first = await Promise.race([interrupted, parts.firstEnd]);
  if (first === undefined) return 0;
  const { end, part } = first;
  // The user closed the desktop's window.
  if (part.name === 'The desktop' && end.code === 0) return 0;
  console.error(`${part.describe(end)}\nSallyport ends.`);
  return 1;
}

/** The lab's vendor: its upload page, and its folder for `sallyport-authority --data`. */
function printAuthority({ authority }: LabAnnouncement): void {
  console.log(`Licence authority of the lab: ${authority.url}\n  its folder: ${authority.folder}`);
}

/** Opens the console on the desktop or in the browser. Resolves when it is open, or when `signal` aborts. */
async function openConsole(options: {
  dataFolder: string | null;
  isLab: boolean;
  /** The upload page of the lab's licence authority. */
  labAuthority: string;
  isWeb: boolean;
  webArguments: string[];
  signal: AbortSignal;
}): Promise<void> {
  const { dataFolder, isLab, isWeb, labAuthority, signal } = options;
  const env = isLab
    ? { ...process.env, SALLYPORT_LAB: '1', SALLYPORT_LAB_AUTHORITY: labAuthority }
    : process.env;
  const dataArguments = dataFolder === null ? [] : ['--data', dataFolder];
  const open = createConsoleOpener({
    parts,
    computer: { ...thisComputer, env },
    runtime: { packageFolder: 'node_modules/electron', partFolder: 'out/electron', limits: usualLimits },
    isWeb,
    desktopArguments: ['out/desktop/desktop.js', ...dataArguments, ...(isLab ? ['--lab'] : [])],
    startWeb: (onLine) =>
      // It reads Enter and prints a new address each time.
      startCommand('The web host', [...dataArguments, 'web', ...options.webArguments], {
        stdin: 'inherit',
        onLine,
        env,
      }),
    onEnter,
    ends: isLab ? 'the console and the lab' : 'the console',
    output: {
      isTerminal: process.stdout.isTTY,
      columns: process.stdout.columns,
      write: (text) => process.stdout.write(text),
    },
    signal,
  });
  await open();
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
  const lab = isLab ? startCommand('The lab', ['lab']) : null;
  if (lab !== null) parts.watch(lab);
  await buildWhereStale('console');

  const temporary = isLab ? mkdtempSync(join(tmpdir(), 'sallyport-data-')) : null;
  const dataFolder = values.data === undefined ? temporary : expandPath(values.data);
  let labAuthority = '';
  try {
    if (lab !== null && dataFolder !== null) {
      const line = await Promise.race([lab.firstLine(), interrupted]);
      if (line === undefined) return 0;
      const announced = labAnnouncementSchema.parse(JSON.parse(line));
      labAuthority = announced.authority.url;
      printAuthority(announced);
      await enterAppliances(dataFolder, announced);
    }
    const webArguments = [
      ...(['port', 'host-name', 'idle-minutes'] as const).flatMap((name) =>
        values[name] === undefined ? [] : [`--${name}`, values[name]],
      ),
      ...(values['no-open'] ? ['--no-open'] : []),
    ];
    const ending = new AbortController();
    const opened = openConsole({
      dataFolder,
      isLab,
      labAuthority,
      isWeb: values.web,
      webArguments,
      signal: ending.signal,
    });
    const ended = untilEnd();
    // A console that can't open rejects, and a part that ends ends a download that still runs.
    await Promise.race([opened, ended]);
    const exitCode = await ended;
    ending.abort(new Error('npm start ended'));
    await opened.catch(() => {});
    return exitCode;
  } finally {
    await parts.stopAll();
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  await parts.stopAll();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
