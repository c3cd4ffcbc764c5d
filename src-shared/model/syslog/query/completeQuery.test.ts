import { describe, expect, test } from 'vitest';
import { applySuggestion, completeQuery } from './completeQuery.ts';
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
