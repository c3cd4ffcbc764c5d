import type { Severity } from '../syslogLine.ts';

/** What a field's values are. `severity`, `number` and `time` have an order; `text` is compared with case folded. */
type FieldKind = 'text' | 'number' | 'severity' | 'time';

/**
 * Everything the query language knows about a field. The key is its name in a query. `isOfFleet`: the console knows its
 * values, and a test of it finds lines that don't have the value as text.
 */
type FieldFacts = { kind: FieldKind; meaning: string; example: string; isOfFleet?: true };

export const queryFields = {
  severity: { kind: 'severity', meaning: 'How urgent: this and worse with <=', example: 'severity:<=err' },
  program: { kind: 'text', meaning: 'The program that wrote the line', example: 'program:sshd' },
  host: { kind: 'text', meaning: 'The host that the line names', example: 'host:kiln-01' },
  pid: { kind: 'number', meaning: 'The process ID', example: 'pid:8812' },
  port: { kind: 'number', meaning: "The tenant's port that the line is about", example: 'port:2204' },
  tenant: {
    kind: 'text',
    meaning: 'The tenant that the line is about',
    example: 'tenant:northwind',
    isOfFleet: true,
  },
  facility: { kind: 'text', meaning: 'The facility in the line’s <PRI>', example: 'facility:local0' },
  appliance: {
    kind: 'text',
    meaning: 'The appliance that kept the line',
    example: 'appliance:kiln-01',
    isOfFleet: true,
  },
  time: { kind: 'time', meaning: 'When the line was written', example: 'time:>=-1h' },
} as const satisfies Record<string, FieldFacts>;

export type QueryField = keyof typeof queryFields;
/** The names that stand before a colon in a query. `word` tests whole words of the line, the others a field. */
export const queryTerms = [
  'severity',
  'program',
  'host',
  'pid',
  'port',
  'tenant',
  'facility',
  'appliance',
  'time',
  'word',
] as const satisfies readonly (QueryField | 'word')[];
export type QueryTermName = (typeof queryTerms)[number];

type FieldOf<K extends FieldKind> = {
  [F in QueryField]: (typeof queryFields)[F]['kind'] extends K ? F : never;
}[QueryField];
export type TextField = FieldOf<'text'>;
export type NumberField = FieldOf<'number'>;

export type OrderOperator = '<=' | '>=' | '<' | '>';

/**
 * A test of one field. A line without the field fits none. `~`: `value` is a wildcard pattern for the whole field (`*` any
 * text, `?` one character). A severity is smaller if it is more urgent: `<=` `err` is err and worse. Times are epoch
 * milliseconds of the line's time, or of its arrival if it has none.
 */
export type FieldTest =
  | { kind: 'field'; field: TextField; op: '=' | '~'; value: string }
  | { kind: 'field'; field: NumberField; op: '=' | OrderOperator; value: number }
  | { kind: 'field'; field: 'severity'; op: '=' | OrderOperator; value: Severity }
  | { kind: 'field'; field: 'time'; op: OrderOperator; value: number };

/**
 * A query as a tree. `text`, `word` and `regexp` test the whole raw line (head and message). Texts are never empty. `text`
 * fits anywhere in the line. `word` fits if no ASCII letter or digit, no `_` and nothing outside ASCII stands beside it.
 * Both fold case (`foldCase`); a regexp does with the flag `i`.
 */
export type LogQuery =
  | { kind: 'all' }
  | { kind: 'and' | 'or'; nodes: LogQuery[] }
  | { kind: 'not'; node: LogQuery }
  | { kind: 'text' | 'word'; text: string }
  | { kind: 'regexp'; source: string; flags: '' | 'i' }
  | FieldTest;

/** Limits of one query, so that a query from a link or a file costs a bounded amount of work **[ours]**. */
export const maxQueryLength = 4000;
export const maxQueryTerms = 64;
export const maxQueryDepth = 16;
export const maxRegexpLength = 400;

/**
 * Folds case, the same in queries, lines, scans and counts: each character alone, so that a text keeps its length and
 * offsets. A character whose lower case is longer stays as it is.
 */
export function foldCase(text: string): string {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded.replaceAll('ς', 'σ');
  return Array.from(text, (character) => {
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  })
    .join('')
    .replaceAll('ς', 'σ');
}
