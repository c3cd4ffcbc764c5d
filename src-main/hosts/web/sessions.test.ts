import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SessionEndReason } from '../../../src-shared/contract/webSession.ts';
import { createWebSessions, type WebSession } from './sessions.ts';

const minuteMs = 60_000;
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function open(idleMs: number): { sessions: ReturnType<typeof createWebSessions>; session: WebSession } {
  const sessions = createWebSessions({ idleMs });
  const session = sessions.exchange(sessions.issueToken());
  if (session === null) throw new Error('no session');
  return { sessions, session };
}

test('when an address is not used within ten minutes, its token opens nothing', () => {
  const sessions = createWebSessions({ idleMs: Infinity });
  const token = sessions.issueToken();
  vi.advanceTimersByTime(10 * minuteMs - 1);
  expect(sessions.exchange(token)).not.toBeNull();
  const late = sessions.issueToken();
  vi.advanceTimersByTime(10 * minuteMs);
  expect(sessions.exchange(late)).toBeNull();
});

test('when a tab does not use its token within a minute, it opens nothing', () => {
  const { sessions, session } = open(Infinity);
  const token = session.issueToken() ?? '';
  vi.advanceTimersByTime(minuteMs);
  expect(sessions.exchange(token)).toBeNull();
});

test('when many tabs ask, no more than 32 unused tokens are given out, until they expire', () => {
  const { sessions, session } = open(Infinity);
  const tokens = Array.from({ length: 40 }, () => session.issueToken());
  expect(tokens.filter((token) => token !== null)).toHaveLength(32);
  expect(sessions.exchange(tokens[0] ?? '')).toBe(session);
  expect(session.issueToken()).not.toBeNull();
  vi.advanceTimersByTime(minuteMs);
  expect(session.issueToken()).not.toBeNull();
});

test('when there is no input for the idle limit, the session ends in all tabs, and its tokens too', () => {
  const { sessions, session } = open(60 * minuteMs);
  const ends: SessionEndReason[] = [];
  session.attach((reason) => ends.push(reason));
  session.attach((reason) => ends.push(reason));
  vi.advanceTimersByTime(59 * minuteMs);
  session.noteActivity();
  vi.advanceTimersByTime(59 * minuteMs + 59_000);
  const token = session.issueToken() ?? '';
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(ends).toEqual(['idle', 'idle']);
  expect(sessions.find(session.secret)).toBeNull();
  expect(sessions.exchange(token)).toBeNull();
});

test('when the computer slept past the limit, the first look at the secret ends the session', () => {
  const { sessions, session } = open(60 * minuteMs);
  // The clock advances, but timers don't run, as while a computer sleeps.
  vi.setSystemTime(Date.now() + 61 * minuteMs);
  expect(sessions.find(session.secret)).toBeNull();
});

test('when the last tab is closed, the session ends after half an hour', () => {
  const { sessions, session } = open(8 * 60 * minuteMs);
  const detach = session.attach(() => {});
  vi.advanceTimersByTime(2 * 60 * minuteMs);
  detach();
  vi.advanceTimersByTime(29 * minuteMs);
  expect(sessions.find(session.secret)).toBe(session);
  const detachAgain = session.attach(() => {});
  detachAgain();
  vi.advanceTimersByTime(29 * minuteMs);
  expect(sessions.find(session.secret)).toBe(session);
  vi.advanceTimersByTime(minuteMs);
  expect(sessions.find(session.secret)).toBeNull();
});

test('when there is no idle limit, a session with a tab ends by sign-out only', () => {
  const { sessions, session } = open(Infinity);
  session.attach(() => {});
  vi.advanceTimersByTime(30 * 24 * 60 * minuteMs);
  expect(sessions.find(session.secret)).toBe(session);
  session.end('signed-out');
  expect(sessions.find(session.secret)).toBeNull();
});

test('when there is no idle limit, a session without a tab ends after half an hour all the same', () => {
  const { sessions, session } = open(Infinity);
  session.attach(() => {})();
  vi.advanceTimersByTime(30 * minuteMs - 1);
  expect(sessions.find(session.secret)).toBe(session);
  vi.advanceTimersByTime(1);
  expect(sessions.find(session.secret)).toBeNull();
});
