import { describe, expect, test } from 'vitest';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { verifyResult } from './verifyChange.ts';

/**
 * `aConnectedTenant` uses the number of the first port also as the PID of the process that holds the ports.
 */
const [port, pid] = [2200, 2200];
const before = aConnectedTenant('acme', [port]);
const action = { kind: 'release', clientId: 'acme', port, pid } as const;
const judge = (now: Parameters<typeof verifyResult>[0]['now']) =>
  verifyResult({ action, key: null, before, now });

describe('a release', () => {
  test('is not done while that process holds the port', () => {
    expect(judge(before)).toBe('unchanged');
    expect(judge({ ...before, quota: 40, changedAt: '2026-11-20T09:00:00.000Z' })).toBe('unchanged');
    expect(judge(aConnectedTenant('acme', [port, port + 1]))).toBe('unchanged');
  });

  test('is done when the port is free, another process has it, or the tenant is gone', () => {
    expect(judge(aTenant('acme'))).toBe('done');
    const forwards = before.forwards.map((forward) => ({
      ...forward,
      listener: { address: '127.0.0.1', pid: pid + 1 },
    }));
    expect(judge({ ...before, forwards })).toBe('done');
    expect(judge(null)).toBe('done');
  });
});
