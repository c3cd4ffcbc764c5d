import type { KeptGap, KeptLine } from '../../../src-shared/model/syslog/keptLine.ts';
import { logGapSchema } from '../follow/logSource.ts';
import type { GapRow } from '../store/read/blockReader.ts';
import type { FoundLine } from '../store/search/foundLine.ts';

/** A found line as the page gets it. */
export function readKeptLine({ key, applianceId, text, arrival, isContinuation }: FoundLine): KeptLine {
  return { key, applianceId, text, ...arrival, isContinuation };
}

type GapFile = KeptGap['file'];

/** The file of a gap without a source: its ID is made of device, inode and reason. */
function readFile(id: string): GapFile {
  const [, device, inode] = /^(.+):(\d+):[a-z-]+$/u.exec(id) ?? [];
  return device === undefined || inode === undefined ? null : { device, inode };
}

/** A gap as the page gets it. It stands between the line before it and the next one. `fileOf`: the file of a source. */
export function readKeptGap(
  { source, rank, line, lastSort, gap }: GapRow,
  fileOf: (sourceId: string) => GapFile,
): KeptGap {
  const { id, applianceId, sourceId, reason, text, fromByte, toByte, since, until } = logGapSchema.parse(
    JSON.parse(gap),
  );
  const sort = lastSort ?? since ?? until;
  return {
    id,
    key: { sort, rank, source: source ?? 0, line: line - 0.5 },
    applianceId,
    reason,
    text,
    file: sourceId === null ? readFile(id) : fileOf(sourceId),
    fromByte,
    toByte,
    since,
    until,
  };
}
