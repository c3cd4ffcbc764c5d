import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import { formatCount } from '../../../src-shared/base/formatCount.ts';
import type { ExportFormat } from '../../../src-shared/model/syslog/export/exportFormats.ts';
import { exportFormats } from '../../../src-shared/model/syslog/export/exportFormats.ts';
import type { ExportedLine } from '../../../src-shared/model/syslog/export/exportedLine.ts';
import type { ExportedGap } from '../../../src-shared/model/syslog/export/exportedGap.ts';
import type { RedactionReport } from '../../../src-shared/model/syslog/redact/redactor.ts';
import { creationError } from '../../../src-shared/node/namedFiles.ts';
import { formatChecksums, writeHashedFile, type WrittenFile } from './hashedFile.ts';
import { readGaps } from './readGaps.ts';
import { readLines, type ExportedSearch, type ReadingEngine, type Redactor } from './readLines.ts';

/** Lines are joined to chunks of about this size, so that a disk gets few writes **[ours]**. */
const chunkBytes = 64 * 1024;
/** Lines with hidden values that a preview shows. */
const previewLines = 20;

/** What an export contains, as its manifest says. */
export type ExportSummary = {
  lines: number;
  /** Of the first and last line; null if no line has a time. */
  from: string | null;
  to: string | null;
  redaction: RedactionReport | null;
  /** Where lines of its time range may be missing, oldest first. */
  gaps: ExportedGap[];
};
type LineSummary = Omit<ExportSummary, 'gaps'>;

export type LogExport = {
  engine: ReadingEngine;
  search: ExportedSearch;
  redactor: Redactor | null;
};

function createSummary() {
  let lines = 0;
  let from: string | null = null;
  let to: string | null = null;
  return {
    add: ({ time }: Pick<ExportedLine, 'time'>): void => {
      lines += 1;
      if (time === null) return;
      if (from === null || time < from) from = time;
      if (to === null || time > to) to = time;
    },
    get: (redactor: Redactor | null): LineSummary => ({
      lines,
      from,
      to,
      redaction: redactor?.report() ?? null,
    }),
  };
}

/** The bytes of all lines in a format, and what they contain once they were read. */
export function formatLines(
  { engine, search, redactor }: LogExport,
  format: ExportFormat,
  onProgress?: (lines: number) => void,
) {
  const facts = exportFormats[format];
  const summary = createSummary();
  const isNamed = Object.keys(search.appliances).length > 1;
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    let waiting: Uint8Array[] = [Buffer.from(facts.head)];
    let size = 0;
    for await (const { line } of readLines(engine, search, redactor)) {
      summary.add(line);
      const bytes = facts.format(line, isNamed);
      waiting.push(bytes);
      size += bytes.length;
      if (size < chunkBytes) continue;
      onProgress?.(summary.get(null).lines);
      yield Buffer.concat(waiting);
      waiting = [];
      size = 0;
    }
    yield Buffer.concat(waiting);
  }
  return { chunks, summary: () => summary.get(redactor) };
}

export type ExportPreview = { lines: ExportedLine[]; summary: ExportSummary; isDone: boolean };

/**
 * Reads what would be exported, and yields at most every `reportMs` the first lines with hidden values, or the first lines if
 * nothing is hidden, and the summary so far. The last report is of all lines.
 */
export async function* previewExport(
  { engine, search, redactor }: LogExport,
  reportMs: number,
): AsyncGenerator<ExportPreview, void, void> {
  const gaps = await readGaps(engine, search, redactor);
  const summary = createSummary();
  const lines: ExportedLine[] = [];
  const report = (isDone: boolean): ExportPreview => ({
    lines: [...lines],
    summary: { ...summary.get(redactor), gaps },
    isDone,
  });
  let nextReport = performance.now() + reportMs;
  for await (const { line, hidden } of readLines(engine, search, redactor)) {
    summary.add(line);
    if (lines.length < previewLines && (redactor === null || hidden > 0)) lines.push(line);
    if (performance.now() < nextReport) continue;
    yield report(false);
    nextReport = performance.now() + reportMs;
  }
  yield report(true);
}

/** Throws INVALID_INPUT behind `maxBytes`. */
async function* limitBytes(chunks: AsyncIterable<Uint8Array>, maxBytes: number) {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new AppError(
        'INVALID_INPUT',
        `The lines have more than ${formatCount(maxBytes)} bytes. Choose fewer lines, or use sallyport syslog export, which has no limit.`,
      );
    yield chunk;
  }
}

/**
 * Writes lines, a manifest and checksums into a new folder that only this user can read. Leaves no folder behind if it
 * fails. Throws ALREADY_EXISTS or INVALID_INPUT if the folder can't be created.
 */
export async function exportLogs(
  request: LogExport & {
    folder: string;
    format: ExportFormat;
    /** What the manifest says besides. */
    about: Readonly<Record<string, unknown>>;
    signal: AbortSignal;
    /** Larger exports are refused with INVALID_INPUT. */
    maxBytes?: number;
    /** Called with the number of lines that are read, now and then. */
    onProgress?: (lines: number) => void;
  },
): Promise<{ files: WrittenFile[]; summary: ExportSummary }> {
  const { folder, format, signal, maxBytes = Infinity, onProgress } = request;
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    throw creationError(folder, cause);
  }
  try {
    const gaps = await readGaps(request.engine, request.search, request.redactor);
    const { chunks, summary } = formatLines(request, format, onProgress);
    const name = `lines.${exportFormats[format].extension}`;
    const lines = await writeHashedFile(join(folder, name), limitBytes(chunks(), maxBytes), signal);
    const contents = { ...summary(), gaps };
    const manifest = { ...request.about, format, ...contents, files: [lines] };
    const written = await writeHashedFile(join(folder, 'manifest.json'), [
      Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
    ]);
    const files = [lines, written];
    await writeHashedFile(join(folder, 'SHA256SUMS'), [Buffer.from(formatChecksums(files))]);
    return { files, summary: contents };
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}
