import type { LogGap, LogSource } from './logSource.ts';
import type { Matches } from './matchFiles.ts';
import { isTemporary } from './resolveGaps.ts';
import { compareAge, type BadFile, type SurveyedFile } from './survey.ts';

export type PlannedGap = {
  gap: Omit<LogGap, 'applianceId' | 'since' | 'until'> & Partial<Pick<LogGap, 'since' | 'until'>>;
  source: LogSource | null;
};

/** A file that may hold the lines of a source. */
export type HidingFile = { problem: 'unreadable' | 'corrupt' | 'no-unpacker'; text: string };

/** The order of a new source whose file is older than the sources `newer` and newer than all others. */
export function orderBetween(all: readonly LogSource[], newer: readonly LogSource[]): number {
  const above = Math.min(...newer.map(({ order }) => order));
  const below = Math.max(...all.map(({ order }) => order).filter((order) => order < above));
  if (newer.length === 0) return all.length === 0 ? 0 : Math.floor(below) + 1;
  return below === -Infinity ? Math.ceil(above) - 1 : (below + above) / 2;
}

/** Every source that is not complete and has no file, and a break in the chain of files, is a gap. */
export function findGaps(input: {
  unmatched: Matches['unmatched'];
  newest: LogSource | undefined;
  hidden: HidingFile | undefined;
}): PlannedGap[] {
  const { newest, hidden } = input;
  return input.unmatched.flatMap(({ source, wasCut }): PlannedGap[] => {
    // Files may have come and gone after the newest source, also if it is complete.
    if (source.isComplete && source !== newest) return [];
    const problem = hidden?.problem;
    // The lines may be in a file that can't be read now. They are read when it can be.
    const reason = problem ?? (wasCut ? 'truncated' : 'deleted');
    return [
      {
        gap: {
          id: `${source.id}:${reason}`,
          sourceId: source.id,
          order: source.order,
          fromByte: source.offset,
          toByte: source.end,
          reason,
          text: hidden?.text ?? '',
        },
        source: isTemporary({ reason }) || source.isComplete ? null : { ...source, isComplete: true },
      },
    ];
  });
}

export function findFileGaps(input: {
  bad: readonly BadFile[];
  files: readonly SurveyedFile[];
  sourcesOf: (file: SurveyedFile) => LogSource[];
  all: readonly LogSource[];
}): PlannedGap[] {
  return input.bad.flatMap((bad): PlannedGap[] => {
    if (
      bad.name === '' ||
      bad.problem === 'missing' ||
      bad.problem === 'vanished' ||
      bad.problem === 'refused'
    )
      return [];
    // Its lines were read before it became unreadable.
    const isKnown = ({ device, inode, isComplete }: LogSource) =>
      isComplete && device === bad.device && inode === bad.inode;
    if (input.all.some(isKnown)) return [];
    const newer = input.files.filter((file) => compareAge(bad, file) < 0).flatMap(input.sourcesOf);
    const order = orderBetween(input.all, newer);
    const id = `${bad.device}:${bad.inode}:${bad.problem}`;
    return [
      {
        gap: {
          id,
          sourceId: null,
          order,
          fromByte: 0,
          toByte: null,
          reason: bad.problem,
          text: bad.text,
          // Its lines may be of any time.
          since: null,
        },
        source: null,
      },
    ];
  });
}
