import { expect, test } from 'vitest';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { aTenant } from '../../test-support/aTenant.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import { planWarnings } from './planWarnings.ts';

const at = '2026-11-20T09:00:00.000Z';

function warningsFor(input: {
  action: TenantAction;
  /** The Connect version of each session. Null for a plain ssh client. */
  sessions: readonly (string | null)[];
  unplaced?: number;
}): string {
  const tenant = aTenant('acme', {
    quota: 2,
    ports: [{ first: 2200, last: 2201 }],
    keys: [],
    sessions: input.sessions.map((connectVersion, index) => ({
      pid: 1000 + index,
      kind: connectVersion === null ? 'plain' : 'connect',
      peerAddress: null,
      peerPort: null,
      since: at,
      keyFingerprint: null,
      connectVersion,
      lastHeartbeatAt: null,
      silentSince: null,
    })),
    unplaced: Array.from({ length: input.unplaced ?? 0 }, (_, index) => ({
      group: 'docs',
      repository: `r${index}`,
      uri: 'smb://files:445',
    })),
  });
  const planContext = planContextSample(Date.parse(at));
  return planWarnings({ action: input.action, tenant, key: null, ends: [], planContext }).join('\n');
}

const to = (quota: number) => ({ kind: 'change', clientId: 'acme', quota }) as const;

test('when a live Connect gets more ports, its tunnels go down briefly, at once if it waits for them', () => {
  const waiting = warningsFor({ action: to(5), sessions: ['1.8.3'], unplaced: 2 });
  expect(waiting).toContain('for 2 repositories and logs in again immediately');
  expect(waiting).toContain('go down briefly');
  const content = warningsFor({ action: to(5), sessions: ['1.8.3'] });
  expect(content).toContain('once it has more repositories than its session has ports');
  expect(`${waiting}${content}`).not.toContain('plain OpenSSH');
});

test('when a plain ssh gets more ports, it keeps its ports until it logs in again', () => {
  expect(warningsFor({ action: to(5), sessions: [null] })).toBe(
    'A plain OpenSSH client keeps its current ports until it logs in again.',
  );
});

test('when the tenant is not connected or gets no more ports, no new login is announced', () => {
  expect(warningsFor({ action: to(5), sessions: [], unplaced: 1 })).toBe('');
  expect(warningsFor({ action: to(1), sessions: ['1.8.3', null] })).toBe('');
});
