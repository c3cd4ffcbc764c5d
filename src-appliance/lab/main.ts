import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLabFolder } from './labFolder.ts';

/*
 * node src-appliance/lab/main.ts [--appliances N] [--tenants N] [--seed S] [--exit-with-stdin]
 *
 * Prints one line of JSON when ready and runs until SIGINT, SIGTERM or, with --exit-with-stdin, the end of its input.
 * Leaves no files or processes behind. Exit codes: 0 ended, 1 could not start, 2 usage.
 */
/** The plan with this seed contains every service, group and size of tenant. */
const defaultSeed = 'sallyport';
const usage =
  'usage: lab [--appliances N (1 to 200)] [--tenants N over all (0 to 2000)] [--seed TEXT] [--exit-with-stdin]';

type LabOptions = { appliances: number; tenants: number; seed: string; exitWithStdin: boolean };

function readOptions(argv: readonly string[]): LabOptions | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        appliances: { type: 'string', default: '3' },
        tenants: { type: 'string', default: '12' },
        seed: { type: 'string', default: defaultSeed },
        json: { type: 'boolean', default: false },
        'exit-with-stdin': { type: 'boolean', default: false },
      },
    });
    const appliances = Number(values.appliances);
    const tenants = Number(values.tenants);
    const good =
      /^\d{1,4}$/u.test(values.appliances) &&
      /^\d{1,4}$/u.test(values.tenants) &&
      appliances >= 1 &&
      appliances <= 200 &&
      tenants <= 2000;
    return good ? { appliances, tenants, seed: values.seed, exitWithStdin: values['exit-with-stdin'] } : null;
  } catch {
    return null;
  }
}

function notice(message: string): void {
  process.stderr.write(`lab: ${message}\n`);
}

async function run(options: LabOptions): Promise<void> {
  // Add the handlers before anything starts, so that an early Ctrl+C also stops what has started.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    if (options.exitWithStdin) process.stdin.on('end', resolve).on('error', resolve).resume();
  });
  const folder = await createLabFolder();
  const own = join(folder.path, 'compiled');
  const compileCache = enableCompileCache(own).directory ?? own;
  // Import it only now, because modules that are loaded before enableCompileCache are not cached.
  const { startLab } = await import('./lab.ts');
  const lab = await startLab({ ...options, folder, compileCache, onNotice: notice });
  process.stdout.on('error', () => undefined);
  process.stdout.write(`${JSON.stringify(lab.announcement)}\n`);
  await asked;
  await lab.stop();
}

const options = readOptions(process.argv.slice(2));
if (options === null) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
try {
  await run(options);
  process.exit(0);
} catch (error) {
  notice(error instanceof Error ? error.message : 'could not start');
  process.exit(1);
}
