import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../bench/machine.ts';
import { startKitAppliance } from './kitAppliance.ts';

const run = promisify(execFile);

/** Milliseconds of processor time that a program and the programs that it starts use until it ends with exit code 0. */
async function measureProgramMs(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>/dev/null';
  const { stderr } = await run('bash', ['-c', script, 'bash', ...argv], { env });
  const [user, system] = stderr.trim().split(' ').map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 1000;
}

/**
 * The median processor time of each program in milliseconds, and how often it is that of an empty program. All alternate,
 * so that other load changes all alike.
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
  const msOf = (name: string) => median(times.get(name) ?? []) ?? Number.NaN;
  const starts = all.map(([name]) => ({ name, ms: msOf(name), ratio: msOf(name) / msOf('empty') }));
  return starts.filter(({ name }) => name !== 'empty').concat({ name: 'empty', ms: msOf('empty'), ratio: 1 });
}

/** The kit's commands in `kit`, as an administrator starts them, on an appliance without tenants. */
export async function compareKitStarts(kit: string, rounds: number) {
  const appliance = await startKitAppliance();
  try {
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
    return await compareStarts(programs, {
      folder: appliance.folder,
      rounds,
      env: { SALLYPORT_APPLIANCE_CONFIG: config, NODE_COMPILE_CACHE: compiled },
    });
  } finally {
    await appliance.stop();
  }
}
