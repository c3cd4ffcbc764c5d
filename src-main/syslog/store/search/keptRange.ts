import type { BlockReader, SourceEnd } from '../read/blockReader.ts';
import { createSortTimes } from './foundLine.ts';

/** The sort times of the first and the last kept line of sources; null if no line is kept. */
export function keptRange(
  reader: Pick<BlockReader, 'timeRange' | 'firstOpenColumns'>,
  ends: readonly SourceEnd[],
): { from: number; to: number } | null {
  const { first, last } = reader.timeRange(ends.map(({ source }) => source));
  const tails = ends.filter(({ tailFrom, end }) => tailFrom < end);
  const starts = tails.map(({ source, lastSort }) => {
    const columns = reader.firstOpenColumns(source);
    return columns === null ? lastSort : (createSortTimes(columns)()[0] ?? lastSort);
  });
  const from = Math.min(first ?? Number.POSITIVE_INFINITY, ...starts);
  if (!Number.isFinite(from)) return null;
  return { from, to: Math.max(last ?? 0, ...tails.map(({ lastSort }) => lastSort)) };
}
