import { expect, it } from 'vitest';
import { silentSince } from './registrarProtocol.ts';

it('when three heartbeats are missing, Connect counts as silent', () => {
  const heard = Date.parse('2026-11-28T12:00:00.000Z');
  const last = new Date(heard).toISOString();
  expect(silentSince(last, heard + 15_000)).toBeNull();
  expect(silentSince(last, heard + 15_001)).toBe('2026-11-28T12:00:15.000Z');
  expect(silentSince(null, heard + 15_001)).toBeNull();
});
