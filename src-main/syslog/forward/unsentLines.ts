import { readExportedLine, type ExportedLine } from '../../../src-shared/model/syslog/export/exportedLine.ts';
import { logSourceSchema } from '../follow/logSource.ts';
import type { LogEngine } from '../store/process/engine.ts';

/** Lines that are sent together at most, by number and by bytes of their text **[ours]**. */
const batchLines = 200;
const batchBytes = 256 * 1024;

/** Lines of one file to send, and the number of the line after them. `missed` lines before them were removed. */
export type UnsentBatch = {
  applianceId: string;
  source: string;
  lines: ExportedLine[];
  to: number;
  missed: number;
};

/** Cuts lines into batches. A line that is longer than a batch is one. */
function* cutBatches(lines: readonly ExportedLine[]): Generator<ExportedLine[], void, void> {
  let batch: ExportedLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (batch.length > 0 && bytes + line.raw.length > batchBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += line.raw.length;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Yields the lines of an appliance behind the positions, file by file in order. Each batch begins where the one before it
 * ended.
 */
export async function* readUnsent(
  engine: Pick<LogEngine, 'listSources' | 'searchContext'>,
  appliance: { id: string; name: string },
  positions: ReadonlyMap<string, number>,
): AsyncGenerator<UnsentBatch, void, void> {
  const applianceId = appliance.id;
  for (const { source, facts, line: end, firstKeptLine } of await engine.listSources({ applianceId })) {
    const { id, device, inode } = logSourceSchema.parse(facts);
    let next = positions.get(id) ?? 0;
    let missed = Math.max(0, firstKeptLine - next);
    next += missed;
    while (next < end) {
      const after = Math.min(batchLines, end - next) - 1;
      const found = await engine.searchContext({ source, line: next, before: 0, after });
      const lines = found.map(({ text, key, offset, arrival }) =>
        readExportedLine({
          raw: text,
          appliance: appliance.name,
          file: { id, device, inode },
          offset,
          line: key.line,
          arrival,
        }),
      );
      // Lines can be removed while they are read; the next round counts them.
      if (lines.length === 0) break;
      for (const batch of cutBatches(lines)) {
        const first = batch[0]?.line ?? next;
        const to = (batch.at(-1)?.line ?? next) + 1;
        yield { applianceId, source: id, lines: batch, to, missed: missed + (first - next) };
        missed = 0;
        next = to;
      }
    }
  }
}
