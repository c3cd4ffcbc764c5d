import type Database from 'better-sqlite3';
import { createBlockReader } from '../read/blockReader.ts';
import { keptRange } from './keptRange.ts';

/** What the store has of an appliance. Times are sort times in epoch milliseconds. */
export type LogUsage = {
  /** Generations of log files of which lines are kept. */
  sources: number;
  lines: number;
  /** Of the first and the last kept line; null if no line is kept. */
  range: { from: number; to: number } | null;
  textBytes: number;
  /** Of blocks with their columns, word counts and filters, and of lines that are in no block yet. */
  keptBytes: number;
};

type Bytes = { text: number; kept: number };

/** Reads how much of an appliance is kept, without reading a line. */
export function createUsageReader(sqlite: Database.Database) {
  const reader = createBlockReader(sqlite);
  const blockBytes = sqlite.prepare<[string], Bytes>(
    'SELECT coalesce(sum(text_bytes), 0) AS text, coalesce(sum(kept_bytes), 0) AS kept FROM block WHERE appliance = ?',
  );
  const openBytes = sqlite.prepare<[string], Bytes>(
    `SELECT coalesce(sum(length(txt)), 0) AS text, coalesce(sum(length(txt) + length(cols)), 0) AS kept
     FROM tail WHERE src IN (SELECT id FROM source WHERE appliance = ?)`,
  );
  const none: Bytes = { text: 0, kept: 0 };

  function read(applianceId: string): LogUsage {
    const ends = reader
      .sourceEnds()
      .filter(({ appliance, end, prunedLine }) => appliance === applianceId && end > prunedLine);
    const sealed = blockBytes.get(applianceId) ?? none;
    const open = openBytes.get(applianceId) ?? none;
    return {
      sources: ends.length,
      lines: reader.countLines(ends),
      range: keptRange(reader, ends),
      textBytes: sealed.text + open.text,
      keptBytes: sealed.kept + open.kept,
    };
  }
  return (applianceId: string): LogUsage => sqlite.transaction(read).deferred(applianceId);
}
