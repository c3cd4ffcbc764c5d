import { z } from 'zod';
import { AppError } from '../../../../src-shared/errors.ts';
import { encodeBlock } from '../block.ts';
import { createWordIndexer } from '../wordIndex.ts';
import { guardLogStore, type LogDatabase } from '../database.ts';
import { cutLines } from '../pieces.ts';
import {
  addLines,
  countFitting,
  emptied,
  isFull,
  joinParts,
  sealBytes,
  type OpenBlock,
} from './openBlock.ts';
import { createSources, sourceFactsSchema, type SourceFacts } from './sources.ts';
import { createBlockStatements } from './statements.ts';

/** Open blocks that stay in memory between batches, 256 kB each at most **[ours]**. */
const maxOpenBlocks = 256;
/** The longest batch. It is kept in one transaction, with a few sealed blocks **[ours]**. */
export const maxBatchBytes = 2 ** 20;

/**
 * Whole lines of a source with their newlines, from byte `from` to before byte `to` of the file. Only the last line of a
 * file and a line that is longer than a batch may have none. Without bytes, only the facts of the source change. `skewMs`: how
 * far the appliance's clock is ahead of the console's; `skewErrorMs`: how far that may be off. Times are epoch milliseconds.
 */
export const logBatchSchema = z.object({
  applianceId: z.string(),
  source: sourceFactsSchema,
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= maxBatchBytes),
  receivedAt: z.int(),
  zoneOffsetMinutes: z.int().nullable(),
  skewMs: z.number().nullable(),
  skewErrorMs: z.number().nullable().optional(),
});
export type LogBatch = z.infer<typeof logBatchSchema>;

/** Lines that can't be had, as the follower describes them. A gap with the same `id` replaces the one before. */
export const logGapSchema = z.looseObject({
  applianceId: z.string(),
  id: z.string().max(200),
  sourceId: z.string().nullable(),
  order: z.number(),
});
export type LogGap = z.infer<typeof logGapSchema>;

type Work = { batch: LogBatch; text: Buffer; ends: number[] };

function readWork(batch: LogBatch): Work {
  const text = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  if (batch.to - batch.from !== text.length)
    throw new AppError('INVALID_INPUT', 'The length of a batch is not the distance of its offsets.');
  return { batch, text, ends: cutLines(text) };
}

function checkPosition({ source, offset }: OpenBlock, from: number): void {
  if (from === offset) return;
  throw new AppError('LOG_POSITION', `The lines start at byte ${from}, the kept ones end at ${offset}.`, {
    detail: { source, offset },
  });
}

/** Whether keeping a batch seals a block. */
function needsSeal(block: OpenBlock, { batch, text, ends }: Work): boolean {
  const isTooLong = countFitting(block, ends, 0) < ends.length;
  return batch.source.isComplete || isTooLong || block.bytes + text.length >= sealBytes(block.source);
}

/** The one writer of the log store. All methods are synchronous and throw LOG_STORE_FULL or STORE_FAILED. */
export function createLogWriter(database: LogDatabase) {
  const { sqlite, hashKey } = database;
  const statements = createBlockStatements(sqlite);
  const sources = createSources(sqlite);
  const indexer = createWordIndexer(hashKey);
  const setGap = sqlite.prepare(
    'INSERT OR REPLACE INTO gap (appliance, name, src, rank, line, gap) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const removeGap = sqlite.prepare('DELETE FROM gap WHERE appliance = ? AND name = ?');
  /** Open blocks by source, the least recently used first. */
  const open = new Map<number, OpenBlock>();

  /** Runs `work` in a transaction. What it sets in `staged` counts only after the commit. */
  function commit(work: (staged: Map<number, OpenBlock>) => void): void {
    const staged = new Map<number, OpenBlock>();
    guardLogStore(() => sqlite.transaction(() => work(staged)).immediate());
    for (const [source, block] of staged) {
      open.delete(source);
      open.set(source, block);
    }
    for (const source of open.keys()) {
      if (open.size <= maxOpenBlocks) break;
      open.delete(source);
    }
  }
  /** The open block of a source, which is added if it is new. */
  function blockOf(
    applianceId: string,
    facts: SourceFacts,
    staged: ReadonlyMap<number, OpenBlock>,
  ): OpenBlock {
    const source = sources.find(applianceId, facts.id) ?? sources.add(applianceId, facts);
    const block = staged.get(source) ?? open.get(source) ?? statements.readOpenBlock(source);
    if (block === null) throw new AppError('INTERNAL', 'A log source was removed while it was in use.');
    return block;
  }
  function seal(block: OpenBlock): OpenBlock {
    if (block.parts.length > 0) statements.replaceTail(block, encodeBlock(joinParts(block.parts), indexer));
    return emptied(block);
  }
  /** Keeps all lines of a batch and the facts of its source. */
  function keep(block: OpenBlock, { batch, text, ends }: Work): OpenBlock {
    checkPosition(block, batch.from);
    const arrival = {
      receivedAt: batch.receivedAt,
      zoneOffsetMinutes: batch.zoneOffsetMinutes ?? 0,
      skewMs: Math.round(batch.skewMs ?? 0),
      skewErrorMs: batch.skewErrorMs ?? null,
    };
    let next = block;
    let hasUnkept = false;
    for (let first = 0; first < ends.length;) {
      const count = isFull(next) ? 0 : countFitting(next, ends, first);
      const from = ends[first - 1] ?? 0;
      const added = ends.slice(first, first + count).map((end) => end - from);
      if (count > 0)
        next = addLines(next, text.subarray(from, from + (added.at(-1) ?? 0)), added, arrival).block;
      first += count;
      hasUnkept = count > 0;
      if (first < ends.length || isFull(next)) {
        next = seal(next);
        hasUnkept = false;
      }
    }
    if (hasUnkept) next = statements.keepLastPart(next);
    if (batch.source.isComplete) next = { ...seal(next), isEnded: true };
    statements.writeEnd(next);
    sources.setFacts(next.source, batch.source);
    return next;
  }

  return {
    database,
    list: sources.list,
    /** The byte with which a source continues. */
    offset: (applianceId: string, facts: SourceFacts): number =>
      guardLogStore(() => {
        const source = sources.find(applianceId, facts.id);
        const block = source === null ? null : (open.get(source) ?? statements.readOpenBlock(source));
        return block?.offset ?? facts.start;
      }),
    /**
     * Keeps batches, each in one transaction with its position. Seals at most one batch's blocks in a transaction, so that
     * none takes long. Throws LOG_POSITION if a batch doesn't start where its source continues; batches before it may be kept.
     */
    append: (batches: readonly LogBatch[]): void => {
      for (let rest = batches.map(readWork); rest.length > 0;) {
        let left: Work[] = [];
        commit((staged) => {
          left = [];
          let hasSealed = false;
          const waiting = new Set<string>();
          for (const work of rest) {
            const { applianceId, source } = work.batch;
            const name = JSON.stringify([applianceId, source.id]);
            const block = blockOf(applianceId, source, staged);
            const seals = needsSeal(block, work);
            if (waiting.has(name) || (seals && hasSealed)) {
              waiting.add(name);
              left.push(work);
              continue;
            }
            hasSealed ||= seals;
            staged.set(block.source, keep(block, work));
          }
        });
        rest = left;
      }
    },
    /** Records lost lines behind the lines of their source. `source`: the facts of that source after it. */
    addGap: ({ gap, source }: { gap: LogGap; source: SourceFacts | null }): void => {
      commit((staged) => {
        const { applianceId, id, sourceId, order } = gap;
        const known = sourceId === null ? null : sources.find(applianceId, sourceId);
        const block = known === null ? null : (open.get(known) ?? statements.readOpenBlock(known));
        setGap.run(applianceId, id, known, order, block?.line ?? 0, JSON.stringify(gap));
        if (source === null) return;
        const work = readWork({
          applianceId,
          source,
          from: source.offset,
          to: source.offset,
          bytes: new Uint8Array(0),
          receivedAt: 0,
          zoneOffsetMinutes: null,
          skewMs: null,
        });
        const changed = blockOf(applianceId, source, staged);
        staged.set(changed.source, keep(changed, work));
      });
    },
    /** Removes gaps whose lines were read after all. */
    removeGaps: ({ applianceId, ids }: { applianceId: string; ids: readonly string[] }): void => {
      commit(() => {
        for (const id of ids) removeGap.run(applianceId, id);
      });
    },
    close: (): void => {
      sqlite.close();
    },
  };
}

export type LogWriter = ReturnType<typeof createLogWriter>;
