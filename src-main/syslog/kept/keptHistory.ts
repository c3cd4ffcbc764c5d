import { logSourceSchema, readGap, type LogGap, type LogSource } from '../follow/logSource.ts';
import type { LogEngine } from '../store/process/engine.ts';
import type { FoundLine } from '../store/search/foundLine.ts';
import { maxKeptBytes } from '../tailLines.ts';
import { maxPieceBytes } from '../store/pieces.ts';

export type HistoryRow = { kind: 'line'; line: FoundLine } | { kind: 'gap'; gap: LogGap };

export type KeptHistory = {
  /** The newest kept lines with the gaps between them, oldest first. */
  rows: HistoryRow[];
  /** The kept sources: lines from their offsets on are not in `rows`. */
  sources: readonly LogSource[];
  /** All kept gaps, also those before the lines. */
  gapIds: readonly string[];
};

/** Lines that are read at once. */
const linesPerRead = 500;

/**
 * Reads the newest lines, in the order of the files: at most `limit`, and `maxKeptBytes` of text. A search would need threads
 * that may not have started yet.
 */
async function readNewest(
  engine: Pick<LogEngine, 'searchContext'>,
  sources: Awaited<ReturnType<LogEngine['listSources']>>,
  limit: number,
): Promise<FoundLine[]> {
  const runs: FoundLine[][] = [];
  let left = limit;
  let bytesLeft = maxKeptBytes;
  for (const { source, line, firstKeptLine } of sources.toReversed())
    for (let end = line; end > firstKeptLine && left > 0 && bytesLeft >= maxPieceBytes;) {
      // As if each line were as long as one can be.
      const count = Math.min(left, linesPerRead, end - firstKeptLine, Math.floor(bytesLeft / maxPieceBytes));
      const run = await engine.searchContext({ source, line: end - 1, before: count - 1, after: 0 });
      runs.push(run);
      end -= count;
      left -= count;
      bytesLeft -= run.reduce((sum, { text }) => sum + text.length, 0);
    }
  return runs.toReversed().flat();
}

/** Reads the newest `limit` lines of an appliance from the store. */
export async function readKeptHistory(
  engine: Pick<LogEngine, 'listSources' | 'listGaps' | 'searchContext'>,
  { applianceId, limit }: { applianceId: string; limit: number },
): Promise<KeptHistory> {
  const [sources, gaps] = await Promise.all([
    engine.listSources({ applianceId }),
    engine.listGaps({ applianceIds: [applianceId] }),
  ]);
  const lines = await readNewest(engine, sources, limit);
  const rows = lines.map((line): HistoryRow => ({ kind: 'line', line }));
  for (const { source, rank, line, gap } of gaps) {
    const at = rows.findIndex(
      (row) =>
        row.kind === 'line' &&
        (row.line.key.source === source ? row.line.key.line >= line : row.line.key.rank > rank),
    );
    // A gap before all of these lines is not between them.
    if (at > 0 || (at === -1 && rows.length > 0))
      rows.splice(at === -1 ? rows.length : at, 0, { kind: 'gap', gap: readGap(gap) });
  }
  return {
    rows,
    sources: sources.map(({ facts }) => logSourceSchema.parse(facts)),
    gapIds: gaps.map(({ gap }) => readGap(gap).id),
  };
}
