import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { table } from '../scripts/markdownTable.ts';
import { describeMachine } from './machine.ts';
import { rowsOfReport, type BenchRow } from './reportRows.ts';
import { say } from './program.ts';

/*
 * npm run bench -- [--quick] [--only NAME,NAME]
 *
 * Runs the benchmarks one after the other, and writes their figures with the machine into docs/benchmarks.md. `--quick`
 * takes smaller sizes, which say whether a benchmark runs, not how fast anything is. Needs root and `npm run build`.
 */
const benchmarks: Readonly<Record<string, { file: string; args?: string; quick: string }>> = {
  start: { file: 'start', quick: '--rounds 2' },
  'fleet-cold': { file: 'fleetCold', quick: '--appliances 20 --rounds 1' },
  'status-1000': {
    file: 'fleetCold',
    args: '--appliances 1000 --rounds 3',
    quick: '--appliances 40 --rounds 1',
  },
  'fleet-page': { file: 'fleetPage', quick: '--appliances 200' },
  memory: { file: 'consoleMemory', quick: '--appliances 6 --tunnels 10 --seconds 15' },
  'rest-cost': { file: 'restCost', quick: '--seconds 15 --kills 3 --tenants 1' },
  connect: { file: 'connect', quick: '--tenants 4 --forwards 3 --rounds 1' },
  licence: { file: 'licence', quick: '--appliances 3 --rounds 1' },
  usage: { file: 'usage', quick: '--accounts 5000 --rounds 1' },
  'ports-scroll': { file: 'portsScroll', quick: '--seconds 3' },
  'page-scroll': { file: 'pageScroll', quick: '--rate 500 --seconds 15 --scroll-seconds 3' },
  'syslog-live': { file: 'syslogLive', quick: '--lines 20000 --rate 1000 --seconds 3' },
  'syslog-search': { file: 'syslogSearch', quick: '--lines 50000 --rounds 1' },
  'syslog-backfill': { file: 'syslogBackfill', quick: '--lines 20000' },
  'syslog-follow': { file: 'syslogFollow', quick: '--appliances 5 --seconds 15' },
};
const document = join(import.meta.dirname, '../docs/benchmarks.md');
const [start, end] = ['<!-- written by `npm run bench` -->', '<!-- end of the written part -->'];

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});

/** Runs a benchmark. Resolves with its rows, or with one that says that it failed. */
async function measure(name: string): Promise<BenchRow[]> {
  const { file, args = '', quick } = benchmarks[name] ?? { file: name, quick: '' };
  const words = (values.quick ? quick : args).split(' ').filter(Boolean);
  const path = join(import.meta.dirname, `${file}.ts`);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const load = (loadavg()[0] ?? 0).toFixed(1);
  if (code !== 0)
    return [
      {
        name,
        work: words.join(' '),
        figures: `failed with exit code ${code ?? 'none, but a signal'}`,
        ratio: '',
        load,
      },
    ];
  return rowsOfReport(out).map((row) => ({ ...row, name, work: row.work || words.join(' '), load }));
}

/** The rows of benchmarks that did not run now, from the last table. */
function keepRows(text: string, measured: readonly string[]): string[] {
  const isKept = (line: string) =>
    Object.keys(benchmarks).some((name) => line.startsWith(`| ${name} `) && !measured.includes(name));
  return text.split('\n').filter(isKept);
}

async function writeRows(rows: readonly BenchRow[]): Promise<void> {
  const { cpu, cores, memoryGb, kernel, node } = describeMachine();
  const sizes = values.quick ? 'Small sizes (`--quick`), which say only that each runs. ' : '';
  const before = await readFile(document, 'utf8');
  const [head = '', afterStart = ''] = before.split(start);
  const [last = '', tail = ''] = afterStart.split(end);
  const text = [
    `${sizes}${new Date().toISOString().slice(0, 10)}, ${cores} × ${cpu}, ${memoryGb} GB, Linux ${kernel}, Node ${node}.`,
    '',
    table(
      ['Benchmark', 'Work', 'Figures', 'Ratio to the fastest peer', 'Load'],
      rows.map(({ name, work, figures, ratio, load }) => [name, work, figures, ratio, load]),
    ),
    ...keepRows(
      last,
      rows.map(({ name }) => name),
    ),
  ].join('\n');
  const options = await resolveConfig(document);
  const written = `${head}${start}\n\n${text}\n\n${end}${tail}`;
  await writeFile(document, await format(written, { ...options, filepath: document }));
}

const only = values.only?.split(',') ?? Object.keys(benchmarks);
const unknown = only.find((name) => !Object.hasOwn(benchmarks, name));
if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown}`);
const rows: BenchRow[] = [];
for (const name of only) {
  say(`${name}…`);
  const measured = await measure(name);
  for (const { figures, ratio } of measured) say(`  ${figures} ${ratio}`);
  rows.push(...measured);
  // After each, because all of them take hours.
  await writeRows(rows);
}
