import { foldCase, type LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { countBits, eachBit, rangeBitmap, type Bitmap } from '../query/bitmap.ts';
import { createBlockView } from '../query/blockView.ts';
import { compileQuery, type LineFinder } from '../query/compiledQuery.ts';
import { createByteFolder } from '../foldBytes.ts';
import { KeyedHash } from '../keyedHash.ts';
import type { BlockReader } from '../read/blockReader.ts';
import { countOf, fingerprint } from '../wordIndex.ts';
import { wordsOf } from '../words.ts';
import { addFacets, noFacets, type UnitFacets } from './facets.ts';
import { createSortTimes, lineOf, type FoundLine, type LineRun } from './foundLine.ts';
import { type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { compareKeys, type SearchSpec } from './searchSpec.ts';
import type { Unit } from './units.ts';

export type UnitPage = { lines: FoundLine[]; hasMore: boolean };
/** `bars`: hits by bar and severity, bar by bar. Empty if no histogram is wanted. */
export type UnitCount = { lines: number; hits: number; bars: number[]; facets: UnitFacets | null };
/** What is counted besides hits. */
export type Wanted = { histogram: Histogram | null; hasFacets: boolean };

export type Histogram = { from: number; to: number; bars: number };
/** Severities of a bar, with those without one. */
export const severitiesPerBar = 9;

/** Decoded blocks that stay in memory, so that the next page of a block is quick. */
const maxCachedRuns = 4;

function addToBars(bars: number[], histogram: Histogram, { sort, view }: LineRun, found: Bitmap): void {
  const width = (histogram.to - histogram.from) / histogram.bars || 1;
  const times = sort();
  eachBit(found, (line) => {
    const bar = Math.floor(((times[line] ?? 0) - histogram.from) / width);
    const inRange = Math.max(0, Math.min(histogram.bars - 1, bar));
    const at = inRange * severitiesPerBar + (view.columns.severity[line] ?? 0);
    bars[at] = (bars[at] ?? 0) + 1;
  });
}

/** The fingerprint of the one word that a query is about; null for other queries. */
function fingerprintOfQuery(query: LogQuery, hashKey: Buffer): number | null {
  if (query.kind !== 'word') return null;
  const folded = foldCase(query.text);
  const { words } = wordsOf(query.text);
  if (words.length !== 1 || words[0] !== folded) return null;
  const hash = new KeyedHash(hashKey);
  const bytes = Buffer.from(folded);
  hash.hash(bytes, 0, bytes.length);
  return fingerprint(hash);
}

/** A block was removed while it was searched. */
class BlockRemoved extends Error {}

/** A block that was removed has no lines any more. */
function unlessRemoved<Result>(work: () => Result, none: Result): Result {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof BlockRemoved) return none;
    throw thrown;
  }
}

/** Searches units for one query. Not for several threads. */
export function createScanner(reader: BlockReader, spec: SearchSpec, hashKey: Buffer) {
  const find: LineFinder = compileQuery(spec.query, spec.applianceNames);
  const word = fingerprintOfQuery(spec.query, hashKey);
  const cached = new Map<number, LineRun>();
  const fold = createByteFolder();

  function readBlock(row: Extract<Unit, { kind: 'block' }>['row']): LineRun[] {
    const known = cached.get(row.id);
    if (known !== undefined) return [known];
    const columns = reader.readColumns(row);
    if (columns === null) return [];
    const readText = () => {
      const text = reader.readText(row);
      if (text === null) throw new BlockRemoved();
      return text;
    };
    const view = createBlockView({ columns, readText, appliance: row.appliance, fold });
    const run = {
      source: row.src,
      rank: row.rank,
      line0: row.line0,
      off0: row.off0,
      view,
      sort: createSortTimes(columns),
      isInRange: row.sort0 >= spec.from && row.sort1 <= spec.to,
      endLine: columns.count,
    };
    cached.set(row.id, run);
    for (const id of cached.keys()) {
      if (cached.size <= maxCachedRuns) break;
      cached.delete(id);
    }
    return [run];
  }
  function readRuns(unit: Unit): LineRun[] {
    if (unit.kind === 'block') return readBlock(unit.row);
    const { source, tailFrom, end } = unit.source;
    return reader
      .readRuns(source, { from: tailFrom, to: end })
      .map(({ appliance, rank, line0, off0, lines }) => ({
        source,
        rank,
        line0,
        off0,
        view: createBlockView({ columns: lines.columns, readText: () => lines.text, appliance, fold }),
        sort: createSortTimes(lines.columns),
        isInRange: false,
        endLine: Math.min(lines.columns.count, end - line0),
      }));
  }
  /** The lines of a run that are in the time range and come after `after`: they follow each other. */
  function maskOf(run: LineRun, after: LineKey | null): Bitmap {
    const { source, rank, line0, view, endLine } = run;
    const { count } = view.columns;
    if (run.isInRange && after === null) return rangeBitmap(count, 0, endLine);
    const sort = run.sort();
    let from = 0;
    let to = endLine;
    const isAfter = (line: number) =>
      after === null ||
      compareKeys(spec.order, { sort: sort[line] ?? 0, rank, source, line: line0 + line }, after) > 0;
    while (from < to && ((sort[from] ?? 0) < spec.from || !isAfter(from))) from += 1;
    while (to > from && ((sort[to - 1] ?? 0) > spec.to || !isAfter(to - 1))) to -= 1;
    return rangeBitmap(count, from, to);
  }
  const search = (run: LineRun, after: LineKey | null) => {
    const mask = maskOf(run, after);
    return { mask, found: find(run.view, mask) };
  };
  /** The number of hits of a whole block if its word counts tell it, without reading it. */
  function countWord({ kind, after, ...unit }: Unit): number | null {
    if (word === null || kind !== 'block' || after !== null || !('row' in unit)) return null;
    const { id, sort0, sort1 } = unit.row;
    if (sort0 < spec.from || sort1 > spec.to) return null;
    const counts = reader.counts(id);
    return counts === null ? null : countOf(counts, word);
  }

  function addUnit(count: UnitCount, unit: Unit, histogram: Histogram | null): void {
    for (const run of readRuns(unit)) {
      const { mask, found } = search(run, unit.after);
      count.lines += countBits(mask);
      count.hits += countBits(found);
      if (histogram !== null) addToBars(count.bars, histogram, run, found);
      if (count.facets !== null) addFacets(count.facets, run.view, found);
    }
  }

  return {
    /** The first `limit` hits of a unit in the order of the search. */
    page: (unit: Unit, limit: number): UnitPage =>
      unlessRemoved(
        () => {
          const lines: FoundLine[] = [];
          let hits = 0;
          const runs = spec.order === 'newest' ? readRuns(unit).toReversed() : readRuns(unit);
          for (const run of runs) {
            const numbers: number[] = [];
            eachBit(search(run, unit.after).found, (line) => numbers.push(line));
            hits += numbers.length;
            const wanted = limit - lines.length;
            if (wanted <= 0) continue;
            const first =
              spec.order === 'newest' ? numbers.slice(-wanted).toReversed() : numbers.slice(0, wanted);
            lines.push(...first.map((line) => lineOf(run, line)));
          }
          return { lines, hasMore: hits > lines.length };
        },
        { lines: [], hasMore: false },
      ),
    /** Lines of a source by number, whatever the query. */
    range: (source: number, { from, to }: { from: number; to: number }): FoundLine[] =>
      reader.readRuns(source, { from, to }).flatMap(({ appliance, rank, line0, off0, lines }) => {
        const view = createBlockView({ columns: lines.columns, readText: () => lines.text, appliance, fold });
        const run = {
          source,
          rank,
          line0,
          off0,
          view,
          sort: createSortTimes(lines.columns),
          isInRange: false,
          endLine: lines.columns.count,
        };
        const first = Math.max(0, from - line0);
        const count = Math.max(0, Math.min(run.endLine, to - line0) - first);
        return Array.from({ length: count }, (_, at) => lineOf(run, first + at));
      }),
    /** Counts the hits of units. */
    count: (units: readonly Unit[], { histogram, hasFacets }: Wanted): UnitCount => {
      const count: UnitCount = {
        lines: 0,
        hits: 0,
        bars: Array.from({ length: (histogram?.bars ?? 0) * severitiesPerBar }, () => 0),
        facets: hasFacets ? noFacets() : null,
      };
      for (const unit of units) {
        const known = histogram === null && !hasFacets ? countWord(unit) : null;
        if (known !== null && unit.kind === 'block') {
          count.lines += unit.row.n;
          count.hits += known;
        } else unlessRemoved(() => addUnit(count, unit, histogram), undefined);
      }
      return count;
    },
  };
}

export type Scanner = ReturnType<typeof createScanner>;
