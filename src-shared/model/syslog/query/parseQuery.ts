import { AppError } from '../../../errors.ts';
import { findNearest } from '../../../base/nearest.ts';
import { findRegexpFault } from './linearRegexp.ts';
import {
  maxQueryDepth,
  maxQueryLength,
  maxQueryTerms,
  maxRegexpLength,
  queryTerms,
  type LogQuery,
  type QueryTermName,
} from './logQuery.ts';
import { queryError, readFieldTest } from './queryFieldTest.ts';
import type { QueryClock } from './queryTime.ts';
import { readTokens, type QueryRemark, type QuerySpan, type QueryToken } from './queryTokens.ts';

/** A term in the text, to draw it. `isExcluded`: an odd number of NOTs applies to it. */
export type ParsedTerm = QuerySpan & { query: LogQuery; isExcluded: boolean };

/** `remarks` are hints about a valid query, e.g. a word that looks like a misspelt field. */
export type ParsedQuery = { query: LogQuery; terms: ParsedTerm[]; remarks: QueryRemark[] };

type Place = { depth: number; isExcluded: boolean; field: QueryTermName | null };

function joinNodes(kind: 'and' | 'or', nodes: readonly LogQuery[]): LogQuery {
  const flat = nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node]));
  const [first] = flat;
  return flat.length === 1 && first !== undefined ? first : { kind, nodes: flat };
}

function readRegexp(token: QueryToken & { kind: 'regexp' }): LogQuery {
  const { source, flags } = token;
  if (flags !== '' && flags !== 'i')
    throw queryError(
      token,
      `A regular expression takes the flag i only, not ${flags}. For a path, use quotation marks.`,
    );
  if (source.length > maxRegexpLength)
    throw queryError(token, `The regular expression is longer than ${maxRegexpLength} characters.`);
  const fault = findRegexpFault({ source, flags });
  if (fault !== null) throw queryError(token, fault);
  return { kind: 'regexp', source, flags };
}

/** Wildcards stand for characters of one word. The text fits anywhere, so a star at its ends adds nothing. */
function readText({ text, isQuoted }: QueryToken & { kind: 'text' }): LogQuery {
  const trimmed = isQuoted ? text : text.replace(/^\*+(?=[^*])|(?<=[^*])\*+$/gu, '');
  if (isQuoted || !/[*?]/u.test(trimmed) || !/[^*?]/u.test(trimmed)) return { kind: 'text', text: trimmed };
  const source = trimmed
    .replaceAll(/[\\^$.+()[\]{}|/]/gu, String.raw`\$&`)
    .replaceAll(/\*+/gu, String.raw`\S*`)
    .replaceAll('?', String.raw`\S`);
  return { kind: 'regexp', source, flags: 'i' };
}

function createParser(tokens: readonly QueryToken[], end: number, clock: QueryClock) {
  const terms: ParsedTerm[] = [];
  let at = 0;
  const here = (): QuerySpan => tokens[at] ?? { from: end, to: end };

  function addTerm(query: LogQuery, { from, to }: QuerySpan, { isExcluded }: Place): LogQuery {
    terms.push({ query, from, to, isExcluded });
    if (terms.length > maxQueryTerms)
      throw queryError(
        { from, to },
        `A query has at most ${maxQueryTerms} terms. To search for a whole line, put it in quotation marks.`,
      );
    return query;
  }

  function readGroup(open: QuerySpan, place: Place): LogQuery {
    if (place.depth >= maxQueryDepth)
      throw queryError(open, `Brackets and NOT are nested deeper than ${maxQueryDepth} levels.`);
    if (tokens[at]?.kind === 'close') throw queryError(open, 'There is nothing in these brackets.');
    const query = readOr({ ...place, depth: place.depth + 1 });
    // `readTokens` pairs all brackets.
    at += 1;
    return query;
  }

  function readFieldGroup(token: QueryToken & { kind: 'fieldGroup' }, place: Place): LogQuery {
    const open = tokens[at];
    if (open?.kind !== 'open') throw queryError(token, `Nothing closes the bracket after ${token.field}.`);
    if (place.field !== null)
      throw queryError(token, 'The values of a field can’t be those of another field.');
    at += 1;
    return readGroup(open, { ...place, field: token.field });
  }

  function readTerm(token: QueryToken, place: Place): LogQuery {
    const { field } = place;
    switch (token.kind) {
      case 'text': {
        if (field === null) return addTerm(readText(token), token, place);
        const [, op = '', value = ''] =
          /^(<=|>=|[<>=])?(.*)$/su.exec(token.isQuoted ? `=${token.text}` : token.text) ?? [];
        const written = (['<=', '>=', '<', '>'] as const).find((operator) => operator === op) ?? '';
        const valueFrom = token.from + (token.isQuoted ? 1 : op.length);
        const term = { ...token, kind: 'field', field, op: written, value, valueFrom } as const;
        return addTerm(readFieldTest(term, clock), token, place);
      }
      case 'regexp':
        if (field !== null)
          throw queryError(token, `The value of ${field} can’t be a regular expression. Use * and ?.`);
        return addTerm(readRegexp(token), token, place);
      case 'field':
        if (field !== null) throw queryError(token, 'The values of a field can’t be those of another field.');
        return addTerm(readFieldTest(token, clock), token, place);
      case 'fieldGroup':
        return readFieldGroup(token, place);
      case 'open':
        return readGroup(token, place);
      case 'AND':
      case 'OR':
        throw queryError(
          token,
          `${token.kind} needs a term before it. To search for the word, write "${token.kind}".`,
        );
      case 'NOT':
        if (place.depth >= maxQueryDepth)
          throw queryError(token, `Brackets and NOT are nested deeper than ${maxQueryDepth} levels.`);
        return negate(readNext(token, { ...place, depth: place.depth + 1, isExcluded: !place.isExcluded }));
      case 'close':
        throw queryError(token, 'A term is missing before this bracket.');
    }
  }

  /** Reads the term that must follow `operator`. */
  function readNext(operator: QueryToken, place: Place): LogQuery {
    const token = tokens[at];
    if (token === undefined || token.kind === 'close')
      throw queryError(
        operator,
        `${operator.kind} needs a term after it. To search for the word, write "${operator.kind}".`,
      );
    at += 1;
    return readTerm(token, place);
  }

  function readAnd(first: QueryToken, place: Place): LogQuery {
    const nodes = [readTerm(first, place)];
    for (let next = tokens[at]; next !== undefined; next = tokens[at]) {
      if (next.kind === 'OR' || next.kind === 'close') break;
      at += 1;
      nodes.push(next.kind === 'AND' ? readNext(next, place) : readTerm(next, place));
    }
    return joinNodes('and', nodes);
  }

  function readOr(place: Place): LogQuery {
    const nodes: LogQuery[] = [];
    for (let operator: QueryToken | null = null; ;) {
      const first = tokens[at];
      if (first === undefined || first.kind === 'close') {
        if (operator !== null) readNext(operator, place);
        throw queryError(here(), 'A term is missing.');
      }
      at += 1;
      nodes.push(readAnd(first, place));
      const next = tokens[at];
      if (next?.kind !== 'OR') return joinNodes('or', nodes);
      operator = next;
      at += 1;
    }
  }

  return { readOr, terms };
}

function negate(node: LogQuery): LogQuery {
  return node.kind === 'not' ? node.node : { kind: 'not', node };
}

/** Hints about words that look like something else. */
function findRemarks(tokens: readonly QueryToken[]): QueryRemark[] {
  return tokens.flatMap((token, index): QueryRemark[] => {
    const { from, to } = token;
    if (token.kind === 'regexp' && /^\w+$/u.test(token.source))
      return [
        { from, to, message: `This is a regular expression. For the path, write "/${token.source}/".` },
      ];
    if (token.kind === 'field' && token.field === 'severity' && (token.op === '>=' || token.op === '>'))
      return [
        {
          from,
          to,
          message: `This finds less urgent lines. For ${token.value} and worse, write severity:<=${token.value}.`,
        },
      ];
    if (token.kind !== 'text' || token.isQuoted) return [];
    const before = tokens[index - 1];
    if (before?.kind === 'NOT' && before.to === from && /^[a-z]{1,3}$/u.test(token.text))
      return [
        {
          from: before.from,
          to,
          message: `This excludes lines with ${token.text}. To search for the text, write "-${token.text}".`,
        },
      ];
    const isBetween = index > 0 && index < tokens.length - 1;
    if (isBetween && (token.text === 'or' || token.text === 'and'))
      return [
        {
          from,
          to,
          message: `This searches for the word. To combine terms, write ${token.text.toUpperCase()}.`,
        },
      ];
    const name = /^([a-z]{3,}):\S/iu.exec(token.text)?.[1];
    const nearest = name === undefined ? null : findNearest(name, queryTerms);
    return nearest === null
      ? []
      : [{ from, to, message: `This searches for the text. Did you mean the field ${nearest}?` }];
  });
}

/**
 * Reads a query, as `docs/log-search.md` describes it. An empty text is `all`. Throws INVALID_INPUT with a sentence that
 * names the position, and the part of the text in `detail.from` and `detail.to`.
 */
export function parseQuery(text: string, clock: QueryClock): ParsedQuery {
  if (text.length > maxQueryLength)
    throw queryError(
      { from: maxQueryLength, to: text.length },
      `A query has at most ${maxQueryLength} characters; this one has ${text.length}.`,
    );
  const { tokens, remarks } = readTokens(text);
  if (tokens.length === 0) return { query: { kind: 'all' }, terms: [], remarks: [] };
  const { readOr, terms } = createParser(tokens, text.length, clock);
  const query = readOr({ depth: 0, isExcluded: false, field: null });
  return { query, terms, remarks: [...remarks, ...findRemarks(tokens)] };
}

/** Like `parseQuery`, for text that is being typed: returns what is wrong instead of throwing it. */
export function checkQuery(
  text: string,
  clock: QueryClock,
): { parsed: ParsedQuery; problem: null } | { parsed: null; problem: QueryRemark } {
  try {
    return { parsed: parseQuery(text, clock), problem: null };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { from, to } = thrown.detail;
    const span =
      typeof from === 'number' && typeof to === 'number' ? { from, to } : { from: 0, to: text.length };
    return { parsed: null, problem: { ...span, message: thrown.message } };
  }
}
