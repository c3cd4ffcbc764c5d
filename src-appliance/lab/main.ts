import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createInterface } from 'node:readline';
import { describePlace } from './faults/faultGallery.ts';
import type { LabFault } from './faults/labFault.ts';
import { labFaults } from './faults/labFaults.ts';
import type { Lab } from './lab.ts';
import { createLabFolder } from './labFolder.ts';

/*
 * node src-appliance/lab/main.ts [--appliances N] [--tenants N] [--seed S] [--fault NAME]… [--exit-with-stdin]
 * node src-appliance/lab/main.ts --faults
 *
 * --fault causes a fault of the gallery, `all` every one. Without --appliances there are then no other appliances.
 * While it runs, it obeys the lines `start NAME` and `end NAME` on its input. --faults lists the faults as JSON.
 * Prints one line of JSON when ready and runs until SIGINT, SIGTERM or, with --exit-with-stdin, the end of its input.
 * Leaves no files or processes behind. Exit codes: 0 ended, 1 could not start, 2 usage.
 */
/** The plan with this seed contains every service, group and size of tenant. */
const defaultSeed = 'sallyport';
const usage =
  'usage: lab [--appliances N (1 to 200)] [--tenants N over all (0 to 2000)] [--seed TEXT] [--fault NAME]… [--faults] [--exit-with-stdin]';

type LabOptions = {
  appliances: number;
  tenants: number;
  seed: string;
  faults: readonly LabFault[];
  isList: boolean;
  exitWithStdin: boolean;
};

/** Null if a name is unknown. */
function selectFaults(names: readonly string[]): readonly LabFault[] | null {
  if (names.includes('all')) return labFaults;
  const isKnown = names.every((name) => labFaults.some((fault) => fault.name === name));
  return isKnown ? labFaults.filter(({ name }) => names.includes(name)) : null;
}

function readOptions(argv: readonly string[]): LabOptions | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        appliances: { type: 'string' },
        tenants: { type: 'string', default: '12' },
        seed: { type: 'string', default: defaultSeed },
        fault: { type: 'string', multiple: true, default: [] },
        faults: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'exit-with-stdin': { type: 'boolean', default: false },
      },
    });
    const faults = selectFaults(values.fault);
    const hasSamples = values.fault.length === 0 || values.appliances !== undefined;
    const count = values.appliances ?? '3';
    const appliances = Number(count);
    const tenants = Number(values.tenants);
    const good =
      /^\d{1,4}$/u.test(count) &&
      /^\d{1,4}$/u.test(values.tenants) &&
      appliances >= 1 &&
      appliances <= 200 &&
      tenants <= 2000;
    if (!good || faults === null) return null;
    return {
      appliances: hasSamples ? appliances : 0,
      tenants,
      seed: values.seed,
      faults,
      isList: values.faults,
      exitWithStdin: values['exit-with-stdin'],
    };
  } catch {
    return null;
  }
}

function notice(message: string): void {
  process.stderr.write(`lab: ${message}\n`);
}

async function run(options: LabOptions): Promise<void> {
  // Add the handlers before anything starts, so that an early Ctrl+C also stops what has started.
  const orders = options.exitWithStdin ? createInterface({ input: process.stdin }) : null;
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    process.stdin.on('error', resolve);
    orders?.on('close', resolve);
  });
  const started = Promise.withResolvers<Lab>();
  orders?.on('line', (line) => void started.promise.then((lab) => lab.obey(line)));
  const folder = await createLabFolder();
  const own = join(folder.path, 'compiled');
  const compileCache = enableCompileCache(own).directory ?? own;
  // Import it only now, because modules that are loaded before enableCompileCache are not cached.
  const { startLab } = await import('./lab.ts');
  const lab = await startLab({ ...options, folder, compileCache, onNotice: notice });
  process.stdout.on('error', () => undefined);
  process.stdout.write(`${JSON.stringify(lab.announcement)}\n`);
  started.resolve(lab);
  await asked;
  await lab.stop();
}

const options = readOptions(process.argv.slice(2));
if (options === null) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
try {
  if (options.isList) process.stdout.write(`${JSON.stringify(labFaults.map(describePlace))}\n`);
  else await run(options);
  process.exit(0);
} catch (error) {
  notice(error instanceof Error ? error.message : 'could not start');
  process.exit(1);
}
