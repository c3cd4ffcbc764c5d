import { minuteMs } from '../../../base/time.ts';
import { foldCase, type QueryField, queryFields, queryTerms, type QueryTermName } from './logQuery.ts';
import { printValue } from './printQuery.ts';
import { readTokens, type QuerySpan } from './queryTokens.ts';

/** A value that lines have, with the number of lines if it is known. */
export type KnownValue = { value: string; count: number | null };
export type ValuesOf = (field: QueryTermName) => readonly KnownValue[];

/** A word of a query that names something the console knows, and the term that finds all lines about it. */
export type ImpliedTerm = QuerySpan & { term: string; meaning: string };

/** The fields whose values the console knows without reading lines. */
export const fleetFields = queryTerms.filter(
  (name): name is QueryField => name !== 'word' && 'isOfFleet' in queryFields[name],
);

/** Around a time of day **[ours]**. */
const reachMs = 5 * minuteMs;
const dayTimePattern = /^(?<hour>[01]?\d|2[0-3]):(?<minute>[0-5]\d)$/u;

/** The term for the minutes around a time of day, e.g. `time:03:05..03:15` for `03:10`; null for other words. */
export function timeTermOf(word: string): string | null {
  const { hour, minute } = dayTimePattern.exec(word)?.groups ?? {};
  if (hour === undefined || minute === undefined) return null;
  const textAt = (offsetMs: number): string =>
    new Date(Date.UTC(2001, 0, 1, Number(hour), Number(minute)) + offsetMs).toISOString().slice(11, 16);
  return `time:${textAt(-reachMs)}..${textAt(reachMs)}`;
}

/**
 * Finds words that are the name of a tenant or an appliance, or a time of day. As words they find only the lines that have
 * them as text. Phrases are left alone.
 */
export function findImpliedTerms(text: string, valuesOf: ValuesOf): ImpliedTerm[] {
  return readTokens(text).tokens.flatMap((token): ImpliedTerm[] => {
    if (token.kind !== 'text' || token.isQuoted) return [];
    const { from, to } = token;
    const time = timeTermOf(token.text);
    if (time !== null) return [{ from, to, term: time, meaning: queryFields.time.meaning }];
    const folded = foldCase(token.text);
    for (const field of fleetFields) {
      const known = valuesOf(field).find(({ value }) => foldCase(value) === folded);
      if (known !== undefined)
        return [
          { from, to, term: `${field}:${printValue(known.value)}`, meaning: queryFields[field].meaning },
        ];
    }
    return [];
  });
}

/** The query with the terms in place of their words. */
export function applyImpliedTerms(text: string, terms: readonly ImpliedTerm[]): string {
  return terms
    .toSorted((a, b) => b.from - a.from)
    .reduce((query, { from, to, term }) => `${query.slice(0, from)}${term}${query.slice(to)}`, text);
}
