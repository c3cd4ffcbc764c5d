import { maxHeadBytes, type LogGap, type LogSource } from './logSource.ts';
import { agree, haveSameHead, matchFiles } from './matchFiles.ts';
import { findFileGaps, findGaps, orderBetween, type HidingFile, type PlannedGap } from './planGaps.ts';
import { isGivenUp, resolveGaps } from './resolveGaps.ts';
import { compareAge, unpackedName, type Survey, type SurveyedFile } from './survey.ts';

/** Text of syslog is compressed to about a tenth **[ours]**. */
const typicalRatio = 10;
/** A file that was renamed may get lines from a writer that still holds it open, but not for longer **[ours]**. */
export const lateSeconds = 60;
/** Late lines of the file before the log come first, so they may be only this part of what delays the log's own **[ours]**. */
const lateShare = 1 / 8;

/** One file to read for one source. */
export type PlannedRead = {
  source: LogSource;
  file: SurveyedFile;
  /** Nothing will be written to the file any more, so its end completes the source. */
  isFinal: boolean;
};

export type Plan = {
  /** New and changed sources, oldest first. They are kept before anything is read, so that none is forgotten. */
  changed: LogSource[];
  gaps: PlannedGap[];
  /** IDs of kept gaps that are over. */
  resolved: string[];
  /** To read before following, oldest first. */
  before: PlannedRead[];
  /** The log. Null if it can't be read now. */
  log: PlannedRead | null;
  /** The file before it, to which late lines may still be written. */
  previous: PlannedRead | null;
  /** To read while following, newest first. */
  fill: PlannedRead[];
  /** Why the survey can't be trusted yet. Survey again. */
  unsettled: string | null;
};

export type PlanInput = {
  known: readonly LogSource[];
  /** The gaps that are kept. */
  keptGaps: readonly LogGap[];
  survey: Survey;
  /** Bytes to read before following. More than that is read while following. */
  maxBytesBefore: number;
  /** Files that have turned out not to hold the lines of a source, by `excludedKey`. */
  excluded: ReadonlySet<string>;
  /** Whether a copy that does not change may be taken for a file of its own. */
  isPatienceOver: boolean;
  newId: () => string;
};

export const excludedKey = (source: LogSource, { device, inode }: SurveyedFile): string =>
  `${source.id} ${device}:${inode}`;

/**
 * Leaves out a compressed file while its original is still there, because it is being written. After a change of its
 * settings, logrotate may also have files of different ages with the same number.
 */
function settleFiles(survey: Survey): Pick<Survey, 'files' | 'bad'> {
  const plain = new Map(
    survey.files.filter(({ packing }) => packing === 'plain').map((file) => [file.name, file]),
  );
  const isOriginalThere = (name: string, head: Buffer) => {
    const original = unpackedName(name) === name ? undefined : plain.get(unpackedName(name));
    return original !== undefined && haveSameHead(original.head, head);
  };
  return {
    files: survey.files.filter(({ name, head }) => !isOriginalThere(name, head)).toSorted(compareAge),
    bad: survey.bad.filter(
      ({ name, problem }) => problem !== 'corrupt' || !isOriginalThere(name, Buffer.alloc(0)),
    ),
  };
}

/** logrotate copies a file before it cuts it. Until then, the copy and the log have the same lines. */
function findCopy(files: readonly SurveyedFile[]): string | null {
  const [copy, log] = files.slice(-2);
  if (log?.name !== '' || copy?.packing !== 'plain') return null;
  const isSame = agree(log.head, copy.head);
  return isSame && copy.size <= log.size ? `${copy.name} is being copied from the log` : null;
}

function createSource(file: SurveyedFile, input: { id: string; order: number; start: number }): LogSource {
  const { device, inode } = file;
  const head = file.head.toString('base64');
  const { id, order, start } = input;
  return { id, device, inode, head, start, end: null, offset: start, anchor: '', order, isComplete: false };
}

/** Whether more was read of the log than a copy of it holds: then there is nothing to read in the copy. */
export const isShortCopy = ({ source, file }: Pick<PlannedRead, 'source' | 'file'>): boolean =>
  file.packing === 'plain' && file.size < source.offset;

function unreadBytes({ source, file }: PlannedRead): number {
  if (file.packing !== 'plain') return Math.max(0, file.size * typicalRatio - source.offset);
  return Math.max(0, (source.end ?? file.size) - source.offset);
}

/** Whether the writer has left the file before the log for good. */
function isLeft(file: SurveyedFile, log: SurveyedFile | undefined, survey: Survey): boolean {
  return log !== undefined && log.size > 0 && survey.clock - file.modified >= lateSeconds;
}

/**
 * Compares what is kept with the files that are there, and says what to read, so that each line is read once and in
 * order, and which lines can't be had.
 */
export function planReads(input: PlanInput): Plan {
  const { known, survey, excluded } = input;
  const { files, bad } = settleFiles(survey);
  const vanished = survey.bad.find(({ problem }) => problem === 'vanished');
  const nothing = { changed: [], gaps: [], resolved: [], before: [], log: null, previous: null, fill: [] };
  const unsettled = vanished?.text ?? (input.isPatienceOver ? null : findCopy(files));
  if (unsettled !== null) return { ...nothing, unsettled };

  const matches = matchFiles(known, files, (source, file) => excluded.has(excludedKey(source, file)));
  const all = [...known];
  const changed: LogSource[] = [];
  for (const [index, file] of files.entries())
    matches.sources[index] = (matches.sources[index] ?? []).map((source) => {
      if (!hasMore(source, file) && !isBack(source, file, input.keptGaps)) return source;
      const reopened = { ...source, isComplete: false };
      changed.push(reopened);
      return reopened;
    });
  const newerThan = (index: number) => matches.sources.slice(index + 1).flat();
  for (const [index, file] of files.entries()) {
    const own = matches.sources[index] ?? [];
    if (file.head.length === 0 || own.some(({ end }) => end === null)) continue;
    const order = orderBetween(all, newerThan(index));
    const start = Math.max(0, ...own.map(({ end }) => end ?? 0));
    const source = createSource(file, { id: input.newId(), order, start });
    all.push(source);
    // A source that begins in the middle is kept with its first lines, because only then its first byte is known.
    if (start === 0) changed.push(source);
    matches.sources[index] = [...own, source];
  }

  const newest = known.reduce<LogSource | undefined>(
    (last, source) => (last === undefined || source.order > last.order ? source : last),
    undefined,
  );
  const hidden = bad.flatMap(({ name, problem, text }): HidingFile[] =>
    name !== '' && (problem === 'unreadable' || problem === 'corrupt' || problem === 'no-unpacker')
      ? [{ problem, text }]
      : [],
  )[0];
  const sourcesOf = (file: SurveyedFile) => matches.sources[files.indexOf(file)] ?? [];
  // While the log itself is missing or can't be read, its file may come back.
  const isAway = bad.some(({ name }) => name === '');
  const gaps = [
    ...(isAway ? [] : findGaps({ unmatched: matches.unmatched, newest, hidden })),
    ...findFileGaps({ bad, files, sourcesOf, all }),
  ];
  const { resolved, lost } = isAway
    ? { resolved: [], lost: [] }
    : resolveGaps({ kept: input.keptGaps, planned: gaps, files, bad, known, sourcesOf });
  return {
    ...assignReads(input, files, sourcesOf, { all, changed }),
    gaps: [...gaps, ...lost],
    resolved,
    unsettled: null,
  };
}

/** Whether a file that was completed has grown after all, or has the log's name again. */
function hasMore({ isComplete, end, offset }: LogSource, { name, packing, size }: SurveyedFile): boolean {
  return isComplete && end === null && packing === 'plain' && (name === '' || size > offset);
}

/** Whether the file of a source that was given up is there after all, and may have more lines. */
function isBack(source: LogSource, file: SurveyedFile, gaps: readonly LogGap[]): boolean {
  return (
    source.isComplete &&
    (file.packing !== 'plain' || file.size > source.offset) &&
    gaps.some((gap) => isGivenUp(gap, source))
  );
}

/** Whether the end of the log can be read first: its rest needs a source that is found again and begins with a line. */
function canBeSplit({ source, file }: PlannedRead): boolean {
  return file.head.length === maxHeadBytes && (source.start === 0 || source.offset > source.start);
}

/** Divides the reads: before following, while following, and the log itself. */
function assignReads(
  input: PlanInput,
  files: readonly SurveyedFile[],
  sourcesOf: (file: SurveyedFile) => LogSource[],
  { all, changed }: { all: LogSource[]; changed: LogSource[] },
): Omit<Plan, 'gaps' | 'resolved' | 'unsettled'> {
  const logFile = files.findLast(({ name }) => name === '');
  const lastRotated = files.findLast(({ name }) => name !== '');
  const reads = files.flatMap((file): PlannedRead[] => {
    const isFinal =
      file !== logFile &&
      (file !== lastRotated || file.packing !== 'plain' || isLeft(file, logFile, input.survey));
    return sourcesOf(file)
      .filter(({ isComplete }) => !isComplete)
      .map((source) => ({
        source,
        file,
        isFinal: isFinal || (file !== logFile && isShortCopy({ source, file })),
      }));
  });
  const isOpenLog = ({ file, source }: PlannedRead) => file === logFile && source.end === null;
  let log = reads.find(isOpenLog) ?? null;
  let older = reads.filter((read) => !isOpenLog(read));
  const previous = older.find(({ isFinal, source }) => !isFinal && source.end === null) ?? null;
  if (logFile !== undefined && log === null)
    // An empty log: its source is kept with its first lines.
    log = {
      source: createSource(logFile, { id: input.newId(), order: orderBetween(all, []), start: 0 }),
      file: logFile,
      isFinal: false,
    };
  const due = older.filter((read) => read.isFinal || unreadBytes(read) > 0);
  const total = [...due, ...(log === null ? [] : [log])].reduce((sum, read) => sum + unreadBytes(read), 0);
  const late =
    previous !== null && unreadBytes(previous) <= input.maxBytesBefore * lateShare ? previous : null;
  if (total <= input.maxBytesBefore) return { changed, before: due, log, previous, fill: [] };

  if (log !== null && unreadBytes(log) > input.maxBytesBefore && canBeSplit(log)) {
    const { device, inode } = log.file;
    const start = log.file.size - input.maxBytesBefore;
    // The sources of one file have the same identity, so that they are found together.
    const first = { ...log.source, device, inode, head: log.file.head.toString('base64'), end: start };
    const rest = createSource(log.file, {
      id: input.newId(),
      order: orderBetween([...all, first], []),
      start,
    });
    const at = changed.findIndex(({ id }) => id === first.id);
    if (at === -1) changed.push(first);
    else changed[at] = first;
    older = [...older, { ...log, source: first }];
    log = { ...log, source: rest };
  }
  const fill = older.filter((read) => read !== late && (read.isFinal || unreadBytes(read) > 0)).toReversed();
  return { changed, before: [], log, previous: late, fill };
}
