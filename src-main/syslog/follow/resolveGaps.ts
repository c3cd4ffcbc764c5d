import type { LogGap, LogSource } from './logSource.ts';
import type { PlannedGap } from './planGaps.ts';
import type { BadFile, SurveyedFile } from './survey.ts';

/** Lines that can't be had now, but may be had later. */
export const isTemporary = ({ reason }: Pick<LogGap, 'reason'>): boolean =>
  reason === 'unreadable' || reason === 'no-unpacker';

/** Whether the rest of a source was given up because its file was not there. */
export const isGivenUp = (gap: LogGap, source: LogSource): boolean =>
  gap.sourceId === source.id && (gap.reason === 'deleted' || gap.reason === 'truncated');

type Input = {
  /** The gaps that are kept. */
  kept: readonly LogGap[];
  /** The gaps of this plan. */
  planned: readonly PlannedGap[];
  files: readonly SurveyedFile[];
  bad: readonly BadFile[];
  /** The sources before this plan. */
  known: readonly LogSource[];
  sourcesOf: (file: SurveyedFile) => readonly LogSource[];
};

const hasInode = (gap: LogGap, { device, inode }: Pick<BadFile, 'device' | 'inode'>): boolean =>
  gap.id.startsWith(`${device}:${inode}:`);

/** Whether a file that was compressed since, or is so and can't be read either, is in the place of the gap. */
function isReplaced(gap: LogGap, { planned, files, known, sourcesOf }: Input): boolean {
  const orders = known.map(({ order }) => order);
  const below = Math.max(...orders.filter((order) => order < gap.order));
  const above = Math.min(...orders.filter((order) => order > gap.order));
  const isThere = (order: number) => below < order && order < above;
  const packed = files.filter(({ packing }) => packing !== 'plain').flatMap((file) => sourcesOf(file));
  return (
    packed.some((source) => !known.some(({ id }) => id === source.id) && isThere(source.order)) ||
    planned.some(({ gap: other }) => other.sourceId === null && other.id !== gap.id && isThere(other.order))
  );
}

type Fate = 'stays' | 'ends' | 'lost';

function fateOf(gap: LogGap, input: Input): Fate {
  const { planned, files, bad, sourcesOf } = input;
  if (planned.some((one) => one.gap.id === gap.id)) return 'stays';
  if (gap.sourceId !== null) {
    if (isTemporary(gap)) return 'ends';
    const file = files.find((each) => sourcesOf(each).some((source) => isGivenUp(gap, source)));
    return file === undefined || (file.packing === 'plain' && file.size < gap.fromByte) ? 'stays' : 'ends';
  }
  if (!isTemporary(gap)) return 'stays';
  if (files.some((file) => hasInode(gap, file)) || bad.some((file) => hasInode(gap, file))) return 'ends';
  return isReplaced(gap, input) ? 'ends' : 'lost';
}

/**
 * Finds the kept gaps that are over, because their lines are read now or need no reading, and those whose file is gone
 * for good. Call it only if the log itself can be read: otherwise the other files may be hidden too.
 */
export function resolveGaps(input: Input): { resolved: string[]; lost: PlannedGap[] } {
  const fates = input.kept.map((gap) => ({ gap, fate: fateOf(gap, input) }));
  return {
    resolved: fates.filter(({ fate }) => fate !== 'stays').map(({ gap }) => gap.id),
    lost: fates
      .filter(({ fate }) => fate === 'lost')
      .map(({ gap }) => ({
        gap: { ...gap, id: gap.id.replace(/[^:]*$/u, 'deleted'), reason: 'deleted' as const },
        source: null,
      })),
  };
}
