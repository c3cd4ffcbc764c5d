import { readTokens } from './queryTokens.ts';
import type { FieldTest, LogQuery } from './logQuery.ts';

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

/** Whether the text alone is one word that searches for itself. */
function isPlainWord(text: string): boolean {
  // Two words that start with a slash would be read as a regular expression.
  if (/^\/|[()"*?]/u.test(text)) return false;
  const { tokens } = readTokens(text);
  return tokens.length === 1 && tokens[0]?.kind === 'text' && tokens[0].text === text;
}

/** A value after `FIELD:`, in quotation marks if it needs them. */
export function printValue(text: string): string {
  return /^[^\s()"*?<>=]+$/u.test(text) && !text.includes('..') ? text : quote(text);
}

function printTest(test: FieldTest): string {
  const op = test.op === '=' || test.op === '~' ? '' : test.op;
  if (test.field === 'time') return `time:${op}${new Date(test.value).toISOString()}`;
  if (typeof test.value === 'number') return `${test.field}:${op}${test.value}`;
  return `${test.field}:${op}${test.op === '~' ? test.value : printValue(test.value)}`;
}

function printNode(query: LogQuery, isOperand: boolean): string {
  switch (query.kind) {
    case 'all':
      return '';
    case 'text':
      return isPlainWord(query.text) ? query.text : quote(query.text);
    case 'word':
      return `word:${printValue(query.text)}`;
    case 'regexp':
      return `/${query.source}/${query.flags}`;
    case 'field':
      return printTest(query);
    case 'not': {
      const text = printNode(query.node, true);
      return /^[\p{L}\p{N}_"(/[]/u.test(text) ? `-${text}` : `NOT ${text}`;
    }
    case 'and':
    case 'or': {
      const text = query.nodes.map((node) => printNode(node, true)).join(query.kind === 'and' ? ' ' : ' OR ');
      return isOperand ? `(${text})` : text;
    }
  }
}

/**
 * The text of a query. `parseQuery` reads the same query from it. Times are in UTC, so that the text keeps its meaning;
 * a query with relative times is therefore kept as the user wrote it.
 */
export function printQuery(query: LogQuery): string {
  return printNode(query, false);
}
