import { severities, severityNames } from '../syslogLine.ts';
import { fleetFields, timeTermOf, type ValuesOf } from './impliedTerms.ts';
import { foldCase, type QueryField, queryFields, queryTerms, type QueryTermName } from './logQuery.ts';
import { printValue } from './printQuery.ts';
import { findTermName } from './queryTokens.ts';

/** `insert` replaces the text from `from` to `to`. A finished term gets a space after it, a field's name its colon. */
export type Suggestion = { label: string; insert: string; detail: string; count: number | null };
export type Completion = {
  from: number;
  to: number;
  /** The field whose values are suggested; null for names of fields. */
  field: QueryTermName | null;
  suggestions: Suggestion[];
};

const maxSuggestions = 20;

const start = String.raw`(?:^|[\s(])-?`;
const valuePattern = new RegExp(
  String.raw`${start}(?<name>[a-z]+):(?<op><=|>=|[<>=])?(?:"(?<phrase>[^"]*)|(?<value>[^\s"()]*))$`,
  'iu',
);
const groupPattern = new RegExp(
  String.raw`${start}(?<name>[a-z]+):\((?:[^()]*\s)?(?<value>[^\s()"]*)$`,
  'iu',
);
const wordPattern = new RegExp(String.raw`${start}(?<value>[\p{L}\p{N}_.:-]*)$`, 'iu');
/** A shorter word begins too many names. */
const minNameLength = 2;

const meaningOfWord = 'A whole word of the line';

const plain = (label: string, detail: string): Suggestion => ({ label, insert: label, detail, count: null });

const timeSuggestions = [
  plain('>=-15m', 'The last 15 minutes'),
  plain('>=-1h', 'The last hour'),
  plain('>=-24h', 'The last 24 hours'),
  plain('today', 'Since midnight'),
  plain('yesterday', 'All of yesterday'),
  plain('03:00..03:30', 'The last time it was between these times'),
];

function severitySuggestions(op: string): Suggestion[] {
  const exact = severities.map((name) => plain(name, severityNames[name].name));
  if (op !== '') return exact;
  const worse = severities
    .slice(2, 6)
    .toReversed()
    .map((name) => plain(`<=${name}`, `${severityNames[name].name} and worse`));
  return [...worse, ...exact];
}

/** Those that start with `typed` first, then those that contain it; each in the given order. */
function rank(suggestions: readonly Suggestion[], typed: string): Suggestion[] {
  const lower = typed.toLowerCase();
  const textOf = ({ label }: Suggestion) => label.toLowerCase().replace(/^[<>=]+/u, '');
  const plainTyped = lower.replace(/^[<>=]+/u, '');
  const starting = suggestions.filter((one) => textOf(one).startsWith(plainTyped));
  const containing = suggestions.filter(
    (one) => textOf(one).includes(plainTyped) && !textOf(one).startsWith(plainTyped),
  );
  return [...starting, ...containing].slice(0, maxSuggestions);
}

function suggestValues(field: QueryTermName, op: string, valuesOf: ValuesOf): Suggestion[] {
  if (field === 'severity') return severitySuggestions(op);
  if (field === 'time') return op === '' ? timeSuggestions : timeSuggestions.slice(3, 5);
  return valuesOf(field)
    .toSorted((a, b) => (b.count ?? 0) - (a.count ?? 0))
    .map(({ value, count }) => ({ label: value, insert: printValue(value), detail: '', count }));
}

/** Where the term that contains the cursor ends. */
function findEnd(text: string, cursor: number, isQuoted: boolean): number {
  const rest = text.slice(cursor);
  const quoted = isQuoted ? /^[^"\n]*"/u.exec(rest) : null;
  return cursor + (quoted ?? /^[^\s()"]*/u.exec(rest) ?? [''])[0].length;
}

/**
 * Suggests how the query goes on at the cursor: names of fields, or values of the field before it. `valuesOf` returns the
 * values that lines have. Null in the middle of a phrase, a regular expression or another text.
 */
export function completeQuery({
  text,
  cursor,
  valuesOf,
}: {
  text: string;
  cursor: number;
  valuesOf: ValuesOf;
}): Completion | null {
  const before = text.slice(0, cursor);
  const match = valuePattern.exec(before) ?? groupPattern.exec(before);
  const field = findTermName(match?.groups?.['name'] ?? '');
  if (match !== null && field !== null) {
    const { op = '', phrase, value } = match.groups ?? {};
    const typed = phrase ?? value ?? '';
    const from = cursor - typed.length - (phrase === undefined ? 0 : 1);
    const suggestions = rank(suggestValues(field, op, valuesOf), typed);
    return { from, to: findEnd(text, cursor, phrase !== undefined), field, suggestions };
  }
  const word = wordPattern.exec(before)?.groups?.['value'];
  if (word === undefined || isInsidePhrase(before)) return null;
  const names = queryTerms.map((name) => ({
    label: `${name}:`,
    insert: `${name}:`,
    detail: name === 'word' ? meaningOfWord : queryFields[name].meaning,
    count: null,
  }));
  const fields = names.filter(({ label }) => label.startsWith(word.toLowerCase()));
  const { exact, begun } = suggestTerms(word, valuesOf);
  const suggestions = [...exact, ...fields, ...begun].slice(0, maxSuggestions);
  return { from: cursor - word.length, to: findEnd(text, cursor, false), field: null, suggestions };
}

const termOf = (field: QueryField, value: string): Suggestion =>
  plain(`${field}:${printValue(value)}`, queryFields[field].meaning);

/** Terms for a word without a field: a time of day, and the names that it is or begins. */
function suggestTerms(word: string, valuesOf: ValuesOf): { exact: Suggestion[]; begun: Suggestion[] } {
  const time = timeTermOf(word);
  if (time !== null) return { exact: [plain(time, queryFields.time.meaning)], begun: [] };
  if (word.length < minNameLength) return { exact: [], begun: [] };
  const folded = foldCase(word);
  const named = fleetFields.flatMap((field) =>
    valuesOf(field)
      .filter(({ value }) => foldCase(value).startsWith(folded))
      .map(({ value }) => ({ value, ...termOf(field, value) })),
  );
  const isExact = ({ value }: { value: string }): boolean => foldCase(value) === folded;
  return { exact: named.filter(isExact), begun: named.filter((one) => !isExact(one)) };
}

function isInsidePhrase(before: string): boolean {
  return before.replaceAll(/(?:^|(?<=[\s(:-]))"(?:[^"\\]|\\.)*"/gsu, '').match(/(?:^|[\s(:-])"/u) !== null;
}

/** The text and the cursor after a suggestion was taken. */
export function applySuggestion(
  text: string,
  { from, to }: Pick<Completion, 'from' | 'to'>,
  { insert }: Suggestion,
): { text: string; cursor: number } {
  const rest = text.slice(to);
  const space = insert.endsWith(':') || /^[\s)]/u.test(rest) ? '' : ' ';
  return {
    text: `${text.slice(0, from)}${insert}${space}${rest}`,
    cursor: from + insert.length + space.length,
  };
}
