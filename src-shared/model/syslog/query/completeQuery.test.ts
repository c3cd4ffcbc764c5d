import { describe, expect, test } from 'vitest';
import { applySuggestion, completeQuery } from './completeQuery.ts';
import { applyImpliedTerms, findImpliedTerms } from './impliedTerms.ts';
import type { QueryTermName } from './logQuery.ts';
import { parseQuery } from './parseQuery.ts';

const programs = [
  { value: 'nginx', count: 57 },
  { value: 'sshd', count: 412 },
  { value: 'sshd-session', count: 500 },
  { value: 'Plex Server', count: 3 },
];

/** The cursor is at `|`. */
function complete(written: string) {
  const cursor = written.indexOf('|');
  const text = written.replace('|', '');
  const completion = completeQuery({
    text,
    cursor,
    valuesOf: (field) => (field === 'program' ? programs : []),
  });
  return { text, completion, labels: completion?.suggestions.map(({ label }) => label) ?? null };
}

function take(written: string, label: string): string {
  const { text, completion } = complete(written);
  const suggestion = completion?.suggestions.find((one) => one.label === label);
  if (completion === null || suggestion === undefined) return 'not suggested';
  const taken = applySuggestion(text, completion, suggestion);
  return `${taken.text.slice(0, taken.cursor)}|${taken.text.slice(taken.cursor)}`;
}

describe('when a query is completed', () => {
  test.each([
    ['p|', ['program:', 'pid:', 'port:']],
    ['a -P|', ['program:', 'pid:', 'port:']],
    ['(te|', ['tenant:']],
    ['program:ss|', ['sshd-session', 'sshd']],
    ['program:x|', ['nginx', 'Plex Server']],
    ['-program:|', ['sshd-session', 'sshd', 'nginx', 'Plex Server']],
    ['program:(sshd OR n|', ['nginx']],
    ['program:"plex s|', ['Plex Server']],
    ['severity:e|', ['<=err', 'emerg', 'err', '<=notice', 'alert', 'notice']],
    ['severity:<=w|', ['warning']],
    ['time:to|', ['today']],
    ['host:|', []],
    ['"ten|', null],
    ['program:sshd "ten|', null],
    ['/var/|', null],
    ['sshd[|', null],
  ])('at %s, suggests %j', (written, labels) => {
    expect(
      labels === null ? complete(written).labels : complete(written).labels?.slice(0, labels.length),
    ).toEqual(labels);
  });

  test('at an empty place, suggests all fields with their meaning', () => {
    expect(complete('|').completion?.suggestions).toHaveLength(10);
    expect(complete('sshd |').completion?.suggestions[0]).toEqual({
      label: 'severity:',
      insert: 'severity:',
      detail: 'How urgent: this and worse with <=',
      count: null,
    });
  });

  test.each([
    ['pro|', 'program:', 'program:|'],
    ['tenant:a -program:ss|', 'sshd', 'tenant:a -program:sshd |'],
    ['program:ss|x -CRON', 'sshd', 'program:sshd| -CRON'],
    ['program:"pl|', 'Plex Server', 'program:"Plex Server" |'],
    ['program:"pl|ex" a', 'Plex Server', 'program:"Plex Server"| a'],
    ['program:(ss|)', 'sshd', 'program:(sshd|)'],
    ['severity:|', '<=err', 'severity:<=err |'],
    ['severity:<=|', 'err', 'severity:<=err |'],
  ])('when at %s %s is taken, the query is %s', (written, label, expected) => {
    expect(take(written, label)).toBe(expected);
  });

  test('every suggestion makes a valid query', () => {
    const clock = { now: 0, timeZone: 'UTC' };
    for (const written of ['severity:|', 'severity:<=|', 'time:|', 'time:<|', 'program:|']) {
      const { text, completion } = complete(written);
      for (const suggestion of completion?.suggestions ?? []) {
        const query = completion === null ? '' : applySuggestion(text, completion, suggestion).text;
        expect(parseQuery(query, clock).terms).toHaveLength(1);
      }
    }
  });
});

describe('when a word without a field names something of the fleet', () => {
  const names: Partial<Record<QueryTermName, string[]>> = {
    tenant: ['northwind', 'north-sea', 'program'],
    appliance: ['kiln-01', 'northwind'],
  };
  const valuesOf = (field: QueryTermName) => (names[field] ?? []).map((value) => ({ value, count: null }));
  const complete = (text: string) => completeQuery({ text, cursor: text.length, valuesOf });

  test.each([
    ['northwind', ['tenant:northwind', 'appliance:northwind']],
    ['-NORTHWIND', ['tenant:northwind', 'appliance:northwind']],
    ['a north', ['tenant:northwind', 'tenant:north-sea', 'appliance:northwind']],
    ['kiln-0', ['appliance:kiln-01']],
    ['pro', ['program:', 'tenant:program']],
    ['program', ['tenant:program', 'program:']],
    ['n', []],
    ['03:10', ['time:03:05..03:15']],
    ['x 0:02', ['time:23:57..00:07']],
    ['"northwind', undefined],
  ])('at %s, suggests %j', (text, labels) => {
    expect(complete(text)?.suggestions.map(({ label }) => label)).toEqual(labels);
  });

  test('and it is taken, the term is finished', () => {
    const completion = complete('-north');
    const [first] = completion?.suggestions ?? [];
    if (completion === null || first === undefined) throw new Error('nothing is suggested');
    expect(applySuggestion('-north', completion, first)).toEqual({ text: '-tenant:northwind ', cursor: 18 });
  });

  test.each([
    ['northwind 03:10 -CRON', 'tenant:northwind time:03:05..03:15 -CRON'],
    ['(Northwind OR kiln-01) timeout', '(tenant:northwind OR appliance:kiln-01) timeout'],
    ['"northwind" tenant:northwind northwinds 25:10', '"northwind" tenant:northwind northwinds 25:10'],
  ])('in %s, its term takes its place', (text, expected) => {
    const replaced = applyImpliedTerms(text, findImpliedTerms(text, valuesOf));
    expect(replaced).toBe(expected);
    expect(() => parseQuery(replaced, { now: Date.now(), timeZone: 'Europe/Berlin' })).not.toThrow();
  });
});
