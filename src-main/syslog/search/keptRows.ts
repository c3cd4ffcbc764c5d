import type { KeptGap, KeptLine } from '../../../src-shared/model/syslog/keptLine.ts';
import { logSourceSchema, readGap } from '../follow/logSource.ts';
import type { LogEngine } from '../store/process/engine.ts';
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
function readKeptGap(
  { source, rank, line, lastSort, gap }: GapRow,
  fileOf: (sourceId: string) => GapFile,
): KeptGap {
  const { id, applianceId, sourceId, reason, text, fromByte, toByte, since, until } = readGap(gap);
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

/** Where lines of appliances are missing, oldest first. */
export async function readKeptGaps(
  engine: Pick<LogEngine, 'listGaps' | 'listSources'>,
  applianceIds: readonly string[],
): Promise<KeptGap[]> {
  const rows = await engine.listGaps({ applianceIds });
  if (rows.length === 0) return [];
  const lists = await Promise.all(applianceIds.map((applianceId) => engine.listSources({ applianceId })));
  const files = new Map(
    lists.flat().flatMap(({ facts }) => {
      const { success, data } = logSourceSchema.safeParse(facts);
      return success ? [[data.id, { device: data.device, inode: data.inode }]] : [];
    }),
  );
  return rows.map((row) => readKeptGap(row, (sourceId) => files.get(sourceId) ?? null));
}
