import { AppError } from '../../../errors.ts';
import { quoteText } from '../../../base/machineText.ts';
import { facilities, severities, type Severity } from '../syslogLine.ts';
import {
  queryFields,
  type LogQuery,
  type NumberField,
  type OrderOperator,
  type QueryField,
  type TextField,
} from './logQuery.ts';
import { readQueryTime, timeForms, type QueryClock } from './queryTime.ts';
import type { FieldToken, QuerySpan } from './queryTokens.ts';

/** An error of a query: `INVALID_INPUT` with the part of the text in `detail.from` and `detail.to`. */
export function queryError({ from, to }: QuerySpan, sentence: string): AppError {
  return new AppError('INVALID_INPUT', `At character ${from + 1}: ${sentence}`, { detail: { from, to } });
}

const otherSeverityNames: Readonly<Record<string, Severity>> = {
  panic: 'emerg',
  emergency: 'emerg',
  critical: 'crit',
  error: 'err',
  warn: 'warning',
  informational: 'info',
};

const otherFacilityNames: Readonly<Record<string, string>> = { kernel: 'kern', security: 'auth' };

/** Reads a severity by name, by a name in use elsewhere, or by number. */
export function readSeverity(text: string): Severity | null {
  const lower = text.toLowerCase();
  if (Object.hasOwn(otherSeverityNames, lower)) return otherSeverityNames[lower] ?? null;
  return severities.find((name, number) => name === lower || String(number) === lower) ?? null;
}

const valueOf = ({ valueFrom, value }: FieldToken): QuerySpan => ({
  from: valueFrom,
  to: valueFrom + value.length,
});
const asText = 'To search for this text, put it in quotation marks.';

function noSeverity(token: FieldToken, value: string): AppError {
  return queryError(
    valueOf(token),
    `${quoteText(value)} is not a severity. Use ${severities.join(', ')} or 0 to 7. ${asText}`,
  );
}

/** `FROM..TO`, both included. Null for another form. */
function splitRange({ value, isQuoted }: FieldToken): [string, string] | null {
  const match = isQuoted ? null : /^(.+?)\.\.(.+)$/u.exec(value);
  return match === null ? null : [match[1] ?? '', match[2] ?? ''];
}

const both = (first: LogQuery, second: LogQuery): LogQuery => ({ kind: 'and', nodes: [first, second] });

function readSeverityTest(token: FieldToken): LogQuery {
  const severityOf = (text: string): Severity => {
    const severity = readSeverity(text);
    if (severity === null) throw noSeverity(token, text);
    return severity;
  };
  const test = (op: '=' | OrderOperator, text: string): LogQuery => ({
    kind: 'field',
    field: 'severity',
    op,
    value: severityOf(text),
  });
  const range = splitRange(token);
  if (range === null || token.op !== '') return test(token.op === '' ? '=' : token.op, token.value);
  const ends = range.map(severityOf).sort((a, b) => severities.indexOf(a) - severities.indexOf(b));
  return both(test('>=', ends[0] ?? ''), test('<=', ends[1] ?? ''));
}

function readNumberTest(token: FieldToken, field: NumberField): LogQuery {
  const numberOf = (text: string): number => {
    if (/^\d{1,10}$/u.test(text)) return Number(text);
    throw queryError(valueOf(token), `${field} needs a number, not ${quoteText(text)}. ${asText}`);
  };
  const test = (op: '=' | OrderOperator, text: string): LogQuery => ({
    kind: 'field',
    field,
    op,
    value: numberOf(text),
  });
  const range = splitRange(token);
  if (range === null || token.op !== '') return test(token.op === '' ? '=' : token.op, token.value);
  return both(test('>=', range[0]), test('<=', range[1]));
}

const timeTest = (op: OrderOperator, value: number): LogQuery => ({
  kind: 'field',
  field: 'time',
  op,
  value,
});

function readTimeTest(token: FieldToken, clock: QueryClock): LogQuery {
  const spanOf = (text: string, after: number | null = null) => {
    const span = readQueryTime(text, clock, after);
    if (span !== null) return span;
    throw queryError(valueOf(token), `${quoteText(text)} is not a time. Use ${timeForms}. ${asText}`);
  };
  const range = token.op === '' ? splitRange(token) : null;
  if (range !== null) {
    const { start } = spanOf(range[0]);
    return both(timeTest('>=', start), timeTest('<', spanOf(range[1], start).end));
  }
  const span = spanOf(token.value);
  switch (token.op) {
    case '<':
      return timeTest('<', span.start);
    case '>=':
      return timeTest('>=', span.start);
    case '<=':
      return timeTest('<', span.end);
    case '>':
      return timeTest('>=', span.end);
    case '':
    case '=':
      // A distance such as -1h is a start; a date or a minute is all of it.
      return span.isAgo
        ? timeTest('>=', span.start)
        : both(timeTest('>=', span.start), timeTest('<', span.end));
  }
}

function readTextTest(token: FieldToken, field: TextField): LogQuery {
  const { value, op, isQuoted } = token;
  if (op !== '' && op !== '=')
    throw queryError(token, `${field} has no order, so ${op} does not apply. Write ${field}:${value}.`);
  if (value === '') throw queryError(token, `${field} needs a value, e.g. ${queryFields[field].example}.`);
  if (!isQuoted && /[*?]/u.test(value)) return { kind: 'field', field, op: '~', value };
  if (field !== 'facility') return { kind: 'field', field, op: '=', value };
  const lower = value.toLowerCase();
  const short = Object.hasOwn(otherFacilityNames, lower) ? otherFacilityNames[lower] : lower;
  const facility = facilities.find((known) => known.short === short);
  if (facility === undefined)
    throw queryError(
      valueOf(token),
      `${quoteText(value)} is not a facility. Use ${facilities.map((known) => known.short).join(', ')}. ${asText}`,
    );
  return { kind: 'field', field, op: '=', value: facility.short };
}

function readTest(token: FieldToken, field: QueryField, clock: QueryClock): LogQuery {
  switch (field) {
    case 'severity':
      return readSeverityTest(token);
    case 'time':
      return readTimeTest(token, clock);
    case 'pid':
    case 'port':
      return readNumberTest(token, field);
    case 'program':
    case 'host':
    case 'tenant':
    case 'facility':
    case 'appliance':
      return readTextTest(token, field);
  }
}

/** The query of a term with a name. Throws INVALID_INPUT if its value or operator doesn't fit the field. */
export function readFieldTest(token: FieldToken, clock: QueryClock): LogQuery {
  if (token.field !== 'word') return readTest(token, token.field, clock);
  if (token.op !== '') throw queryError(token, `word has no order, so ${token.op} does not apply.`);
  if (token.value === '') throw queryError(token, 'word needs a value, e.g. word:err.');
  return { kind: 'word', text: token.value };
}
