import { expect, it } from 'vitest';
import { silentSince } from './registrarProtocol.ts';

it('when three heartbeats are missing, Connect counts as silent', () => {
  const heard = Date.parse('2026-11-28T12:00:00.000Z');
  const last = new Date(heard).toISOString();
  const from = heard - 60_000;
  expect(silentSince(last, { from, until: heard + 15_000 })).toBeNull();
  expect(silentSince(last, { from, until: heard + 15_001 })).toBe('2026-11-28T12:00:15.000Z');
  expect(silentSince(null, { from, until: heard + 15_001 })).toBeNull();
});

it('when the service received nothing for a while, counts only heartbeats that it could receive', () => {
  const heard = Date.parse('2026-11-28T12:00:00.000Z');
  const last = new Date(heard).toISOString();
  const stoppedAt = heard + 3_000;
  expect(silentSince(last, { from: heard - 60_000, until: stoppedAt })).toBeNull();
  const startedAgain = heard + 600_000;
  expect(silentSince(last, { from: startedAgain, until: startedAgain + 15_000 })).toBeNull();
  expect(silentSince(last, { from: startedAgain, until: startedAgain + 15_001 })).toBe(
    '2026-11-28T12:10:15.000Z',
  );
});
