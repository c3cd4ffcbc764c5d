import { expect, test } from 'vitest';
import { aTenant } from '../../../test-support/aTenant.ts';
import { mergeCluster, type ClusterMember } from './cluster.ts';
import type { Tenant } from './remoteNetworks.ts';

const at = '2026-11-20T09:00:00.000Z';
const session = (pid: number, silentSince: string | null = null): Tenant['sessions'][number] => ({
  pid,
  kind: 'connect',
  peerAddress: '198.51.100.7',
  peerPort: 50_000 + pid,
  since: at,
  keyFingerprint: 'SHA256:a',
  connectVersion: '1.0.0',
  lastHeartbeatAt: null,
  silentSince,
});
type View = { applianceId: string; applianceName: string; observedAt: string; tenant: Tenant };
function member(
  name: string,
  tenants: readonly Tenant[],
  changes: { isFresh?: boolean; observedAt?: string } = {},
): ClusterMember<View> {
  const { isFresh = true, observedAt = at } = changes;
  const views = tenants.map((one) => ({ applianceId: name, applianceName: name, observedAt, tenant: one }));
  return { applianceId: name, applianceName: name, isFresh, views };
}
const ended = (endedAt: string) =>
  aTenant('acme', { lastSession: { endedAt, peerAddress: null, reason: 'client timed out' } });
const merge = (...members: ClusterMember<View>[]) => mergeCluster({ name: 'east', members });

test('when all members agree about a tenant, lists it once without a disagreement', () => {
  const merged = merge(member('kiln', [aTenant('acme')]), member('mill', [aTenant('acme')]));
  expect(merged).toHaveLength(1);
  expect(merged[0]?.cluster).toEqual({
    name: 'east',
    members: [
      { applianceId: 'kiln', applianceName: 'kiln', state: 'here', sessions: 0 },
      { applianceId: 'mill', applianceName: 'mill', state: 'here', sessions: 0 },
    ],
    disagreements: [],
  });
});

test('when a member has the live session, uses its view even if another member answered later', () => {
  const later = '2026-11-20T09:00:04.000Z';
  const [one] = merge(
    member('kiln', [aTenant('acme', { sessions: [session(1, at)] })], { observedAt: later }),
    member('mill', [aTenant('acme', { sessions: [session(2)] })]),
  );
  expect(one?.view.applianceName).toBe('mill');
  expect(one?.cluster.disagreements).toEqual([]);
});

test('when there is no live session, uses the member that knows most, and the choice is stable', () => {
  const later = '2026-11-20T09:00:04.000Z';
  const speaker = (kiln: Tenant, mill: Tenant, fresh = true) =>
    [
      [at, later],
      [later, at],
    ].map(
      ([first = at, second = at]) =>
        merge(
          member('kiln', [kiln], { observedAt: first, isFresh: fresh }),
          member('mill', [mill], { observedAt: second, isFresh: fresh }),
        )[0]?.view.applianceName,
    );
  const both = aTenant('acme', { sessions: [session(1)] });
  expect(speaker(aTenant('acme'), aTenant('acme'))).toEqual(['kiln', 'kiln']);
  expect(speaker(both, both)).toEqual(['kiln', 'kiln']);
  expect(speaker(aTenant('acme'), ended(at))).toEqual(['mill', 'mill']);
  expect(speaker(ended(at), ended(later))).toEqual(['mill', 'mill']);
  expect(speaker(ended(later), aTenant('acme', { sessions: [session(1, at)] }))).toEqual(['mill', 'mill']);
  // If no member answers, the member with the latest answer is used.
  expect(speaker(aTenant('acme'), aTenant('acme'), false)).toEqual(['mill', 'kiln']);
});

test('when members disagree, each difference is a sentence', () => {
  const [one] = merge(
    member('forge', []),
    member('kiln', [aTenant('acme', { sessions: [session(1)] })]),
    member('mill', [
      aTenant('acme', {
        quota: 40,
        ports: [{ first: 2300, last: 2339 }],
        keys: [],
        suspended: true,
        sessions: [session(2)],
      }),
    ]),
  );
  expect(one?.cluster.members.map((each) => each.state)).toEqual(['absent', 'here', 'here']);
  expect(one?.cluster.disagreements).toEqual([
    'It is missing on forge.',
    'The members report different quotas: kiln 20, mill 40.',
    'The members report different ports: kiln 2200–2219, mill 2300–2339.',
    'The members report different keys: kiln SHA256:a, mill none.',
    'The members report different states: kiln active, mill suspended.',
    'It has sessions on kiln and mill at the same time.',
  ]);
});

test('when two members have lasting sessions with one key, says so if both answer', () => {
  const later = '2026-11-20T09:05:00.000Z';
  const kiln = [aTenant('acme', { sessions: [session(1)] })];
  const mill = [aTenant('acme', { sessions: [session(2)] })];
  const disagreements = (isFresh: boolean) =>
    merge(
      member('kiln', kiln, { observedAt: later }),
      member('mill', mill, { observedAt: later, isFresh }),
    )[0]?.cluster.disagreements;
  expect(disagreements(true)).toEqual([
    'It has sessions on kiln and mill at the same time.',
    'Two clients use the same key at the same time: from 198.51.100.7 on kiln (sshd 1) and from 198.51.100.7 on mill (sshd 2). If these are two sites, each needs a tenant and a key of its own.',
  ]);
  expect(disagreements(false)).toEqual([]);
});

test('when a member does not answer, claims nothing about it and does not use its view', () => {
  const [one] = merge(
    member('kiln', [aTenant('acme', { quota: 40, sessions: [session(1)] })], { isFresh: false }),
    member('mill', [aTenant('acme')]),
  );
  expect(one?.view.applianceName).toBe('mill');
  expect(one?.cluster.members).toMatchObject([
    { state: 'unknown', sessions: 1 },
    { state: 'here', sessions: 0 },
  ]);
  expect(one?.cluster.disagreements).toEqual([
    'kiln had a session of this tenant at 2026-11-20 09:00:00 UTC and has not answered since.',
  ]);
  const [never] = merge(member('kiln', [], { isFresh: false }), member('mill', [aTenant('acme')]));
  expect(never?.cluster).toMatchObject({
    members: [{ state: 'unknown' }, { state: 'here' }],
    disagreements: [],
  });
});

test('when keys are in another order, it is no difference', () => {
  const keys = ['SHA256:a', 'SHA256:b'].map((fingerprint) => ({
    type: 'ssh-ed25519',
    fingerprint,
    addedAt: at,
    expiresAt: null,
  }));
  const [one] = merge(
    member('kiln', [aTenant('acme', { keys })]),
    member('mill', [aTenant('acme', { keys: keys.toReversed() })]),
  );
  expect(one?.cluster.disagreements).toEqual([]);
});
