import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareKitStarts, compareStarts } from '../test-support/startCost.ts';
import { describeMachine } from './machine.ts';

/*
 * npm run bench:start -- [--kit FOLDER] [--desktop FOLDER] [--rounds 5] [--json]
 *
 * Measures the processor time of short programs beside an empty Node: the kit's commands and the command line. Medians
 * of programs that alternate. Another `--kit` or `--desktop` is the build of another version. Needs `npm run build`.
 */
const out = join(import.meta.dirname, '../out');
const { values } = parseArgs({
  options: {
    kit: { type: 'string', default: join(out, 'kit') },
    desktop: { type: 'string', default: join(out, 'desktop') },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

const sallyport = (...words: string[]) => [join(values.desktop, 'cli.js'), ...words];

async function measureCommandLine() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-start-'));
  // As a user starts it who has used it before: what Node compiled is kept beside the data.
  mkdirSync(join(folder, 'sallyport'), { mode: 0o700 });
  try {
    const programs = {
      'sallyport --version': sallyport('--version'),
      'sallyport status': sallyport('status'),
      'sallyport licence show': sallyport('licence', 'show'),
    };
    return await compareStarts(programs, { folder, rounds, env: { XDG_DATA_HOME: folder } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const kit = await compareKitStarts(values.kit, rounds);
const commandLine = await measureCommandLine();
if (values.json)
  console.log(
    JSON.stringify({
      name: 'start',
      unit: 'ms of processor time',
      kit,
      commandLine,
      machine: { ...describeMachine(), load: loadavg()[0] },
    }),
  );
else
  for (const { name, ms, ratio } of [...kit, ...commandLine])
    console.log(`${name.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms ${ratio.toFixed(2).padStart(6)} ×`);
