import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startKitAppliance } from './kitAppliance.ts';

const run = promisify(execFile);

/** Commands read all processes. In their own namespace, which only root can make, those are always the same few. */
const alone = process.getuid?.() === 0 ? ['unshare', '--pid', '--fork', '--mount-proc'] : [];

/** Milliseconds of processor time that a program and the programs that it starts use until it ends with exit code 0. */
async function measureProgramMs(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>/dev/null';
  const [program = '', ...words] = [...alone, 'bash', '-c', script, 'bash', ...argv];
  const { stderr } = await run(program, words, { env });
  const [user, system] = stderr.trim().split(' ').map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 1000;
}

/**
 * The least processor time of each program in milliseconds, and how often it is that of an empty program. All alternate,
 * and other load makes a program slower only: the least time is what the program itself needs.
 */
export async function compareStarts(
  programs: Readonly<Record<string, readonly string[]>>,
  options: { folder: string; rounds: number; env?: NodeJS.ProcessEnv },
) {
  const empty = join(options.folder, 'empty.cjs');
  await writeFile(empty, '');
  const all = Object.entries({ empty: [empty], ...programs });
  const times = new Map<string, number[]>(all.map(([name]) => [name, []]));
  // The first round only fills caches.
  for (let round = 0; round <= options.rounds; round += 1)
    for (const [name, argv] of all) {
      const env = { ...process.env, ...options.env };
      const ms = await measureProgramMs([process.execPath, ...argv], env);
      if (round > 0) times.get(name)?.push(ms);
    }
  const msOf = (name: string) => Math.min(...(times.get(name) ?? []));
  const starts = all.map(([name]) => ({ name, ms: msOf(name), ratio: msOf(name) / msOf('empty') }));
  return starts.filter(({ name }) => name !== 'empty').concat({ name: 'empty', ms: msOf('empty'), ratio: 1 });
}

/** The kit's commands in `kit`, as an administrator starts them, on an appliance without tenants. */
async function prepareKitStarts(kit: string) {
  const appliance = await startKitAppliance();
  const config = join(appliance.folder, 'appliance.json');
  const compiled = join(appliance.folder, 'compiled');
  await mkdir(compiled, { mode: 0o700 });
  for (const name of ['auth', 'sessions']) await mkdir(join(appliance.config.runFolder, name));
  await writeFile(config, JSON.stringify({ ...appliance.config, connectUser: 'nobody' }));
  await appliance.writeKeySet('{"keys":[]}');
  await writeFile(appliance.config.configuration, 'hostname: kiln\n', { mode: 0o600 });
  const command = (name: string, ...words: string[]) => [join(kit, `${name}.cjs`), name, ...words];
  const programs = {
    ke_status: command('ke_status', '--json'),
    'ke_manage_remote_networks list': command('ke_manage_remote_networks', 'list', '--json'),
    'ke_manage_license_key show': command('ke_manage_license_key', 'show', '--json'),
    'ke_update_configuration show': command('ke_update_configuration', 'show', '--json'),
  };
  const env = { SALLYPORT_APPLIANCE_CONFIG: config, NODE_COMPILE_CACHE: compiled };
  return { folder: appliance.folder, programs, env, stop: appliance.stop };
}

/** Compares the starts of the kit's commands with that of an empty program. */
export async function compareKitStarts(kit: string, rounds: number) {
  const { folder, programs, env, stop } = await prepareKitStarts(kit);
  try {
    return await compareStarts(programs, { folder, rounds, env });
  } finally {
    await stop();
  }
}

const listModules = `process.on('exit', () => console.error(JSON.stringify(process.moduleLoadList)))`;

/** The parts of Node that each of the kit's commands loads, e.g. `crypto`, by its name. */
export async function listLoadedParts(kit: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { folder, programs, env, stop } = await prepareKitStarts(kit);
  try {
    const hook = join(folder, 'list.cjs');
    await writeFile(hook, listModules);
    const found = Object.entries(programs).map(async ([name, argv]) => {
      const { stderr } = await run(process.execPath, ['--require', hook, ...argv], {
        env: { ...process.env, ...env },
        maxBuffer: 4 * 1024 * 1024,
      });
      const list = z.array(z.string()).parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''));
      return [name, list.map((part) => part.replace(/^\w+ (?:Binding |Module )?/u, ''))] as const;
    });
    return new Map(await Promise.all(found));
  } finally {
    await stop();
  }
}
