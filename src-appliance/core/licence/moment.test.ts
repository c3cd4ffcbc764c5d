import { describe, expect, it } from 'vitest';
import { isExpired } from './moment.ts';

const at = (hour: number) => Date.UTC(2026, 10, 20, hour);
const expiresAt = new Date(at(12)).toISOString();
const whileRunning = { bootId: 'one', uptimeMs: 5_000 };

describe('isExpired', () => {
  it.each([
    ['there is no deadline', { expiresAt: null, whileRunning }, { trusted: at(23), running: null }, false],
    [
      'the deadline has not passed',
      { expiresAt, whileRunning: null },
      { trusted: at(12) - 1, running: null },
      false,
    ],
    ['the deadline passes now', { expiresAt, whileRunning: null }, { trusted: at(12), running: null }, true],
    [
      'the clock was set back, but the uptime has passed',
      { expiresAt, whileRunning },
      { trusted: at(1), running: { bootId: 'one', uptimeMs: 5_000 } },
      true,
    ],
    [
      'the clock was set back, and the uptime has not passed',
      { expiresAt, whileRunning },
      { trusted: at(1), running: { bootId: 'one', uptimeMs: 4_999 } },
      false,
    ],
    [
      'the clock was set back and the machine restarted',
      { expiresAt, whileRunning },
      { trusted: at(1), running: { bootId: 'two', uptimeMs: 9_000 } },
      false,
    ],
    [
      'the clock was set ahead',
      { expiresAt, whileRunning },
      { trusted: at(13), running: { bootId: 'one', uptimeMs: 1 } },
      true,
    ],
    [
      'the deadline is no instant',
      { expiresAt: 'soon', whileRunning: null },
      { trusted: at(1), running: null },
      true,
    ],
  ])('when %s, returns the right answer', (_what, deadline, moment, expired) => {
    expect(isExpired(deadline, moment)).toBe(expired);
  });
});
