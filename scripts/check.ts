import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildWhereStale } from './build.ts';
import { ensureSystemPackages, rootPrefix } from './systemPackages.ts';
import { readPlaywright, readVitest, type TestCounts } from './testReports.ts';

/** `commands` run in parallel. In a step with `reports`, each writes one. */
type Step = {
  name: string;
  commands: string[][];
  reports?: { files: string[]; read: (json: unknown) => TestCounts };
};

const reports = 'test-results';

function vitest(name: string, project: string[]): { file: string; command: string[] } {
  const file = `${reports}/${name}.json`;
  const selected = project.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter', 'dot', '--reporter', 'json', '--outputFile.json', file];
  return {
    file,
    command: [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...selected, ...reporters],
  };
}

/** Runs in a separate network namespace, so that other programs can't use or see the ports of its appliances. */
function integration(prefix: string[]): Step {
  const { file, command } = vitest('integration', ['integration']);
  const isolated = [...prefix, 'unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  return {
    name: 'integration',
    commands: [[...isolated, ...command]],
    reports: { files: [file], read: readVitest },
  };
}

function run(command: string[]): Promise<number> {
  const [program = '', ...rest] = command;
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
        // The processes of the test runners load the same libraries again and again.
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(import.meta.dirname, '../out/compiled'),
        PLAYWRIGHT_JSON_OUTPUT_NAME: `${reports}/e2e.json`,
      },
    });
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const nothing = (): TestCounts => ({ passed: 0, failed: 0, skipped: 0, failures: [] });

function add(total: TestCounts, own: TestCounts): void {
  total.passed += own.passed;
  total.failed += own.failed;
  total.skipped += own.skipped;
  total.failures.push(...own.failures);
}

function readCounts(step: Step, status: number): TestCounts {
  const failed = { ...nothing(), failed: 1, failures: [`${step.name}: see above`] };
  if (step.reports === undefined) return status === 0 ? { ...nothing(), passed: 1 } : failed;
  const counts = nothing();
  for (const file of step.reports.files) {
    try {
      add(counts, step.reports.read(JSON.parse(readFileSync(file, 'utf8'))));
    } catch {
      add(counts, { ...failed, failures: [`${step.name}: no report in ${file}`] });
    }
  }
  if (status !== 0 && counts.failed === 0) add(counts, failed);
  return counts;
}

const only = process.argv.slice(2);
ensureSystemPackages();
const prefix = rootPrefix();
if (prefix === null)
  throw new Error(
    "The integration tests start Debian's sshd for several users, which needs root or sudo -n.",
  );
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
for (const target of ['console', 'kit', 'man'] as const) await buildWhereStale(target);

const unit = vitest('unit', ['unit', 'page']);
const steps: Step[] = [
  { name: 'types', commands: [['tsc', '-p', 'tsconfig.json']] },
  { name: 'types-page', commands: [['tsc', '-p', 'tsconfig.renderer.json']] },
  { name: 'lint', commands: [['oxlint', '--type-aware', '--deny-warnings']] },
  { name: 'format', commands: [['prettier', '--check', '--log-level', 'warn', '.']] },
  { name: 'dead-code', commands: [['knip']] },
  {
    name: 'language',
    commands: [[process.execPath, '--disable-warning=ExperimentalWarning', 'scripts/checkLanguage.ts']],
  },
  {
    name: 'lock-file',
    commands: [[process.execPath, '--disable-warning=ExperimentalWarning', 'scripts/checkLockFile.ts']],
  },
  {
    name: 'docs',
    commands: [
      [process.execPath, '--disable-warning=ExperimentalWarning', 'scripts/generateDocs.ts', '--check'],
    ],
  },
  {
    name: 'unit',
    commands: [unit.command],
    reports: { files: [unit.file], read: readVitest },
  },
  integration(prefix),
  {
    name: 'e2e',
    commands: [['playwright', 'test']],
    reports: { files: [`${reports}/e2e.json`], read: readPlaywright },
  },
].filter((step) => only.length === 0 || only.includes(step.name));

const total = nothing();
const lines: string[] = [];
for (const step of steps) {
  const begun = Date.now();
  console.log(`\n── ${step.name}`);
  const statuses = await Promise.all(step.commands.map(run));
  const counts = readCounts(step, Math.max(...statuses));
  add(total, counts);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  lines.push(
    `${step.name.padEnd(12)} ${String(counts.passed).padStart(5)} passed ${String(counts.failed).padStart(3)} failed ${String(counts.skipped).padStart(3)} skipped ${seconds.padStart(7)} s`,
  );
}
// At the end as well: what keeps only the end of a long output must still say what failed.
if (total.failures.length > 0) console.log(`\n── failed\n${total.failures.join('\n')}`);
console.log(
  `\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`,
);
// A skipped test has shown nothing, so a run with skipped tests fails.
process.exitCode = total.failed === 0 && total.skipped === 0 && total.passed > 0 ? 0 : 1;
