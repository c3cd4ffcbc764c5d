import type { ParsedQuery } from '../../../../../src-shared/model/syslog/query/parseQuery.ts';

type Query = { text: string; parsed: ParsedQuery | null };

function findTerm({ text, parsed }: Query, term: string) {
  return parsed?.terms.find(({ from, to, isExcluded }) => !isExcluded && text.slice(from, to) === term);
}

export function hasTerm(query: Query, term: string): boolean {
  return findTerm(query, term) !== undefined;
}

/** Adds a term that all lines must fit, or takes it away. Null if the query has a fault. */
export function toggleTerm(query: Query, term: string): string | null {
  const { text, parsed } = query;
  if (parsed === null) return null;
  const found = findTerm(query, term);
  if (found !== undefined)
    return `${text.slice(0, found.from).trimEnd()} ${text.slice(found.to).trimStart()}`.trim();
  const before = text.trim();
  if (before === '') return term;
  return parsed.query.kind === 'or' ? `(${before}) ${term}` : `${before} ${term}`;
}
