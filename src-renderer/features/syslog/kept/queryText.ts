import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import type { ParsedQuery } from '../../../../src-shared/model/syslog/query/parseQuery.ts';

export type QueryPart = { text: string; kind: 'plain' | 'term' | 'excluded' | 'operator' | 'wrong' };

/** The parts of a query as they are drawn. The wrong part, if there is one, covers all others. */
export function splitQuery(
  text: string,
  terms: ParsedQuery['terms'],
  wrong: { from: number; to: number } | null,
): QueryPart[] {
  const spans =
    wrong === null
      ? terms.map(({ from, to, isExcluded }) => ({
          from,
          to,
          kind: isExcluded ? ('excluded' as const) : ('term' as const),
        }))
      : [{ from: wrong.from, to: Math.max(wrong.to, wrong.from + 1), kind: 'wrong' as const }];
  const parts: QueryPart[] = [];
  let at = 0;
  const addPlain = (to: number): void => {
    for (const part of text.slice(at, to).split(/(\b(?:AND|OR|NOT)\b)/u))
      if (part !== '')
        parts.push({ text: part, kind: /^(?:AND|OR|NOT)$/u.test(part) ? 'operator' : 'plain' });
  };
  for (const { from, to, kind } of spans.sort((a, b) => a.from - b.from)) {
    if (from < at) continue;
    addPlain(from);
    parts.push({ text: text.slice(from, to), kind });
    at = Math.min(to, text.length);
  }
  addPlain(text.length);
  return parts;
}

/** The texts that a query finds, to mark them in lines. */
export function textsOf(query: LogQuery): string[] {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.nodes.flatMap(textsOf);
    case 'text':
    case 'word':
      return [query.text];
    case 'field':
      return query.field === 'tenant' && query.op === '=' ? [query.value] : [];
    default:
      return [];
  }
}

/** The tenant that a query is about: of its one test of a tenant that every line must fit. Null without one. */
export function tenantOf(query: LogQuery): string | null {
  const nodes = query.kind === 'and' ? query.nodes : [query];
  const tenants = nodes.flatMap((node) =>
    node.kind === 'field' && node.field === 'tenant' && node.op === '=' ? [node.value] : [],
  );
  return tenants.length === 1 ? (tenants[0] ?? null) : null;
}
