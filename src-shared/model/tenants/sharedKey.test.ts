import { describe, expect, it } from 'vitest';
import type { TenantSession } from './remoteNetworks.ts';
import { describeKeySharedByMembers, describeSharedKey, findSharedKey } from './sharedKey.ts';

const start = Date.UTC(2026, 10, 28, 10);
const at = (second: number) => new Date(start + second * 1000).toISOString();
const now = start + 300_000;

function connect(pid: number, change: Partial<TenantSession> = {}): TenantSession {
  return {
    pid,
    kind: 'connect',
    peerAddress: '10.0.0.1',
    peerPort: pid,
    since: at(0),
    keyFingerprint: 'SHA256:x',
    connectVersion: '1.2.3',
    lastHeartbeatAt: at(298),
    silentSince: null,
    ...change,
  };
}
const plain = (pid: number, change: Partial<TenantSession> = {}) =>
  connect(pid, { kind: 'plain', connectVersion: null, lastHeartbeatAt: null, ...change });

it.each([
  [
    'two Connects run at two addresses',
    [connect(1), connect(2, { since: at(100), peerAddress: '10.0.0.2' })],
  ],
  ['two Connects run at one address', [connect(1), connect(2, { since: at(100) })]],
  ['three Connects run', [connect(1), connect(2, { since: at(100) }), connect(3, { since: at(200) })]],
  [
    'two plain clients run at two addresses',
    [plain(1), plain(2, { since: at(100), peerAddress: '10.0.0.2' })],
  ],
  [
    'a plain client runs at another address than Connect',
    [connect(1), plain(2, { since: at(100), peerAddress: '10.0.0.2' })],
  ],
  ['the newer session is listed first', [connect(2, { since: at(100) }), connect(1)]],
])('when %s, the key is shared', (_, sessions) => {
  expect(findSharedKey(sessions, now)).toMatchObject({ older: { pid: 1 }, newer: { pid: 2 } });
});

it.each([
  ['one Connect runs', [connect(1)]],
  ['a plain client runs next to Connect', [connect(1), plain(2, { since: at(100) })]],
  ['two plain clients run at one address', [plain(1), plain(2, { since: at(100) })]],
  [
    'Connect has reconnected while its old session hangs',
    [connect(1, { lastHeartbeatAt: at(99) }), connect(2, { since: at(100) })],
  ],
  [
    'Connect has reconnected from another address, and its last heartbeat arrived late',
    [connect(1, { lastHeartbeatAt: at(103) }), connect(2, { since: at(100), peerAddress: '10.0.0.2' })],
  ],
  [
    'the older session is silent',
    [connect(1, { silentSince: at(200) }), connect(2, { since: at(100), peerAddress: '10.0.0.2' })],
  ],
  [
    'a plain client has just reconnected from another address',
    [plain(1), plain(2, { since: at(270), peerAddress: '10.0.0.2' })],
  ],
  [
    'each Connect has its own key',
    [connect(1), connect(2, { since: at(100), keyFingerprint: 'SHA256:y', peerAddress: '10.0.0.2' })],
  ],
  [
    'the keys are unknown',
    [connect(1, { keyFingerprint: null }), connect(2, { since: at(100), keyFingerprint: null })],
  ],
])('when %s, the key is not shared', (_, sessions) => {
  expect(findSharedKey(sessions, now)).toBeNull();
});

it('names both addresses', () => {
  const shared = findSharedKey([connect(1), connect(2, { since: at(9), peerAddress: '2001:db8::2' })], now);
  expect(shared === null ? null : describeSharedKey(shared)).toBe(
    'two clients use the same key at the same time: from 10.0.0.1 (sshd 1) and from 2001:db8::2 (sshd 2)',
  );
});

describe('sessions at two members of a cluster', () => {
  const observedAt = at(300);
  const inCluster = (...lists: TenantSession[][]) =>
    describeKeySharedByMembers(
      lists.map((sessions, index) => ({
        applianceName: ['kiln', 'mill', 'forge'][index] ?? '',
        observedAt,
        sessions,
      })),
    );

  it.each<[string, ...TenantSession[][]]>([
    [
      'two Connects run at two addresses',
      [connect(1)],
      [connect(2, { since: at(100), peerAddress: '10.0.0.2' })],
    ],
    ['two Connects run at one address', [connect(1)], [connect(2, { since: at(100) })]],
    ['two plain clients run', [plain(1)], [plain(2, { since: at(100) })]],
    [
      'the clock of a member is an hour ahead',
      [connect(1)],
      [connect(2, { since: at(3600), lastHeartbeatAt: at(3900) })],
    ],
    ['another member has no session', [], [connect(1)], [connect(2)]],
  ])('when %s, share the key', (_, ...lists) => {
    expect(inCluster(...lists)).toMatch(/^Two clients use the same key at the same time: /u);
  });

  it.each<[string, ...TenantSession[][]]>([
    ['a client moved from one member to the other just now', [connect(1)], [connect(2, { since: at(240) })]],
    ['one session is silent', [connect(1, { silentSince: at(200) })], [connect(2, { since: at(100) })]],
    ['the keys differ', [connect(1)], [connect(2, { keyFingerprint: 'SHA256:y' })]],
    ['the keys are unknown', [connect(1, { keyFingerprint: null })], [connect(2, { keyFingerprint: null })]],
    ['one member has both', [connect(1), connect(2)], []],
  ])('when %s, do not', (_, ...lists) => {
    expect(inCluster(...lists)).toBeNull();
  });

  it('are named with address and member', () => {
    expect(inCluster([connect(1)], [connect(2, { peerAddress: null })])).toBe(
      'Two clients use the same key at the same time: from 10.0.0.1 on kiln (sshd 1) and from an unknown address on mill (sshd 2). If these are two sites, each needs a tenant and a key of its own.',
    );
  });
});
