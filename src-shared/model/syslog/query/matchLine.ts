import { matchesWildcard } from '../../../base/wildcard.ts';
import { findFacility, severities, type SyslogLine } from '../syslogLine.ts';
import { compileRegexp } from './linearRegexp.ts';
import { foldCase, type FieldTest, type LogQuery, type OrderOperator, type TextField } from './logQuery.ts';

/** What a query can test: a parsed line, the tenants and ports that it is about, and the name of its appliance. */
export type QueryableLine = Pick<
  SyslogLine,
  'time' | 'receivedAt' | 'host' | 'program' | 'pid' | 'severity' | 'head' | 'message'
> & { appliance: string; tenants: readonly string[]; ports: readonly number[] };

export type LineMatcher = (line: QueryableLine) => boolean;

/** The raw line and its folded form, made once for all terms of a query. */
type Subject = { line: QueryableLine; raw: string; folded: () => string };
type Matcher = (subject: Subject) => boolean;

const isWordCharacter = (character: string) => /[\w\u0080-\uffff]/u.test(character);

/** Whether `folded` contains the word: no letter, digit, `_` or character outside ASCII stands beside it. */
export function hasWord(folded: string, word: string): boolean {
  for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + 1))
    if (!isWordCharacter(folded.charAt(at - 1)) && !isWordCharacter(folded.charAt(at + word.length)))
      return true;
  return false;
}

export function compareOrder(left: number, op: '=' | OrderOperator, right: number): boolean {
  switch (op) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function textsOf({ line }: Subject, field: TextField): readonly (string | null)[] {
  switch (field) {
    case 'tenant':
      return line.tenants;
    case 'facility':
      return [findFacility(line)?.short ?? null];
    case 'program':
    case 'host':
    case 'appliance':
      return [line[field]];
  }
}

function createFieldMatcher(test: FieldTest): Matcher {
  switch (test.field) {
    case 'severity': {
      const limit = severities.indexOf(test.value);
      return ({ line }) =>
        line.severity !== null && compareOrder(severities.indexOf(line.severity), test.op, limit);
    }
    case 'time':
      return ({ line }) => compareOrder(Date.parse(line.time ?? line.receivedAt), test.op, test.value);
    case 'pid':
      return ({ line }) => line.pid !== null && compareOrder(line.pid, test.op, test.value);
    case 'port':
      return ({ line }) => line.ports.some((port) => compareOrder(port, test.op, test.value));
    case 'program':
    case 'host':
    case 'tenant':
    case 'facility':
    case 'appliance': {
      const value = foldCase(test.value);
      const isMatch = (text: string) => (test.op === '~' ? matchesWildcard(text, value) : text === value);
      return (subject) =>
        textsOf(subject, test.field).some((text) => text !== null && isMatch(foldCase(text)));
    }
  }
}

function createMatcher(query: LogQuery): Matcher {
  switch (query.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const matchers = query.nodes.map(createMatcher);
      return (subject) => matchers.every((isMatch) => isMatch(subject));
    }
    case 'or': {
      const matchers = query.nodes.map(createMatcher);
      return (subject) => matchers.some((isMatch) => isMatch(subject));
    }
    case 'not': {
      const isMatch = createMatcher(query.node);
      return (subject) => !isMatch(subject);
    }
    case 'text': {
      const text = foldCase(query.text);
      return ({ folded }) => folded().includes(text);
    }
    case 'word': {
      const word = foldCase(query.text);
      return ({ folded }) => hasWord(folded(), word);
    }
    case 'regexp': {
      const isMatch = compileRegexp(query);
      return ({ raw }) => isMatch(raw);
    }
    case 'field':
      return createFieldMatcher(query);
  }
}

/**
 * What a query means, line by line; the store's search gives the same answers. Takes time in step with the line's length,
 * whatever the query.
 */
export function createLineMatcher(query: LogQuery): LineMatcher {
  const isMatch = createMatcher(query);
  return (line) => {
    const raw = line.head + line.message;
    let folded: string | null = null;
    return isMatch({ line, raw, folded: () => (folded ??= foldCase(raw)) });
  };
}
