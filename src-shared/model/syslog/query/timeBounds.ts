import type { LogQuery } from './logQuery.ts';

/** Epoch milliseconds, both included; infinite without a bound. */
export type TimeBounds = { from: number; to: number };

const anyTime: TimeBounds = { from: -Infinity, to: Infinity };

/** The times that lines of a query can have. Tests of the time inside a NOT bound nothing. */
export function timeBounds(query: LogQuery): TimeBounds {
  switch (query.kind) {
    case 'and': {
      const all = [anyTime, ...query.nodes.map(timeBounds)];
      return { from: Math.max(...all.map(({ from }) => from)), to: Math.min(...all.map(({ to }) => to)) };
    }
    case 'or': {
      const all = query.nodes.map(timeBounds);
      return { from: Math.min(...all.map(({ from }) => from)), to: Math.max(...all.map(({ to }) => to)) };
    }
    case 'field':
      if (query.field !== 'time') return anyTime;
      return query.op === '>=' || query.op === '>'
        ? { from: query.value, to: Infinity }
        : { from: -Infinity, to: query.value };
    default:
      return anyTime;
  }
}
