import { describe, expect, test } from 'vitest';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import type { Snapshot } from './observations.ts';
import { servedTenants } from './servedBy.ts';
import { splitRuns } from '../../src-shared/model/tenants/capacityCells.ts';
import { applianceView, isStale, tenantViews } from './view.ts';

const at = '2026-11-20T12:00:00.000Z';
const now = Date.parse(at) + 1000;
const later = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
const entry = anEntry('kiln');
const connected: LinkState = {
  state: 'connected',
  since: at,
  latencyMs: 3,
  lastHeardAt: at,
  serverSoftware: 's',
  algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
};
const status: ApplianceStatus = {
  contract: 1,
  identity: { id: entry.id, hostname: 'kiln' },
  versions: { appliance: '1.34.2', kit: '1', sshd: null, os: null },
  clock: { now: at, ranBackFrom: null },
  uptimeSeconds: 1,
  disks: [],
  services: [],
  findings: [],
  logs: { syslog: '/var/log/syslog' },
};

function tenant(clientId: string, first: number, listening: number[], live: boolean): Tenant {
  return {
    clientId,
    quota: 20,
    suspended: false,
    ports: [{ first, last: first + 19 }],
    keys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:x', addedAt: at, expiresAt: null }],
    createdAt: at,
    changedAt: at,
    sessions: live
      ? [
          {
            pid: 7,
            kind: 'plain',
            peerAddress: '10.0.0.1',
            peerPort: 1,
            since: at,
            keyFingerprint: null,
            connectVersion: null,
            lastHeartbeatAt: null,
            silentSince: null,
          },
        ]
      : [],
    forwards: listening.map((port) => ({
      port,
      group: null,
      repository: null,
      uri: null,
      announcedAt: null,
      listener: { address: '127.0.0.1', pid: 7 },
      sessionPid: live ? 7 : null,
    })),
    unplaced: [],
    lastSession: null,
  };
}

function viewOf(
  snapshot: Snapshot,
  options: {
    link?: LinkState;
    now?: number;
    servedBy?: ReadonlyMap<string, string>;
    isListed?: (clientId: string) => boolean;
  } = {},
) {
  const evidence = {
    entry,
    link: options.link ?? connected,
    snapshot,
    now: options.now ?? now,
  };
  return applianceView({
    ...evidence,
    views: tenantViews({ ...evidence, probes: new Map(), servedBy: options.servedBy }),
    linesPerSecond: null,
    isListed: options.isListed ?? (() => true),
  });
}

const full: Snapshot = {
  status: { value: status, observedAt: at },
  remoteNetworks: {
    observedAt: at,
    value: {
      contract: 1,
      portRange: { first: 2200, last: 5199 },
      tenants: [tenant('acme', 2200, [2200, 2201], true), tenant('globex', 2240, [2245], false)],
      refusedLogIns: [],
    },
  },
};

test('counts tenants and ports, and assigns the ports to cells of twenty', () => {
  const view = viewOf(full);
  expect(view.tenants).toEqual({ total: 2, withSession: 1, suspended: 0 });
  expect(view.counted).toEqual({
    tenants: 2,
    withSession: 1,
    allotted: 40,
    listening: 3,
    tunnels: { down: 1, attention: 0, unknown: 0 },
  });
  expect(viewOf(full, { isListed: (clientId) => clientId === 'acme' }).counted).toEqual({
    tenants: 1,
    withSession: 1,
    allotted: 20,
    listening: 2,
    tunnels: { down: 0, attention: 0, unknown: 0 },
  });
  expect(view.ports).toEqual({ allotted: 40, listening: 3 });
  const cells = splitRuns(view.capacity ?? []);
  expect(cells).toHaveLength(150);
  expect(view.capacity).toHaveLength(4);
  expect(cells.slice(0, 4)).toEqual([
    { allotted: 1, listening: 0.1, bad: false },
    { allotted: 0, listening: 0, bad: false },
    { allotted: 1, listening: 0.05, bad: true },
    { allotted: 0, listening: 0, bad: false },
  ]);
  expect(view.tunnels).toEqual({ down: 1, attention: 0, unknown: 0 });
  expect(view.health).toMatchObject({ tone: 'bad', problems: [{ code: 'T-4002', clientId: 'globex' }] });
});

test.each<[string, { first: number; last: number }[], Record<number, number>]>([
  ['within a cell', [{ first: 2205, last: 2209 }], { 0: 0.25 }],
  ['across cells', [{ first: 2210, last: 2245 }], { 0: 0.5, 1: 1, 2: 0.3 }],
  [
    'in several ranges of one cell',
    [
      { first: 2220, last: 2220 },
      { first: 2230, last: 2239 },
    ],
    { 1: 0.55 },
  ],
  [
    'at both ends',
    [
      { first: 2200, last: 2200 },
      { first: 5199, last: 5199 },
    ],
    { 0: 0.05, 149: 0.05 },
  ],
  [
    'partly outside',
    [
      { first: 2100, last: 2219 },
      { first: 5180, last: 6000 },
    ],
    { 0: 1, 149: 1 },
  ],
  [
    'wholly outside',
    [
      { first: 1, last: 2199 },
      { first: 5200, last: 65_535 },
    ],
    {},
  ],
  [
    'twice',
    [
      { first: 2200, last: 2219 },
      { first: 2200, last: 2219 },
    ],
    { 0: 1 },
  ],
])('when ports are %s, each cell has their share', (_where, ports, shares) => {
  const networks = full.remoteNetworks;
  if (networks === undefined) throw new Error('no list');
  const tenants = [{ ...tenant('acme', 2200, [], true), ports }];
  const { capacity } = viewOf({
    ...full,
    remoteNetworks: { ...networks, value: { ...networks.value, tenants } },
  });
  const allotted = Object.fromEntries(
    splitRuns(capacity ?? []).flatMap((cell, index) => (cell.allotted === 0 ? [] : [[index, cell.allotted]])),
  );
  expect(allotted).toEqual(shares);
});

test('when only some answers have arrived, the appliance is not OK yet', () => {
  const { status: half } = full;
  expect(viewOf(half === undefined ? {} : { status: half }).health.tone).toBe('unknown');
  expect(viewOf({}).health.tone).toBe('unknown');
  expect(viewOf({})).toMatchObject({ tenants: null, ports: null, capacity: null, observedAt: null });
});

test('when one answer is missing, the appliance is stale although the other is recent', () => {
  const snapshot: Snapshot = { ...full, status: { value: status, observedAt: later(staleAfterMs * 2) } };
  const then = Date.parse(at) + staleAfterMs * 2;
  expect(isStale(snapshot, then)).toBe(true);
  expect(viewOf(snapshot, { now: then }).health).toMatchObject({ problems: [{ code: 'A-1003' }] });
  expect(viewOf(snapshot, { now: then }).observedAt).toBe(later(staleAfterMs * 2));
});

test('when time passes, becomes stale at the exact millisecond', () => {
  expect(isStale(full, Date.parse(at) + staleAfterMs)).toBe(false);
  expect(isStale(full, Date.parse(at) + staleAfterMs + 1)).toBe(true);
  expect(isStale({}, now)).toBe(false);
});

test('when the link is down, values stay but are not green', () => {
  const view = viewOf(full, { link: { state: 'idle', since: at } });
  expect(view.status?.value.versions.appliance).toBe('1.34.2');
  expect(view.health.tone).toBe('unknown');
});

test('when a command fails, shows its error', () => {
  const failing: Snapshot = {
    ...full,
    remoteNetworks: {
      value: { contract: 1, portRange: { first: 2200, last: 5199 }, tenants: [], refusedLogIns: [] },
      observedAt: at,
    },
    statusFailure: {
      value: { command: 'ke_status', text: '', error: 'sudo refused', code: 'SUDO_REFUSED' },
      observedAt: at,
    },
  };
  expect(viewOf(failing).health).toEqual({
    tone: 'warn',
    problems: [
      { code: 'A-1020', severity: 'warn', text: 'ke_status: sudo refused', clientId: null, port: null },
    ],
  });
});

test('when a command has no answer, the time of the last answer stays; text that can’t be parsed updates it', () => {
  const failure = (code: 'COMMAND_TIMEOUT' | 'OUTPUT_UNPARSED') => ({
    statusFailure: {
      value: { command: 'ke_status', text: '', error: 'e', code },
      observedAt: later(30_000),
    },
  });
  expect(viewOf({ ...full, ...failure('COMMAND_TIMEOUT') }).observedAt).toBe(at);
  expect(viewOf({ ...full, ...failure('OUTPUT_UNPARSED') }).observedAt).toBe(later(30_000));
});

const failed = (command: string) => ({
  value: { command, text: '', error: 'e', code: 'COMMAND_FAILED' as const },
  observedAt: at,
});

test('when several commands fail, shows the first error', () => {
  const snapshot = { licenceFailure: failed('licence'), remoteNetworksFailure: failed('networks') };
  expect(viewOf({ ...full, ...snapshot }).unparsed?.value.command).toBe('networks');
});

describe('a tenant of a cluster', () => {
  const away: Snapshot = {
    ...full,
    remoteNetworks: {
      observedAt: at,
      value: {
        contract: 1,
        portRange: { first: 2200, last: 5199 },
        tenants: [
          {
            ...tenant('acme', 2200, [], false),
            lastSession: { endedAt: at, peerAddress: null, reason: 'closed' },
          },
        ],
        refusedLogIns: [],
      },
    },
  };

  test('when its session is on another member, has no problem on this one', () => {
    expect(viewOf(away).tunnels.attention).toBe(1);
    const served = viewOf(away, { servedBy: new Map([['acme', 'mill']]) });
    expect(served.tunnels).toEqual({ down: 0, attention: 0, unknown: 0 });
    expect(served.counted.tunnels).toEqual(served.tunnels);
    expect(served.health.problems).toEqual([]);
    expect(viewOf(away, { servedBy: new Map([['globex', 'mill']]) }).tunnels.attention).toBe(1);
    // The tenant is connected to another member, but a stale process still holds its ports here. That is a
    // fault of this appliance.
    expect(viewOf(full, { servedBy: new Map([['globex', 'mill']]) }).tunnels.down).toBe(1);
  });

  test('counts as served only if that member answered recently', () => {
    expect(servedTenants({ link: connected, snapshot: full, now })).toEqual(['acme']);
    expect(servedTenants({ link: connected, snapshot: full, now: now + staleAfterMs })).toEqual([]);
    expect(servedTenants({ link: { state: 'idle', since: at }, snapshot: full, now })).toEqual([]);
  });
});
