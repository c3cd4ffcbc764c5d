import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { priceMonth } from '../src-shared/model/billing/priceMonth.ts';
import { usageSummarySchema } from '../src-shared/model/usage/usageSummary.ts';
import { startAccountKit, type AccountKit } from '../test-support/accountKit.ts';
import { aPlan } from '../test-support/billing/aPlan.ts';
import { measureSlowdown } from '../test-support/cpuTime.ts';
import { buildKitBundle } from '../test-support/kitBundle.ts';
import { startPostgres } from '../test-support/postgresServer.ts';
import { cpuSecondsOf, peakMbOf } from './childProcesses.ts';
import { describeMachine, median } from './machine.ts';
import { say } from './program.ts';

/*
 * npm run bench:usage -- [--accounts 1000000] [--rounds 3] [--json]
 *
 * Fills an account database in SQLite and in PostgreSQL, and times the kit's own program: the per-user report, and the
 * summary with its price, each with its processor time and peak memory. psql writes the same rows with the same hashes
 * (`\copy (select md5(…) …)`) and alternates in the same run. All write to a file. Needs Debian's PostgreSQL.
 */
const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const accounts = Number(values.accounts);
const rounds = Number(values.rounds);
const sampleMs = 20;
const month = new Date().toISOString().slice(0, 7);

/** `idleSeconds`: the processor time on an idle computer, because other programs on a core make it slower. */
type Run = { seconds: number; cpuSeconds: number; idleSeconds: number; peakMb: number };
type Program = { command: string; argv: readonly string[]; environment: NodeJS.ProcessEnv; output: string };

async function timeProgram({ command, argv, environment, output }: Program): Promise<Run> {
  const file = await open(output, 'w');
  const slowdownBefore = measureSlowdown();
  const started = performance.now();
  const child = spawn(command, argv, { env: environment, stdio: ['ignore', file.fd, 'inherit'] });
  const { pid } = child;
  let [cpuSeconds, peakMb] = [0, 0];
  const sample = () => {
    if (pid === undefined) return;
    try {
      [cpuSeconds, peakMb] = [cpuSecondsOf(pid), peakMbOf(pid) || peakMb];
    } catch {
      // It has ended.
    }
  };
  const sampling = setInterval(sample, sampleMs);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('exit', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  clearInterval(sampling);
  await file.close();
  if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}`);
  const idleSeconds = cpuSeconds / ((slowdownBefore + measureSlowdown()) / 2);
  return { seconds, cpuSeconds, idleSeconds, peakMb };
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const part of createReadStream(path))
    for (let at = part.indexOf(10); at !== -1; at = part.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** The rows of the report with its hashes, as PostgreSQL makes them. */
const rowsSql = `SELECT md5(a.id::text), md5(lower(a.user_name)), md5(a.user_id), md5(lower(a.user_domain)),
  a.deactivated_at IS NULL, a.is_admin = 1, c.name, to_timestamp(a.last_request_at / 1000)::date,
  to_timestamp(a.connected_at / 1000)::date, to_timestamp(a.updated_at / 1000)::date, a.is_internal = 1 OR p.is_internal = 1
  FROM account a JOIN application p ON p.id = a.application_id JOIN connector c ON c.id = a.connector_id ORDER BY a.id`;

function createKitProgram(bundle: string, kit: AccountKit) {
  const settings = join(kit.folder, 'appliance.json');
  const output = join(kit.folder, 'output');
  const run = (kind: string) =>
    timeProgram({
      command: process.execPath,
      // Like the installed program.
      argv: [
        '--max-semi-space-size=2',
        join(bundle, 'ke_usage_report.cjs'),
        'ke_usage_report',
        '--kind',
        kind,
        '--month',
        month,
      ],
      environment: { ...process.env, SALLYPORT_APPLIANCE_CONFIG: settings },
      output,
    });
  return {
    prepare: () => writeFile(settings, JSON.stringify(kit.config)),
    report: async (): Promise<Run> => {
      const measured = await run('per-user');
      if ((await countLines(output)) !== accounts + 2) throw new Error('the report has other accounts');
      return measured;
    },
    preview: async (): Promise<Run & { total: string }> => {
      const measured = await run('summary');
      const started = performance.now();
      const text = await readFile(output, 'utf8');
      const { total } = priceMonth(aPlan(), usageSummarySchema.parse(JSON.parse(text)));
      const seconds = measured.seconds + (performance.now() - started) / 1000;
      return { ...measured, seconds, total: total.known ? total.value : total.reason };
    },
  };
}

async function fill(name: string, configuration: string | null): Promise<AccountKit> {
  say(`filling ${name} with ${accounts} accounts`);
  const kit = await startAccountKit({ configuration });
  await kit.init();
  await kit.fill(accounts);
  return kit;
}

const summarise = (runs: readonly Run[]) => ({
  seconds: median(runs.map(({ seconds }) => seconds)),
  cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  idleSeconds: median(runs.map(({ idleSeconds }) => idleSeconds)),
  peakMb: Math.max(...runs.map(({ peakMb }) => peakMb)),
});

const server = await startPostgres();
const { configuration, name } = await server.createDatabase();
const kits = { sqlite: await fill('SQLite', null), postgres: await fill('PostgreSQL', configuration) };
await server.psql('VACUUM ANALYZE', name);
const bundle = await buildKitBundle();
const programs = {
  sqlite: createKitProgram(bundle, kits.sqlite),
  postgres: createKitProgram(bundle, kits.postgres),
};
const { program: psql, environment } = server.client;
const copy = () =>
  timeProgram({
    command: psql,
    argv: ['-X', '-q', '-d', name, '-c', String.raw`\copy (${rowsSql.replaceAll(/\s+/gu, ' ')}) to stdout`],
    environment,
    output: join(kits.postgres.folder, 'copied'),
  });
const works = {
  'report from SQLite': programs.sqlite.report,
  'report from PostgreSQL': programs.postgres.report,
  'psql \\copy': copy,
  'preview from SQLite': programs.sqlite.preview,
  'preview from PostgreSQL': programs.postgres.preview,
} satisfies Record<string, () => Promise<Run>>;
try {
  for (const program of Object.values(programs)) await program.prepare();
  const runs = new Map<string, Run[]>();
  const loads: number[] = [];
  for (let round = 1; round <= rounds; round += 1)
    for (const [what, work] of Object.entries(works)) {
      const measured = await work();
      runs.set(what, [...(runs.get(what) ?? []), measured]);
      loads.push(loadavg()[0] ?? 0);
      const { seconds, cpuSeconds, idleSeconds, peakMb } = measured;
      say(
        `round ${round}: ${what} ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of processor time (${idleSeconds.toFixed(2)} s if idle), ${peakMb.toFixed(0)} MB, load ${loads.at(-1)?.toFixed(1)}`,
      );
    }
  const results = Object.fromEntries([...runs].map(([what, measured]) => [what, summarise(measured)]));
  const ratio = (what: string) =>
    (results[what]?.seconds ?? 0) / (results['psql \\copy']?.seconds ?? Number.NaN);
  const ratios = { sqlite: ratio('report from SQLite'), postgres: ratio('report from PostgreSQL') };
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ name: 'usage', accounts, rounds, results, ratios, loads, machine: describeMachine() })}\n`,
    );
  else
    say(
      `the report takes ${ratios.postgres.toFixed(2)} times as long as psql from PostgreSQL, ${ratios.sqlite.toFixed(2)} times from SQLite`,
    );
} finally {
  for (const kit of Object.values(kits)) await kit.stop();
  await server.stop();
}
