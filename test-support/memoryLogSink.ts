import type { LogBatch, LogGap, LogSink, LogSource } from '../src-main/syslog/follow/logSource.ts';

const textOf = ({ parts }: { parts: Buffer[] }) => Buffer.concat(parts).toString('latin1');

/**
 * Keeps the lines of one appliance in memory, and fails on a batch that doesn't continue its source. With `takeBytes`, only
 * the positions are kept.
 */
export function createMemoryLogSink(options: { takeBytes?: (sourceId: string, bytes: Buffer) => void } = {}) {
  const { takeBytes } = options;
  const sources = new Map<string, { source: LogSource; parts: Buffer[] }>();
  const gaps = new Map<string, LogGap>();
  let batches = 0;
  const begun: string[] = [];

  const sorted = () => [...sources.values()].sort((a, b) => a.source.order - b.source.order);

  function append({ source, from, to, bytes }: LogBatch): void {
    const known = sources.get(source.id) ?? { source: { ...source, offset: source.start }, parts: [] };
    if (from !== known.source.offset) throw new Error(`${from} does not continue ${known.source.offset}`);
    if (to - from !== bytes.length || source.offset !== to) throw new Error('the batch has another length');
    if (
      [...sources.values()].some(
        (other) => other.source.id !== source.id && other.source.order === source.order,
      )
    )
      throw new Error('two sources have the same order');
    if (bytes.length > 0) {
      if (takeBytes === undefined) known.parts.push(Buffer.from(bytes));
      else takeBytes(source.id, bytes);
      if (!begun.includes(source.id)) begun.push(source.id);
    }
    sources.set(source.id, { ...known, source });
    batches += 1;
  }

  const sink: LogSink = {
    keeps: () => true,
    positions: () => Promise.resolve(sorted().map(({ source }) => source)),
    append: async (batch) => append(batch),
    addGap: async (gap, source) => {
      gaps.set(gap.id, gap);
      const known = source === null ? undefined : sources.get(source.id);
      if (source !== null && known !== undefined) sources.set(source.id, { ...known, source });
    },
    gaps: async () => [...gaps.values()],
    removeGaps: async (_applianceId, ids) => {
      for (const id of ids) gaps.delete(id);
    },
  };
  return {
    sink,
    batches: () => batches,
    /** The sources in the order in which their first lines came. */
    firstBatches: () => begun,
    sources: () => sorted().map(({ source }) => source),
    gaps: () => [...gaps.values()],
    /** The text of each source, oldest first. */
    texts: () => sorted().map(textOf),
    text: () => sorted().map(textOf).join(''),
    /** The lines, with a gap as null, in order. */
    rows: () => {
      const rows = sorted().map((each) => ({
        order: each.source.order,
        id: each.source.id,
        lines: textOf(each)
          .split('\n')
          .filter((line) => line !== ''),
      }));
      const all = [...gaps.values()];
      const isAfter = (
        gap: LogGap,
        row: (typeof rows)[number] | undefined,
        next: (typeof rows)[number] | undefined,
      ) =>
        gap.sourceId === null
          ? gap.order > (row?.order ?? -Infinity) && gap.order <= (next?.order ?? Infinity)
          : gap.sourceId === row?.id;
      return [undefined, ...rows].flatMap((row, index) => [
        ...(row?.lines ?? []),
        ...all.filter((gap) => isAfter(gap, row, rows[index])).map(() => null),
      ]);
    },
  };
}
