import { queryTerms, type QueryTermName } from './logQuery.ts';

/** A part of the text of a query: offsets of its first character and of the character after it. */
export type QuerySpan = { from: number; to: number };
/** A sentence about a part of the text. */
export type QueryRemark = QuerySpan & { message: string };

/** A term with a name, e.g. `program:sshd`. `op` is as written, empty without an operator. */
export type FieldToken = QuerySpan & {
  kind: 'field';
  field: QueryTermName;
  op: '' | '=' | '<=' | '>=' | '<' | '>';
  value: string;
  isQuoted: boolean;
  valueFrom: number;
};

export type QueryToken =
  | (QuerySpan & { kind: 'open' | 'close' | 'AND' | 'OR' | 'NOT' })
  | (QuerySpan & { kind: 'text'; text: string; isQuoted: boolean })
  | (QuerySpan & { kind: 'regexp'; source: string; flags: string })
  | (QuerySpan & { kind: 'fieldGroup'; field: QueryTermName })
  | FieldToken;

const namePattern = /([a-z]+):(<=|>=|[<>=])?/iuy;
const phrasePattern = /"((?:[^"\\]|\\.)*)"(?=[\s)]|$)/suy;
/** A slash inside needs a backslash, or stands in a class; so a path is no regular expression. */
const regexpPattern = /\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([a-z]{0,4})(?=[\s)]|$)/uy;
const wordPattern = /[^\s]+/uy;
/** What makes a minus a NOT: a word, a phrase, a group or a regular expression comes at once. */
const negationPattern = /-(?=[\p{L}\p{N}_"(/[])/uy;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Finds the name of a term, in upper or lower case. */
export function findTermName(name: string): QueryTermName | null {
  const lower = name.toLowerCase();
  return queryTerms.find((term) => term === lower) ?? null;
}

/** Reads `\"` and `\\` in a phrase. Any other backslash stays, because lines are full of them. */
function unescapePhrase(text: string): string {
  return text.replaceAll(/\\(["\\])/gu, '$1');
}

/** The end of a word: before white space, or before a bracket that closes a group and not one of the word's own. */
function findWordEnd(text: string, at: number, isInGroup: boolean): number {
  const end = at + (matchAt(wordPattern, text, at)?.[0].length ?? 0);
  let opened = 0;
  for (let index = at; index < end; index += 1) {
    if (text[index] === '(') opened += 1;
    else if (text[index] === ')' && opened > 0) opened -= 1;
    else if (text[index] === ')' && isInGroup && index > at) return index;
  }
  return end;
}

function readFieldToken(text: string, at: number, isInGroup: boolean): QueryToken | null {
  const match = matchAt(namePattern, text, at);
  const field = findTermName(match?.[1] ?? '');
  if (match === null || field === null) return null;
  const valueFrom = at + match[0].length;
  const op = readOperator(match[2]);
  if (text[valueFrom] === '(' && op === '') return { kind: 'fieldGroup', field, from: at, to: valueFrom };
  const phrase = matchAt(phrasePattern, text, valueFrom);
  if (phrase !== null) {
    const to = valueFrom + phrase[0].length;
    const value = unescapePhrase(phrase[1] ?? '');
    return { kind: 'field', field, op, value, isQuoted: true, valueFrom: valueFrom + 1, from: at, to };
  }
  const to = findWordEnd(text, valueFrom, isInGroup);
  // `port: 22` is a text that people paste, not a term.
  if (to === valueFrom && op === '') return null;
  return {
    kind: 'field',
    field,
    op,
    value: text.slice(valueFrom, to),
    isQuoted: false,
    valueFrom,
    from: at,
    to,
  };
}

function readOperator(text: string | undefined): FieldToken['op'] {
  return (['=', '<=', '>=', '<', '>'] as const).find((operator) => operator === text) ?? '';
}

function readTerm(text: string, at: number, isInGroup: boolean): QueryToken {
  const phrase = matchAt(phrasePattern, text, at);
  if (phrase !== null && phrase[1] !== '')
    return {
      kind: 'text',
      text: unescapePhrase(phrase[1] ?? ''),
      isQuoted: true,
      from: at,
      to: at + phrase[0].length,
    };
  const regexp = matchAt(regexpPattern, text, at);
  if (regexp !== null) {
    const [whole, source = '', flags = ''] = regexp;
    return { kind: 'regexp', source, flags, from: at, to: at + whole.length };
  }
  const field = readFieldToken(text, at, isInGroup);
  if (field !== null) return field;
  const to = findWordEnd(text, at, isInGroup);
  const word = text.slice(at, to);
  if (word === 'AND' || word === 'OR' || word === 'NOT') return { kind: word, from: at, to };
  return { kind: 'text', text: word, isQuoted: false, from: at, to };
}

/** Splits a text into tokens. The brackets at `literal` are text. Returns the offsets of brackets that nothing closes, too. */
function scan(text: string, literal: ReadonlySet<number>): { tokens: QueryToken[]; unclosed: number[] } {
  const tokens: QueryToken[] = [];
  const opened: number[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/u.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const isInGroup = opened.length > 0;
    const negation = matchAt(negationPattern, text, at);
    let token: QueryToken;
    if (text[at] === '(' && !literal.has(at)) {
      opened.push(at);
      token = { kind: 'open', from: at, to: at + 1 };
    } else if (text[at] === ')' && isInGroup) {
      opened.pop();
      token = { kind: 'close', from: at, to: at + 1 };
    } else if (negation !== null) token = { kind: 'NOT', from: at, to: at + 1 };
    else token = readTerm(text, at, isInGroup);
    tokens.push(token);
    at = token.to;
  }
  return { tokens, unclosed: opened };
}

/**
 * Splits a query into tokens. Whatever has no meaning in the language is a word and searches for itself: a path, an
 * address with a port, a bracket that nothing closes, a single quotation mark.
 */
export function readTokens(text: string): { tokens: QueryToken[]; remarks: QueryRemark[] } {
  const literal = new Set<number>();
  let { tokens, unclosed } = scan(text, literal);
  // Each round makes at least one bracket a text, so that this ends.
  while (unclosed.length > 0) {
    for (const at of unclosed) literal.add(at);
    ({ tokens, unclosed } = scan(text, literal));
  }
  const brackets = [...literal].map((at) => ({
    from: at,
    to: at + 1,
    message: 'Nothing closes this bracket, so it is searched for as text.',
  }));
  const quotes = tokens.flatMap((token) =>
    token.kind === 'text' && !token.isQuoted && /^"[^"]*$/u.test(token.text)
      ? [
          {
            from: token.from,
            to: token.from + 1,
            message: 'Nothing closes this quotation mark, so it is searched for as text.',
          },
        ]
      : [],
  );
  return { tokens, remarks: [...brackets, ...quotes] };
}
