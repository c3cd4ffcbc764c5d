import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LogQuery } from '../src-shared/model/syslog/query/logQuery.ts';
import { dayMs } from '../src-shared/base/time.ts';
import type { LogEngine } from '../src-main/syslog/store/process/engine.ts';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';
import { peakMbOfChildren, residentMbOfChildren } from './childProcesses.ts';
import { createLogLines } from './logLines.ts';
import { describeMachine, median } from './machine.ts';
import { openLogPeers, peerNames, type PeerCount, type PeerName, type PeerSearch } from './logPeers.ts';
import { say } from './program.ts';

/*
 * npm run bench:syslog-search -- [--lines 3000000] [--rounds 3] [--peers grep,zgrep,lnav] [--folder /tmp] [--json]
 *
 * Keeps lines through the log engine's process, then searches them: time to the first lines, to the first full page of 100
 * and to the exact count, beside `grep -c` on the text, `zgrep -c` on its gzip copy and lnav in the same run. The engine scans
 * on two threads. The text is written as it is made, so that memory is bounded; 30,000,000 lines need 7 GB in --folder.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '3000000' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string', default: peerNames.join() },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const lineCount = Number(values.lines);
const rounds = Number(values.rounds);
const linesPerBatch = 500;
const batchesAtOnce = 8;
const reportLines = 1_000_000;
/** More than any log here has, so that nothing is removed. */
const limits = { maxBytes: 2 ** 40, maxAgeMs: 10_000 * dayMs };

type Case = PeerSearch & { name: string; query: LogQuery };
const cases: readonly Case[] = [
  {
    name: 'rare word',
    query: { kind: 'word', text: 'zanzibar' },
    grep: ['-ciw', 'zanzibar'],
    lnav: String.raw`\bzanzibar\b`,
  },
  {
    name: 'common word',
    query: { kind: 'word', text: 'accepted' },
    grep: ['-ciw', 'accepted'],
    lnav: String.raw`\baccepted\b`,
  },
  {
    name: 'absent word',
    query: { kind: 'word', text: 'xylophone' },
    grep: ['-ciw', 'xylophone'],
    lnav: String.raw`\bxylophone\b`,
  },
  {
    name: 'common substring',
    query: { kind: 'text', text: 'ccepte' },
    grep: ['-ci', 'ccepte'],
    lnav: 'ccepte',
  },
  {
    name: 'phrase',
    query: { kind: 'text', text: 'address already in use' },
    grep: ['-ci', 'address already in use'],
    lnav: 'address already in use',
  },
  {
    name: 'regexp',
    query: { kind: 'regexp', source: String.raw`tenant northwind took 9\d\d\d ms`, flags: '' },
    grep: ['-cE', 'tenant northwind took 9[0-9][0-9][0-9] ms'],
    lnav: 'tenant northwind took 9[0-9][0-9][0-9] ms',
  },
  {
    name: 'regexp without a literal start',
    query: { kind: 'regexp', source: String.raw`[0-9]+ ms(,| and)`, flags: '' },
    grep: ['-cE', '[0-9]+ ms(,| and)'],
    lnav: '[0-9]+ ms(,| and)',
  },
  {
    name: 'severity and program',
    query: {
      kind: 'and',
      nodes: [
        { kind: 'field', field: 'severity', op: '<=', value: 'err' },
        { kind: 'field', field: 'program', op: '=', value: 'sshd' },
      ],
    },
    grep: ['-cE', String.raw`sshd\[[0-9]+\]: error`],
    lnav: String.raw`sshd\[[0-9]+\]: error`,
  },
];

async function keepLines(engine: LogEngine, file: string): Promise<{ linesPerSecond: number }> {
  const lines = createLogLines(1);
  let seconds = 0;
  let from = 0;
  for (let kept = 0, nextReport = reportLines; kept < lineCount;) {
    const counts = Array.from({ length: batchesAtOnce }, (_, at) =>
      Math.min(linesPerBatch, Math.max(0, lineCount - kept - at * linesPerBatch)),
    );
    const batches = counts.filter((count) => count > 0).map(lines.take);
    const started = performance.now();
    await Promise.all(
      batches.map((bytes) => {
        const offset = from + bytes.length;
        const batch = { from, to: offset, bytes };
        from = offset;
        const source = { id: 'syslog', start: 0, offset, order: 1, isComplete: false };
        const facts = {
          applianceId: 'kiln',
          source,
          receivedAt: Date.now(),
          zoneOffsetMinutes: 0,
          skewMs: 0,
        };
        return engine.append({ ...facts, ...batch });
      }),
    );
    seconds += (performance.now() - started) / 1000;
    kept += linesPerBatch * batchesAtOnce;
    for (const bytes of batches) appendFileSync(file, bytes);
    if (kept < nextReport) continue;
    nextReport += reportLines;
    say(
      `${kept} lines kept, ${(kept / seconds).toFixed(0)} lines/s, ${residentMbOfChildren().toFixed(0)} MB resident`,
    );
  }
  return { linesPerSecond: lineCount / seconds };
}

async function searchOnce(engine: LogEngine, query: LogQuery) {
  const started = performance.now();
  const { id } = await engine.openSearch({ query });
  let firstMs: number | null = null;
  let lines = 0;
  for (let cursor = null; ;) {
    const page = await engine.searchPage({ id, cursor, limit: 100 - lines });
    lines += page.lines.length;
    if (lines > 0) firstMs ??= performance.now() - started;
    ({ cursor } = page);
    if (page.isDone || lines >= 100) break;
  }
  const pageMs = performance.now() - started;
  const countStarted = performance.now();
  let hits = 0;
  for await (const progress of engine.searchProgress({ id, bars: 0, reportMs: 100 })) ({ hits } = progress);
  const countMs = performance.now() - countStarted;
  await engine.cancelSearch({ id });
  return { firstMs: firstMs ?? pageMs, pageMs, countMs, hits };
}

type Peers = Awaited<ReturnType<typeof openLogPeers>>;

async function measureCase(engine: LogEngine, { name, query, ...search }: Case, peers: Peers) {
  const ours: Awaited<ReturnType<typeof searchOnce>>[] = [];
  const theirs = new Map<PeerName, PeerCount[]>(peers.map((peer) => [peer.name, []]));
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await searchOnce(engine, query));
    for (const peer of peers) theirs.get(peer.name)?.push(await peer.count(search));
  }
  const of = (key: 'firstMs' | 'pageMs' | 'countMs') => median(ours.map((one) => one[key])) ?? 0;
  const countMs = of('countMs');
  const result = {
    name,
    hits: ours[0]?.hits ?? 0,
    firstMs: of('firstMs'),
    pageMs: of('pageMs'),
    countMs,
    peers: [...theirs].map(([peer, counts]) => {
      const ms = median(counts.map((one) => one.ms)) ?? 0;
      return { peer, hits: counts[0]?.hits ?? 0, ms, ratio: countMs / ms };
    }),
  };
  say(
    [
      `${name}: ${result.hits} lines, first ${result.firstMs.toFixed(0)} ms, page ${result.pageMs.toFixed(0)} ms, count ${countMs.toFixed(0)} ms`,
      ...result.peers.map(
        ({ peer, hits, ms, ratio }) => `${peer} ${hits} in ${ms.toFixed(0)} ms, ratio ${ratio.toFixed(3)}`,
      ),
    ].join('; '),
  );
  return result;
}

/** A figure of each peer and case. */
function byPeer(
  results: readonly Awaited<ReturnType<typeof measureCase>>[],
  figure: 'ms' | 'ratio',
): Record<string, Record<string, number>> {
  const figures: Record<string, Record<string, number>> = {};
  for (const { name, peers } of results)
    for (const one of peers) figures[one.peer] = { ...figures[one.peer], [name]: one[figure] };
  return figures;
}

const folder = mkdtempSync(join(values.folder, 'bench-syslog-search-'));
const engine = createLogEngineClient({ start: () => forkEngine(join(folder, 'data')) });
try {
  const file = join(folder, 'syslog');
  await engine.setLimits({ '': limits });
  const kept = await keepLines(engine, file);
  const textBytes = statSync(file).size;
  const peers = await openLogPeers(folder, file, values.peers.split(','));
  const results: Awaited<ReturnType<typeof measureCase>>[] = [];
  for (const one of cases) results.push(await measureCase(engine, one, peers));
  const storeBytes = statSync(join(folder, 'data', 'logs.sqlite')).size;
  const report = {
    name: 'syslog-search',
    unit: 'ms to the exact count',
    ours: Object.fromEntries(results.map(({ name, countMs }) => [name, countMs])),
    peers: byPeer(results, 'ms'),
    ratio: byPeer(results, 'ratio'),
    machine: { ...describeMachine(), load: loadavg()[0] },
    lines: lineCount,
    threads: 2,
    residentMb: residentMbOfChildren(),
    peakMb: peakMbOfChildren(),
    diskShare: storeBytes / textBytes,
    ...kept,
    results,
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : `syslog-search: ${lineCount} lines kept at ${kept.linesPerSecond.toFixed(0)} lines/s, ${(report.diskShare * 100).toFixed(1)} % of the text on the disk, ${report.residentMb.toFixed(0)} MB resident, at most ${report.peakMb.toFixed(0)}, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
