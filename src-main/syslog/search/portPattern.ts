import type { LogQuery, OrderOperator } from '../../../src-shared/model/syslog/query/logQuery.ts';
import { firstPort, lastPort } from '../../../src-shared/model/tenants/ports.ts';

/** `0` to `9` from `low` to `high`, as a part of a regular expression. */
function digit(low: number, high: number): string {
  if (low === high) return String(low);
  return `[${low}-${high}]`;
}

/** A regular expression for the numbers `low` to `high`, which have the same number of digits. */
export function rangePattern(low: string, high: string): string {
  if (low.length === 1) return digit(Number(low), Number(high));
  const [first, last] = [Number(low.charAt(0)), Number(high.charAt(0))];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  const [zeros, nines] = ['0'.repeat(lowRest.length), '9'.repeat(lowRest.length)];
  if (first === last) return `${first}(?:${rangePattern(lowRest, highRest)})`;
  const parts = [];
  const isWholeStart = lowRest === zeros;
  const isWholeEnd = highRest === nines;
  if (!isWholeStart) parts.push(`${first}(?:${rangePattern(lowRest, nines)})`);
  const [from, to] = [isWholeStart ? first : first + 1, isWholeEnd ? last : last - 1];
  if (from <= to) parts.push(`${digit(from, to)}(?:${rangePattern(zeros, nines)})`);
  if (!isWholeEnd) parts.push(`${last}(?:${rangePattern(zeros, highRest)})`);
  return parts.join('|');
}

const bounds: Record<'=' | OrderOperator, (port: number) => readonly [low: number, high: number]> = {
  '=': (port) => [port, port],
  '<': (port) => [firstPort, port - 1],
  '<=': (port) => [firstPort, port],
  '>': (port) => [port + 1, lastPort],
  '>=': (port) => [port, lastPort],
};

/**
 * Finds lines that name a tenant's port of this range: as a port, at a loopback address, or as a plain number of the kit's
 * programs. Null if there is no such port.
 */
export function portQuery(op: '=' | OrderOperator, port: number): LogQuery | null {
  const [low, high] = bounds[op](port);
  const [from, to] = [Math.max(firstPort, low), Math.min(lastPort, high)];
  if (from > to) return null;
  const number = `(?:${rangePattern(String(from), String(to))})`;
  const after = String.raw`(?:[^\w-]|$)`;
  const named = String.raw`(?:\bport(?:=|:? )|\bforward |(?:127\.0\.0\.1|\[127\.0\.0\.1\]|\[::1\]|localhost|0\.0\.0\.0|\[::\]|\*):)`;
  const ofKit: LogQuery = {
    kind: 'or',
    nodes: ['sallyport*', 'registrar', 'ke_*'].map((value) => ({
      kind: 'field',
      field: 'program',
      op: '~',
      value,
    })),
  };
  return {
    kind: 'or',
    nodes: [
      { kind: 'regexp', source: `${named}${number}${after}`, flags: '' },
      {
        kind: 'and',
        nodes: [
          ofKit,
          {
            kind: 'regexp',
            source: String.raw`(?:^|[^\w.:/-])` + number + String.raw`(?:[^\w:/-]|$)`,
            flags: '',
          },
        ],
      },
    ],
  };
}
