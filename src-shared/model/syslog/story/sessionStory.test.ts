import { expect, test } from 'vitest';
import { builtInRules } from '../explain/builtInRules.ts';
import { createExplainer } from '../explain/explainRule.ts';
import { parseSyslogLine } from '../syslogParse.ts';
import { minuteMs, secondMs } from '../../../base/time.ts';
import { tellStory } from './sessionStory.ts';

const start = Date.parse('2026-11-20T03:00:00Z');
const explain = createExplainer(builtInRules);
const key = `SHA256:${'n'.repeat(43)}`;
const login = (peer: string) => `Accepted publickey for connect from ${peer} ssh2: ED25519 ${key}`;

/** Tells the story of lines, each with the seconds after the start. */
function tell(...lines: [second: number, tag: string, message: string][]) {
  return tellStory(
    lines.map(([second, tag, message], at) => {
      const time = start + second * secondMs;
      const text = `${new Date(time).toISOString()} kiln-01 ${tag}: ${message}`;
      return {
        id: `${at}`,
        at: time,
        line: parseSyslogLine(text, { receivedAt: time, zoneOffsetMinutes: 0 }),
      };
    }),
    explain,
  ).map(({ id, event, count, durationMs }) => [id, event, count, durationMs]);
}

test('when a tenant loses its session and comes back, tells the reason, the refusals and how long each lasted', () => {
  const [first, second] = ['10.4.0.7 port 52144', '10.4.0.7 port 52200'];
  expect(
    tell(
      [0, 'sshd[812]', login(first)],
      [0, 'sshd[812]', 'User child is on pid 815'],
      [1, 'sallyport', 'forward opened: tenant northwind, port 2204, to files'],
      [1, 'sallyport', 'forward opened: tenant northwind, port 2205, to mail'],
      [600, 'sshd[815]', `Timeout, client not responding from user connect ${first}`],
      [600, 'sshd[812]', 'pam_unix(sshd:session): session closed for user connect'],
      [605, 'sshd[900]', 'error: bind [127.0.0.1]:2204: Address already in use'],
      [610, 'sshd[901]', 'error: bind [127.0.0.1]:2204: Address already in use'],
      [615, 'app[3]', 'northwind: heartbeat'],
      [660, 'sshd[905]', login(second)],
    ),
  ).toEqual([
    ['0', 'connected', 1, null],
    ['2', 'opened', 2, null],
    ['4', 'ended', 1, 10 * minuteMs],
    ['6', 'refused', 2, null],
    ['9', 'connected', 1, minuteMs],
  ]);
});

test('when several lines tell one end, the first one counts', () => {
  const peer = '10.4.0.7 port 52144';
  expect(
    tell(
      [0, 'sshd[812]', login(peer)],
      [0, 'sshd[812]', 'User child is on pid 815'],
      [30, 'sshd[815]', `Received disconnect from ${peer}:11: disconnected by user`],
      [30, 'sshd[815]', `Disconnected from user connect ${peer}`],
      [30, 'sshd[812]', 'pam_unix(sshd:session): session closed for user connect'],
    ),
  ).toEqual([
    ['0', 'connected', 1, null],
    ['2', 'ended', 1, 30 * secondMs],
  ]);
});

test('when a session began before the first line, its length is not known', () => {
  const peer = '10.4.0.7 port 52144';
  expect(
    tell(
      [30, 'sshd[815]', `Disconnected from user connect ${peer}`],
      [30, 'sshd[815]', 'pam_unix(sshd:session): session closed for user connect'],
      [40, 'sshd[820]', login('10.4.0.7 port 1')],
    ),
  ).toEqual([
    ['0', 'ended', 1, null],
    ['2', 'connected', 1, 10 * secondMs],
  ]);
});

test('when another session is still up, a new login ends no outage', () => {
  const peers = ['10.4.0.7 port 1', '10.4.0.7 port 2', '10.4.0.7 port 3'] as const;
  expect(
    tell(
      [0, 'sshd[1]', login(peers[0])],
      [5, 'sshd[2]', login(peers[1])],
      [20, 'sshd[1]', `Disconnected from user connect ${peers[0]}`],
      [30, 'sshd[3]', login(peers[2])],
    ).map(([, event, , durationMs]) => [event, durationMs]),
  ).toEqual([
    ['connected', null],
    ['connected', null],
    ['ended', 20 * secondMs],
    ['connected', null],
  ]);
});

test('when a process number is used again, the end belongs to the later session', () => {
  expect(
    tell(
      [0, 'sshd[7]', login('10.4.0.7 port 1')],
      [10, 'sshd[7]', 'Disconnected from user connect 10.4.0.7 port 1'],
      [100, 'sshd[7]', login('10.4.0.7 port 2')],
      [130, 'sshd[7]', 'Disconnected from user connect 10.4.0.7 port 2'],
    ).map(([, event, , durationMs]) => [event, durationMs]),
  ).toEqual([
    ['connected', null],
    ['ended', 10 * secondMs],
    ['connected', 90 * secondMs],
    ['ended', 30 * secondMs],
  ]);
});
