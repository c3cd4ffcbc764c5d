import { describe, expect, it } from 'vitest';
import { isExpired } from './moment.ts';

const at = (hour: number) => Date.UTC(2026, 10, 20, hour);
const expiresAt = new Date(at(12)).toISOString();
const whileRunning = { bootId: 'one', uptimeMs: 5_000 };

describe('isExpired', () => {
  it.each([
    ['has no end', { expiresAt: null, whileRunning }, { trusted: at(23), running: null }, false],
    ['is before it', { expiresAt, whileRunning: null }, { trusted: at(12) - 1, running: null }, false],
    ['is at it', { expiresAt, whileRunning: null }, { trusted: at(12), running: null }, true],
    [
      'had its clock set back, in the same boot',
      { expiresAt, whileRunning },
      { trusted: at(1), running: { bootId: 'one', uptimeMs: 5_000 } },
      true,
    ],
    [
      'is early in the same boot',
      { expiresAt, whileRunning },
      { trusted: at(1), running: { bootId: 'one', uptimeMs: 4_999 } },
      false,
    ],
    [
      'was started anew since',
      { expiresAt, whileRunning },
      { trusted: at(1), running: { bootId: 'two', uptimeMs: 9_000 } },
      false,
    ],
    [
      'had its clock set ahead',
      { expiresAt, whileRunning },
      { trusted: at(13), running: { bootId: 'one', uptimeMs: 1 } },
      true,
    ],
    [
      'holds what is no instant',
      { expiresAt: 'soon', whileRunning: null },
      { trusted: at(1), running: null },
      true,
    ],
  ])('when the appliance %s', (_what, deadline, moment, expired) => {
    expect(isExpired(deadline, moment)).toBe(expired);
  });
});
