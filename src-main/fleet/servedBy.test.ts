import { beforeEach, expect, test } from 'vitest';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { createFleetViews } from './fleetViews.ts';
import type { Snapshot } from './observations.ts';
import type { WasConnected } from './view.ts';

const began = Date.parse('2026-11-20T12:00:00.000Z');
const at = (milliseconds: number) => new Date(began + milliseconds).toISOString();
const kiln = { ...anEntry('kiln'), id: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001', cluster: 'east' };
const mill = { ...anEntry('mill'), id: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a002', cluster: 'east' };
const forge = { ...anEntry('forge'), id: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a003' };
const entries = [forge, kiln, mill];
const noProbes = new Map<number, ProbeResult>();

let now: number;
let snapshots: Map<string, Snapshot>;
let away: Set<string>;
let linkedSince: string;
beforeEach(() => {
  now = began;
  snapshots = new Map();
  away = new Set();
  linkedSince = at(0);
});

const connected: LinkState = {
  state: 'connected',
  since: at(0),
  latencyMs: 3,
  lastHeardAt: at(0),
  serverSoftware: 's',
  algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
};

function fleet(wasConnected?: WasConnected) {
  return createFleetViews({
    wasConnected,
    inventory: { list: () => entries, get: (id) => entries.find((entry) => entry.id === id) ?? kiln },
    links: {
      state: (id) => (away.has(id) ? { state: 'idle', since: at(0) } : { ...connected, since: linkedSince }),
    },
    observations: { of: (id) => snapshots.get(id) ?? {} },
    probes: () => noProbes,
    linesPerSecond: () => null,
    slowedToMs: () => null,
    clock: () => now,
  });
}

function answer({ id }: { id: string }, ...tenants: Tenant[]) {
  const portRange = { first: 2200, last: 5199 };
  snapshots.set(id, {
    remoteNetworks: {
      observedAt: new Date(now).toISOString(),
      value: { contract: 1, portRange, tenants, refusedLogIns: [] },
    },
  });
}

const gone = (clientId: string) =>
  aTenant(clientId, { lastSession: { endedAt: at(-60_000), peerAddress: null, reason: 'closed' } });
const codes = (views: ReturnType<typeof fleet>, id: string) =>
  views.tenants(id).flatMap(({ tunnels }) => tunnels.map(({ code, tone }) => `${code} ${tone}`));
const counted = (views: ReturnType<typeof fleet>) =>
  views.overview().map((view) => [view.entry.name, view.counted.tenants, view.counted.tunnels.attention]);

test('when another member serves a tenant, its row and all counts of this member show no fault', () => {
  answer(kiln, aConnectedTenant('acme', [2200]));
  answer(mill, gone('acme'));
  const views = fleet();
  expect(codes(views, mill.id)).toEqual(['T-3005 off']);
  const view = views.view(mill.id);
  expect(view.tunnels).toEqual({ down: 0, attention: 0, unknown: 0 });
  expect(view.health.problems).toEqual([]);
  expect(view.capacity?.some(({ bad }) => bad)).toBe(false);
  expect(views.tenants(mill.id)[0]?.tunnels[0]?.layers[2]?.evidence).toBe('connected to kiln');
});

test('when no member serves a tenant, the fleet counts it once, as the merged list does', () => {
  answer(kiln, gone('acme'));
  answer(mill, gone('acme'));
  answer(forge, gone('acme'));
  const views = fleet();
  expect(codes(views, kiln.id)).toEqual(['T-3001 warn']);
  expect(codes(views, mill.id)).toEqual(['T-3001 warn']);
  expect(counted(views)).toEqual([
    ['forge', 1, 1],
    ['kiln', 1, 1],
    ['mill', 0, 0],
  ]);
});

test('when ports are allocated on each member, the fleet counts them once', () => {
  answer(kiln, aConnectedTenant('acme', [2200, 2201]));
  answer(mill, gone('acme'), gone('bolt'));
  const views = fleet();
  const sums = views.overview().map(({ counted: { withSession, allotted, listening } }) => ({
    withSession,
    allotted,
    listening,
  }));
  expect(sums).toEqual([
    { withSession: 0, allotted: 0, listening: 0 },
    { withSession: 1, allotted: 20, listening: 2 },
    { withSession: 0, allotted: 20, listening: 0 },
  ]);
  expect(views.view(mill.id).ports).toEqual({ allotted: 40, listening: 0 });
});

test.each([
  ['its link is down', () => away.add(kiln.id)],
  ['it no longer answers', () => (now += staleAfterMs + 1)],
  [
    'it answered only before the links came up again',
    () => {
      now += 1_000;
      linkedSince = at(1_000);
    },
  ],
  ['its session is silent', () => answer(kiln, silent())],
  ['the tenant is not its', () => answer(kiln, aConnectedTenant('bolt', [2200]))],
])(
  'when it is unknown whether the other member serves the tenant because %s, counts the absence',
  (_why, change) => {
    answer(kiln, aConnectedTenant('acme', [2200]));
    const views = fleet();
    answer(mill, gone('acme'));
    expect(codes(views, mill.id)).toEqual(['T-3005 off']);
    change();
    answer(mill, gone('acme'));
    expect(codes(views, mill.id)).toEqual(['T-3001 warn']);
  },
);

test('when another member answers again with the same tenants, the rows stay the same objects', () => {
  answer(kiln, aConnectedTenant('acme', [2200]));
  answer(mill, gone('acme'));
  const views = fleet();
  const before = views.tenantViews(mill);
  now += 1_000;
  answer(kiln, aConnectedTenant('acme', [2200]));
  expect(views.tenantViews(mill)).toBe(before);
});

test('when a tenant offers a wrong key here, another member’s session does not hide it', () => {
  answer(kiln, aConnectedTenant('acme', [2200]));
  answer(mill, gone('acme'));
  const known = snapshots.get(mill.id)?.remoteNetworks;
  if (known === undefined) throw new Error('no answer');
  const refused = {
    fingerprint: 'SHA256:w',
    keyType: 'ssh-ed25519',
    formerKeyOf: 'acme',
    keyOf: null,
    line: 'refused',
    peerAddress: '198.51.100.7',
    lastAt: at(-1_000),
    count: 3,
  };
  snapshots.set(mill.id, {
    remoteNetworks: { ...known, value: { ...known.value, refusedLogIns: [refused] } },
  });
  expect(codes(fleet(), mill.id)).toEqual(['T-3003 bad']);
});

function silent(): Tenant {
  const tenant = aConnectedTenant('acme', [2200]);
  return { ...tenant, sessions: tenant.sessions.map((session) => ({ ...session, silentSince: at(-1_000) })) };
}

test('when another member listed the last session of a tenant, no member says that it never connected', () => {
  const fresh = aTenant('acme', { createdAt: at(-120_000) });
  answer(kiln, gone('acme'));
  answer(mill, fresh);
  answer(forge, fresh);
  const views = fleet();
  expect(codes(views, mill.id)).toEqual(['T-3001 warn']);
  expect(codes(views, forge.id)).toEqual(['T-3004 off']);
});

test('when a tenant was added to a member after its last session on another one, it has never connected', () => {
  answer(kiln, gone('acme'));
  answer(mill, aTenant('acme', { createdAt: at(-1000) }));
  expect(codes(fleet(), mill.id)).toEqual(['T-3004 off']);
});

test('when the console remembers a session on another member, no member says that it never connected', () => {
  const fresh = aTenant('acme', { createdAt: at(-120_000) });
  for (const entry of entries) answer(entry, fresh);
  const views = fleet(({ applianceId }) => applianceId === kiln.id);
  expect(codes(views, mill.id)).toEqual(['T-3001 warn']);
  expect(codes(views, forge.id)).toEqual(['T-3004 off']);
});
