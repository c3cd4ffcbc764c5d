import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptSearch } from '../../src-shared/contract/logs.ts';
import {
  maxListedGaps,
  type LogExportPart,
  type LogExportPreview,
  type LogExportSummary,
  type RedactionChoice,
} from '../../src-shared/contract/logExport.ts';
import { shorten } from '../../src-shared/base/machineText.ts';
import { race } from '../../src-shared/base/race.ts';
import type { ExportFormat } from '../../src-shared/model/syslog/export/exportFormats.ts';
import { printQuery } from '../../src-shared/model/syslog/query/printQuery.ts';
import { createRedactor } from '../../src-shared/model/syslog/redact/redactor.ts';
import type { Audit } from '../audit/audit.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { describeExport } from '../syslog/export/describeExport.ts';
import {
  exportLogs,
  previewExport,
  type ExportSummary,
  type LogExport,
} from '../syslog/export/exportLogs.ts';
import { namesToHide } from '../syslog/export/namesToHide.ts';
import type { ReadingEngine, Redactor } from '../syslog/export/readLines.ts';
import type { KeptSearches } from '../syslog/search/keptSearches.ts';
import { packArchive } from './archive.ts';

/** More is for the command line, which writes files instead of an archive in a page's memory **[ours]**. */
const maxExportBytes = 2 ** 30;
const partBytes = 192 * 1024;
const reportMs = 300;
const maxPreviewText = 2000;

type ExportRequest = { search: KeptSearch; redaction: RedactionChoice; format: ExportFormat };

/** A page lists the newest gaps, and counts all. */
const listGaps = ({ gaps, ...summary }: ExportSummary): LogExportSummary => ({
  ...summary,
  gapCount: gaps.length,
  gaps: gaps.slice(-maxListedGaps),
});

/** Yields parts of a file, base64. */
export async function* readParts(path: string) {
  const { size: bytes } = await stat(path);
  let sent = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: partBytes })) {
    const part = Buffer.from(chunk);
    sent += part.length;
    yield { kind: 'part' as const, base64: part.toString('base64'), sent, bytes };
  }
}

/** Exports found lines for the page: as one archive, because a page can't write into a folder. */
export function createLogExports(options: {
  engine: () => ReadingEngine;
  resolve: KeptSearches['resolve'];
  inventory: Pick<Inventory, 'list' | 'get'>;
  fleet: Pick<Fleet, 'known' | 'networks'>;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
}) {
  const { engine, inventory, clock } = options;

  /** Throws INVALID_INPUT for a rule that can't be used. */
  function createChosenRedactor({ kinds, custom, users }: RedactionChoice): Redactor | null {
    if (kinds.length === 0) return null;
    const names = namesToHide(inventory.list(), options.fleet);
    return createRedactor({ kinds, custom, names: { ...names, users: [...(names.users ?? []), ...users] } });
  }
  async function readRequest(search: KeptSearch, redaction: RedactionChoice): Promise<LogExport> {
    const redactor = createChosenRedactor(redaction);
    const { query, applianceNames, from, to } = await options.resolve(search);
    return { engine: engine(), search: { query, appliances: applianceNames, from, to }, redactor };
  }
  /** Writes the archive into a folder. */
  async function writeArchive(
    folder: string,
    { search, redaction, format }: ExportRequest,
    on: { signal: AbortSignal; progress: (lines: number) => void },
  ) {
    const request = await readRequest(search, redaction);
    const appliances = search.applianceIds.map((id) => inventory.get(id).name);
    const query = printQuery(search.query);
    const name = `sallyport-logs-${new Date(clock()).toISOString().slice(0, 19).replaceAll(':', '')}`;
    const about = describeExport({ appliances, query, at: clock(), redactor: request.redactor });
    const action = {
      event: 'syslog.export',
      object: appliances.join(', '),
      detail: `${query === '' ? 'all lines' : query} → ${name}.tar.gz`,
    } as const;
    return options.audit.act(action, async () => {
      const into = join(folder, 'lines');
      const written = await exportLogs({
        ...request,
        folder: into,
        format,
        about,
        signal: on.signal,
        maxBytes: maxExportBytes,
        onProgress: on.progress,
      });
      const files = await Promise.all(
        (await readdir(into)).map(async (file) => {
          const path = join(into, file);
          return { name: file, path, bytes: (await stat(path)).size };
        }),
      );
      await packArchive(join(folder, 'archive'), name, files);
      return { name: `${name}.tar.gz`, path: join(folder, 'archive'), ...written };
    });
  }

  return {
    /** Reads all lines of an export, and writes nothing. */
    preview: async function* preview(
      search: KeptSearch,
      redaction: RedactionChoice,
    ): AsyncGenerator<LogExportPreview, void, void> {
      const request = await readRequest(search, redaction);
      for await (const { lines, summary, isDone } of previewExport(request, reportMs))
        yield {
          lines: lines.map(({ raw }) => shorten(raw, maxPreviewText)),
          summary: listGaps(summary),
          isDone,
        };
    },
    /** Yields how far the export is, the parts of its archive, and what it contains. Leaves nothing on the disk. */
    write: async function* write(
      request: ExportRequest,
      signal: AbortSignal,
    ): AsyncGenerator<LogExportPart, void, void> {
      const folder = await mkdtemp(join(tmpdir(), 'sallyport-page-export-'));
      const leaving = new AbortController();
      let lines = 0;
      const writing = writeArchive(folder, request, {
        signal: AbortSignal.any([signal, leaving.signal]),
        progress: (count) => (lines = count),
      });
      try {
        for (;;) {
          const waited = race(writing, { signal, timeoutMs: reportMs, onTimeout: () => null });
          const archive = await waited;
          if (archive === null) {
            yield { kind: 'progress', lines };
            continue;
          }
          yield* readParts(archive.path);
          const { name, files, summary } = archive;
          yield { kind: 'done', name, files, summary: listGaps(summary) };
          return;
        }
      } finally {
        leaving.abort();
        await writing.catch(() => undefined);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
