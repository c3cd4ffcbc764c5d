import {
  readExportedLine,
  type ExportedLine,
  type LineFile,
} from '../../../src-shared/model/syslog/export/exportedLine.ts';
import { createRedactor } from '../../../src-shared/model/syslog/redact/redactor.ts';
import { logSourceSchema } from '../follow/logSource.ts';
import { searchLogs, type LogSearch } from '../kept/searchLogs.ts';
import type { LogEngine } from '../store/process/engine.ts';

export type Redactor = ReturnType<typeof createRedactor>;
export type ExportedSearch = Pick<LogSearch, 'query' | 'appliances' | 'from' | 'to'>;
export type ReadingEngine = Pick<
  LogEngine,
  'openSearch' | 'searchPage' | 'cancelSearch' | 'listSources' | 'listGaps'
>;

/** The files of kept lines, by the store's numbers. */
async function readFiles(
  engine: ReadingEngine,
  applianceIds: readonly string[],
): Promise<Map<number, LineFile>> {
  const lists = await Promise.all(applianceIds.map((applianceId) => engine.listSources({ applianceId })));
  return new Map(
    lists.flat().map(({ source, facts }) => {
      const { id, device, inode } = logSourceSchema.parse(facts);
      return [source, { id, device, inode }];
    }),
  );
}

/** Yields the found lines, oldest first, each with the number of hidden values. Null as redactor hides nothing. */
export async function* readLines(
  engine: ReadingEngine,
  search: ExportedSearch,
  redactor: Redactor | null,
): AsyncGenerator<{ line: ExportedLine; hidden: number }, void, void> {
  const names = new Map(
    Object.entries(search.appliances).map(([id, name]) => [id, redactor?.redact(name).text ?? name]),
  );
  let files = await readFiles(engine, Object.keys(search.appliances));
  const unknown: LineFile = { id: '', device: '', inode: '' };
  for await (const found of searchLogs(engine, { ...search, order: 'oldest', limit: Infinity })) {
    const { key, applianceId, arrival, offset } = found;
    if (!files.has(key.source)) files = await readFiles(engine, Object.keys(search.appliances));
    const { text: raw, hidden } = redactor?.redact(found.text) ?? { text: found.text, hidden: [] };
    const line = readExportedLine({
      raw,
      appliance: names.get(applianceId) ?? applianceId,
      file: files.get(key.source) ?? unknown,
      offset,
      line: key.line,
      arrival,
    });
    yield { line, hidden: hidden.length };
  }
}
