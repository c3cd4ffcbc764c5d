import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';
import type { LogEngine } from '../src-main/syslog/store/process/engine.ts';
import { cpuSecondsOfChildren, residentMbOfChildren } from './childProcesses.ts';
import { createLogLines } from './logLines.ts';
import { describeMachine } from './machine.ts';

/*
 * npm run bench:syslog-live -- [--lines 500000] [--rate 10000] [--seconds 10] [--json]
 *
 * Keeps lines through the log engine's process: as fast as it takes them, then at a steady rate. Measures lines for each
 * second of the process's processor time, and the time from the sending of a batch until it is kept and can be found.
 * The way from the appliance (`ssh tail -F | wc -l` as the floor) and to the page is not part of it yet.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '500000' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const linesPerBatch = 500;
const batchesAtOnce = 8;
const tickMs = 20;

function createAppender(engine: LogEngine) {
  let offset = 0;
  return (bytes: Buffer): Promise<void> => {
    const from = offset;
    offset += bytes.length;
    return engine.append({
      applianceId: 'kiln',
      source: { id: 'syslog', start: 0, offset, order: 1, isComplete: false },
      from,
      to: offset,
      bytes,
      receivedAt: Date.now(),
      zoneOffsetMinutes: 0,
      skewMs: 0,
    });
  };
}

async function measureFull(append: (bytes: Buffer) => Promise<void>) {
  const lines = createLogLines(1);
  const batches = Array.from({ length: Math.ceil(Number(values.lines) / linesPerBatch) }, () =>
    lines.take(linesPerBatch),
  );
  const started = performance.now();
  const cpuBefore = cpuSecondsOfChildren();
  for (let at = 0; at < batches.length; at += batchesAtOnce)
    await Promise.all(batches.slice(at, at + batchesAtOnce).map(append));
  const count = batches.length * linesPerBatch;
  return {
    linesPerSecond: count / ((performance.now() - started) / 1000),
    linesPerCpuSecond: count / (cpuSecondsOfChildren() - cpuBefore),
  };
}

async function measureSteady(append: (bytes: Buffer) => Promise<void>) {
  const lines = createLogLines(2);
  const perTick = Math.round((Number(values.rate) * tickMs) / 1000);
  const times: number[] = [];
  const appends: Promise<void>[] = [];
  const cpuBefore = cpuSecondsOfChildren();
  const started = performance.now();
  for (let tick = 0; tick * tickMs < Number(values.seconds) * 1000; tick += 1) {
    const sent = performance.now();
    appends.push(append(lines.take(perTick)).then(() => void times.push(performance.now() - sent)));
    await sleep(Math.max(0, started + (tick + 1) * tickMs - performance.now()));
  }
  await Promise.all(appends);
  const seconds = (performance.now() - started) / 1000;
  times.sort((left, right) => left - right);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0;
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    coreShare: (cpuSecondsOfChildren() - cpuBefore) / seconds,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'bench-syslog-live-'));
const engine = createLogEngineClient({ start: () => forkEngine(folder) });
try {
  await engine.readState();
  const append = createAppender(engine);
  const full = await measureFull(append);
  const steady = await measureSteady(append);
  const report = {
    name: 'syslog-live',
    unit: 'lines kept for each second of processor time',
    ours: full.linesPerCpuSecond,
    peers: {},
    ratio: null,
    machine: { ...describeMachine(), load: loadavg()[0] },
    skipped: ['ssh tail -F | wc -l'],
    residentMb: residentMbOfChildren(),
    full,
    steady,
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : [
          `syslog-live: ${full.linesPerSecond.toFixed(0)} lines/s kept, ${full.linesPerCpuSecond.toFixed(0)} for each second of processor time`,
          `at ${values.rate} lines/s: kept after p50 ${steady.p50Ms.toFixed(0)} ms, p99 ${steady.p99Ms.toFixed(0)} ms, at most ${steady.maxMs.toFixed(0)} ms, with ${(steady.coreShare * 100).toFixed(0)} % of a core`,
          `${report.residentMb.toFixed(0)} MB resident, load ${loadavg()[0]?.toFixed(1)}`,
          '',
        ].join('\n'),
  );
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
