import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import nodeFlags from '../bin/nodeFlags.json' with { type: 'json' };
import { numberedServers } from '../test-support/keepNumberedLog.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { enterAppliances } from './enterAppliances.ts';
import { run } from './applianceFleet.ts';
import { cpuSecondsOf, residentMbOf } from './childProcesses.ts';
import { startLineWriter } from './lineWriter.ts';
import { describeMachine, median } from './machine.ts';
import { runInOwnNetwork, say } from './program.ts';

/*
 * npm run bench:syslog-follow -- [--appliances 100] [--rate 50] [--seconds 300] [--json]
 *
 * Keeps the logs of many appliances with `sallyport syslog keep` while each is written to at a steady rate. Measures
 * memory and processor time of the main process and of the log store's process, and counts that each line is kept once.
 * The appliances are one plain Debian server behind many addresses, so all logs have the same lines. Needs root and
 * `npm run build`.
 */
const { values } = parseArgs({
  options: {
    appliances: { type: 'string', default: '100' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
  },
});
const applianceCount = Number(values.appliances);
const cli = join(import.meta.dirname, '../out/desktop/cli.js');
const appliances = Array.from({ length: applianceCount }, (_, index) => ({
  name: `quay-${String(index + 1).padStart(3, '0')}`,
  host: `127.0.1.${index + 1}`,
}));
const sampleMs = 5000;

/** The log store's process, which the console starts. */
async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

async function sample(pids: { main: number; store: number }) {
  const samples: { mainMb: number; storeMb: number }[] = [];
  const cpu = () => ({ main: cpuSecondsOf(pids.main), store: cpuSecondsOf(pids.store) });
  const [before, begun] = [cpu(), performance.now()];
  while (performance.now() - begun < Number(values.seconds) * 1000) {
    await sleep(sampleMs);
    const one = { mainMb: residentMbOf(pids.main), storeMb: residentMbOf(pids.store) };
    samples.push(one);
    if (samples.length % 12 === 0)
      say(`main ${one.mainMb.toFixed(0)} MB, store ${one.storeMb.toFixed(0)} MB`);
  }
  const seconds = (performance.now() - begun) / 1000;
  const after = cpu();
  const figures = (key: 'mainMb' | 'storeMb') => {
    const all = samples.map((one) => one[key]);
    return {
      median: median(all),
      highest: Math.max(...all),
      first: all[0] ?? null,
      last: all.at(-1) ?? null,
    };
  };
  return {
    mainMb: figures('mainMb'),
    storeMb: figures('storeMb'),
    coreShare: { main: (after.main - before.main) / seconds, store: (after.store - before.store) / seconds },
  };
}

const countSchema = z.object({ count: z.int() });

async function measure() {
  const server = await numberedServers['without the kit']();
  const folder = await mkdtemp(join(tmpdir(), 'bench-syslog-follow-'));
  const data = join(folder, 'data');
  const enter = ['nsenter', '--target', String(server.system.pid), '--net', '--'];
  const sallyport = (...argv: string[]) => [
    ...enter,
    process.execPath,
    ...nodeFlags,
    cli,
    '--data',
    data,
    '--json',
    ...argv,
  ];
  const countAll = async () =>
    countSchema.parse(
      JSON.parse(await run(sallyport('syslog', 'search', 'program:bench', '--count', '--offline'))),
    ).count;
  try {
    const { port, user, keyFile } = server;
    await enterAppliances(data, appliances, {
      port,
      user,
      keyFile,
      sudo: 'none',
      hostKey: { type: 'ssh-ed25519', fingerprint: server.hostKey },
    });
    const [program = '', ...argv] = sallyport('syslog', 'keep');
    const keep = spawn(program, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    const closed = new Promise((resolve) => keep.once('close', resolve));
    const following = new Set<string>();
    keep.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const [, name = ''] of text.matchAll(/"name":\s*"(quay-\d+)",\s*"phase":\s*"following"/gu))
        following.add(name);
    });
    const begun = performance.now();
    await waitFor('all logs are followed', () => Promise.resolve(following.size === applianceCount));
    const startSeconds = (performance.now() - begun) / 1000;
    say(`${applianceCount} logs are followed after ${startSeconds.toFixed(1)} s`);
    const pid = keep.pid ?? 0;
    const writer = startLineWriter(server.system, Number(values.rate));
    const figures = await sample({ main: pid, store: await childOf(pid) });
    const lines = (await writer.stop()) * applianceCount;
    let kept = 0;
    await waitFor('all lines are kept', async () => (kept = await countAll()) >= lines).catch(
      () => undefined,
    );
    keep.kill('SIGTERM');
    await closed;
    return { startSeconds, ...figures, lines, kept };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await runInOwnNetwork(import.meta.filename, async () => {
  const figures = await measure();
  const { mainMb, storeMb, coreShare, lines, kept } = figures;
  const report = {
    name: 'syslog-follow',
    unit: 'resident megabytes of the main process',
    ours: mainMb.highest,
    peers: {},
    ratio: null,
    machine: { ...describeMachine(), load: loadavg()[0] },
    appliances: applianceCount,
    ...figures,
  };
  const megabytes = ({ median: middle, highest }: typeof mainMb) =>
    `${(middle ?? 0).toFixed(0)} MB, at most ${highest.toFixed(0)}`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : `syslog-follow: ${applianceCount} appliances at ${values.rate} lines/s each: main process ${megabytes(mainMb)}, ${(coreShare.main * 100).toFixed(0)} % of a core; log store ${megabytes(storeMb)}, ${(coreShare.store * 100).toFixed(0)} %; ${kept} of ${lines} lines kept\n`,
  );
});
