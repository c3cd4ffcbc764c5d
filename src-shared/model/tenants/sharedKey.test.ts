import { expect, it } from 'vitest';
import type { TenantSession } from './remoteNetworks.ts';
import { describeSharedKey, findSharedKey } from './sharedKey.ts';

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
