import { readExportedGap, type ExportedGap } from '../../../src-shared/model/syslog/export/exportedGap.ts';
import { timeBounds } from '../../../src-shared/model/syslog/query/timeBounds.ts';
import { readKeptGaps } from '../search/keptRows.ts';
import type { ExportedSearch, ReadingEngine, Redactor } from './readLines.ts';

/**
 * Where lines of the time range may be missing, oldest first. Missing lines were written before the gap was found, and after
 * the line before it, if the file was ever read.
 */
export async function readGaps(
  engine: ReadingEngine,
  { query, appliances, from, to }: ExportedSearch,
  redactor: Redactor | null,
): Promise<ExportedGap[]> {
  const bounds = timeBounds(query);
  const first = Math.max(bounds.from, from ?? -Infinity);
  const last = Math.min(bounds.to, to ?? Infinity);
  const hide = (text: string): string => redactor?.redact(text).text ?? text;
  const gaps = await readKeptGaps(engine, Object.keys(appliances));
  return gaps
    .filter(({ key, since, until }) => until >= first && (since === null || key.sort <= last))
    .map((gap) => {
      const name = appliances[gap.applianceId] ?? gap.applianceId;
      return readExportedGap({ ...gap, text: hide(gap.text) }, hide(name));
    });
}
