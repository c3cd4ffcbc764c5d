import type { KeptGap, KeptLine } from '../../../src-shared/model/syslog/keptLine.ts';
import { logGapSchema } from '../follow/logSource.ts';
import type { GapRow } from '../store/read/blockReader.ts';
import type { FoundLine } from '../store/search/foundLine.ts';

/** A found line as the page gets it. */
export function readKeptLine({ key, applianceId, text, arrival, isContinuation }: FoundLine): KeptLine {
  return { key, applianceId, text, ...arrival, isContinuation };
}

/** A gap as the page gets it. It stands between the line before it and the next one. */
export function readKeptGap({ source, rank, line, lastSort, gap }: GapRow): KeptGap {
  const { id, applianceId, reason, text, fromByte, toByte, since, until } = logGapSchema.parse(
    JSON.parse(gap),
  );
  const sort = lastSort ?? since ?? until;
  return {
    id,
    key: { sort, rank, source: source ?? 0, line: line - 0.5 },
    applianceId,
    reason,
    text,
    fromByte,
    toByte,
    since,
    until,
  };
}
