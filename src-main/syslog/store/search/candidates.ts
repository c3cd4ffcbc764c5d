import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { compareOrder } from '../../../../src-shared/model/syslog/query/matchLine.ts';
import { severities } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { hasBit } from '../bloom/filter.ts';
import { filtersPerGroup, placeOfBit, readBit } from '../bloom/slices.ts';
import { createRequirements, type Required } from '../query/required.ts';
import type { BlockReader, BlockRow } from '../read/blockReader.ts';

/** Which of 64 blocks can have a hit, as two numbers of 32 bits. */
type Group = readonly [low: number, high: number];
const all: Group = [-1, -1];

/** Whether a block can have a line that the query fits, by what its row says. */
function fitsRow(query: LogQuery, row: BlockRow): boolean {
  switch (query.kind) {
    case 'and':
      return query.nodes.every((node) => fitsRow(node, row));
    case 'or':
      return query.nodes.some((node) => fitsRow(node, row));
    case 'field': {
      if (query.field === 'severity') {
        const limit = severities.indexOf(query.value);
        return severities.some(
          (_, number) => ((row.sev >>> number) & 1) === 1 && compareOrder(number, query.op, limit),
        );
      }
      if (query.field !== 'time') return true;
      return compareOrder(query.op.startsWith('<') ? row.t0 : row.t1, query.op, query.value);
    }
    default:
      return true;
  }
}

function fits(part: Required, filter: Buffer): boolean {
  if (part === null) return true;
  if ('bits' in part) return part.bits.every((bit) => hasBit(filter, bit));
  return 'all' in part
    ? part.all.every((one) => fits(one, filter))
    : part.any.some((one) => fits(one, filter));
}

/** Tells which blocks can have a hit of one query, without reading their text. */
export function createCandidates(reader: BlockReader, query: LogQuery, hashKey: Buffer) {
  const required = createRequirements(hashKey)(query);
  /** What is known of turned filters. A group that is not turned yet is asked again. */
  const groups = new Map<number, Group>();

  function turned(part: Required, group: number): Group | null {
    if (part === null) return all;
    if ('bits' in part) {
      let [low, high] = all;
      for (const bit of part.bits) {
        if (low === 0 && high === 0) break;
        const { row, at } = placeOfBit(group, bit);
        const slice = reader.slice(row);
        if (slice === null) return null;
        const [lowBits, highBits] = readBit(slice, at);
        low &= lowBits;
        high &= highBits;
      }
      return [low, high];
    }
    const parts = ('all' in part ? part.all : part.any).map((one) => turned(one, group));
    let [low, high] = 'all' in part ? all : [0, 0];
    for (const one of parts) {
      if (one === null) return null;
      low = 'all' in part ? low & one[0] : low | one[0];
      high = 'all' in part ? high & one[1] : high | one[1];
    }
    return [low, high];
  }
  function fitsFilter(number: number): boolean {
    const group = Math.floor(number / filtersPerGroup);
    const known = groups.get(group);
    if (known === undefined) {
      const filter = reader.filter(number);
      if (filter !== null) return fits(required, filter);
    }
    const bits = known ?? turned(required, group);
    if (bits === null) return true;
    groups.set(group, bits);
    const place = number % filtersPerGroup;
    return (((place < 32 ? bits[0] : bits[1]) >>> (place & 31)) & 1) === 1;
  }

  return {
    /** False only if no line of the block fits the query. */
    canHaveHits: (row: BlockRow): boolean =>
      fitsRow(query, row) && (required === null || row.filter === null || fitsFilter(row.filter)),
  };
}

export type Candidates = ReturnType<typeof createCandidates>;
