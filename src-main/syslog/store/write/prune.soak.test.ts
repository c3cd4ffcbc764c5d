import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogLines } from '../../../../bench/logLines.ts';
import { openLogDatabase } from '../database.ts';
import { createLogWriter } from './logWriter.ts';
import { createMaintenance } from './maintenance.ts';

const [lines, linesPerBatch] = [1_000_000, 400];
const noLimits = { maxBytes: 1e12, maxAgeMs: 1e15 };
const receivedAt = Date.parse('2026-11-20T12:00:00Z');

test('when a million lines are pruned, an append and the step before it never take more than 100 ms of processor time', async ({
  annotate,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pruned-'));
  const writer = createLogWriter(openLogDatabase(folder));
  const { step } = createMaintenance(writer.database);
  try {
    const source = createLogLines(1);
    let offset = 0;
    const append = (bytes: Buffer) => {
      const from = offset;
      offset += bytes.length;
      const facts = { id: 'syslog', start: 0, offset, order: 1, isComplete: false };
      const arrival = { receivedAt, zoneOffsetMinutes: 0, skewMs: 0 };
      writer.append([{ applianceId: 'kiln', source: facts, from, to: offset, bytes, ...arrival }]);
    };
    for (let kept = 0; kept < lines; kept += linesPerBatch) {
      append(source.take(linesPerBatch));
      step(() => noLimits, receivedAt);
    }
    const steps: { wallMs: number; cpuMs: number }[] = [];
    const firstKept = () => writer.list('kiln')[0]?.firstKeptLine ?? 0;
    while (firstKept() < lines) {
      const bytes = source.take(linesPerBatch);
      const [begun, cpu] = [performance.now(), process.cpuUsage()];
      step(() => ({ ...noLimits, maxBytes: 1 }), receivedAt);
      append(bytes);
      const { user, system } = process.cpuUsage(cpu);
      steps.push({ wallMs: performance.now() - begun, cpuMs: (user + system) / 1000 });
    }
    const maxOf = (key: 'wallMs' | 'cpuMs') => Math.max(...steps.map((one) => one[key]));
    await annotate(
      `${steps.length} steps: at most ${maxOf('cpuMs').toFixed(1)} ms of processor time, ${maxOf('wallMs').toFixed(1)} ms in all`,
    );
    expect(maxOf('cpuMs')).toBeLessThan(100);
    expect(writer.database.sqlite.pragma('quick_check', { simple: true })).toBe('ok');
  } finally {
    writer.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
