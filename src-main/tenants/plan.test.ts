import { describe, expect, test } from 'vitest';
import { measureCpuMs } from '../../test-support/cpuTime.ts';
import { remoteNetworksSchema, type RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { readAnswer } from '../driver/answers.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import { preparePlan } from './plan.ts';

const at = '2026-11-20T09:00:00.000Z';
const entry = anEntry('kiln');

type Shape = {
  clientId: string;
  ports: { first: number; last: number }[];
  sessions: number;
  forwards: number;
};

function listedTenant({ clientId, ports, sessions, forwards }: Shape) {
  const first = ports[0]?.first ?? 2200;
  const pid = (index: number) => 1000 + (index % sessions);
  return {
    clientId,
    quota: 20,
    suspended: false,
    ports,
    keys: [],
    createdAt: at,
    changedAt: at,
    sessions: Array.from({ length: sessions }, (_, index) => ({
      pid: pid(index),
      kind: 'plain',
      peerAddress: null,
      peerPort: null,
      since: at,
      keyFingerprint: null,
      connectVersion: null,
      lastHeartbeatAt: null,
      silentSince: null,
    })),
    forwards: Array.from({ length: forwards }, (_, index) => ({
      port: first + (index % 20),
      group: null,
      repository: null,
      uri: null,
      announcedAt: null,
      listener: { address: '127.0.0.1', pid: pid(index) },
      sessionPid: pid(index),
    })),
    lastSession: null,
  };
}

const document = (tenants: readonly Shape[]) => ({
  contract: 1,
  portRange: { first: 2200, last: 5199 },
  tenants: tenants.map(listedTenant),
});

function read(tenants: readonly Shape[]): RemoteNetworks {
  return remoteNetworksSchema.parse(document(tenants));
}

function planFor(networks: RemoteNetworks, action: TenantAction) {
  return preparePlan({
    entry,
    networks,
    observedAt: at,
    action,
    planContext: planContextSample(Date.parse(at)),
  }).plan;
}

const block = (index: number) => [{ first: 2200 + index * 20, last: 2219 + index * 20 }];
/** The real time is far lower, but a quadratic algorithm would take many times as long. */
const soonMs = 1000;

test('the plan of a release promises only what the appliance does', () => {
  const networks = read([{ clientId: 'acme', ports: block(0), sessions: 1, forwards: 1 }]);
  const [tenant] = networks.tenants;
  if (tenant === undefined) throw new Error('no tenant');
  const stale = {
    ...tenant,
    sessions: [],
    forwards: tenant.forwards.map((forward) => ({ ...forward, sessionPid: null, announcedAt: at })),
  };
  const plan = planFor(
    { ...networks, tenants: [stale] },
    { kind: 'release', clientId: 'acme', port: 2200, pid: 1000 },
  );
  expect(plan.warnings).toContainEqual(expect.stringMatching(/only if it is a tenant’s sshd/));
  expect(plan.ends).toEqual([{ clientId: 'acme', port: 2200, destination: null, since: null }]);
});

describe('a session whose monitor process died', () => {
  const networks = read([{ clientId: 'acme', ports: block(0), sessions: 1, forwards: 2 }]);
  const orphaned = {
    ...networks,
    tenants: networks.tenants.map((tenant) => ({
      ...tenant,
      sessions: tenant.sessions.map((session) => ({ ...session, isOrphaned: true })),
    })),
  };
  const pid = networks.tenants[0]?.sessions[0]?.pid ?? 0;

  test.each<TenantAction>([
    { kind: 'suspend', clientId: 'acme' },
    { kind: 'remove', clientId: 'acme' },
    { kind: 'change', clientId: 'acme', quota: 10 },
    { kind: 'release', clientId: 'acme', port: 2200, pid },
  ])('when the change is $kind, its plan says that its working tunnels end', (action) => {
    const { ends } = planFor(orphaned, action);
    expect(ends.map(({ port }) => port)).toEqual([2200, 2201]);
    expect(ends.every(({ since }) => since !== null)).toBe(true);
  });

  test('when it still has its monitor, rejects a release with INVALID_INPUT', () => {
    const release = { kind: 'release', clientId: 'acme', port: 2200, pid } as const;
    expect(() => planFor(networks, release)).toThrow(/live session/u);
  });
});

test('rejects the release of a process that is no tenant’s with INVALID_INPUT, and names it', () => {
  const networks = read([{ clientId: 'acme', ports: block(0), sessions: 1, forwards: 1 }]);
  const holder = { name: 'python3', user: 'root', clientId: null, isReleasable: false };
  const tenants = networks.tenants.map((tenant) => ({
    ...tenant,
    forwards: tenant.forwards.map((forward) => ({
      ...forward,
      sessionPid: null,
      listener: { address: '127.0.0.1', pid: 24199, holder },
    })),
  }));
  const release = { kind: 'release', clientId: 'acme', port: 2200, pid: 24199 } as const;
  expect(() => planFor({ ...networks, tenants }, release)).toThrow(/“python3” \(pid 24199, user root\)/u);
});

describe('a plan is fast', () => {
  test('after a list of 150 tenants with 3,000 forwards', () => {
    const networks = read(
      Array.from({ length: 150 }, (_, index) => ({
        clientId: `tenant-${index}`,
        ports: block(index),
        sessions: 1,
        forwards: 20,
      })),
    );
    const actions: TenantAction[] = [
      { kind: 'suspend', clientId: 'tenant-7' },
      { kind: 'change', clientId: 'tenant-7', quota: 10 },
      { kind: 'remove', clientId: 'tenant-149' },
    ];
    for (const action of actions)
      expect(measureCpuMs(() => expect(planFor(networks, action).ends).toHaveLength(20))).toBeLessThan(
        soonMs,
      );
  });

  test('when the list is as long as possible and wrong, is just as fast', () => {
    const networks = read([{ clientId: 'liar', ports: block(0), sessions: 4000, forwards: 4000 }]);
    const suspend = { kind: 'suspend', clientId: 'liar' } as const;
    expect(measureCpuMs(() => expect(planFor(networks, suspend).ends).toHaveLength(4000))).toBeLessThan(
      soonMs,
    );
    const scattered = Array.from({ length: 3000 }, (_, index) => ({
      first: 2 * index + 1,
      last: 2 * index + 1,
    }));
    const odd = read([{ clientId: 'liar', ports: scattered, sessions: 1, forwards: 0 }]);
    const change = { kind: 'change', clientId: 'liar', quota: 300 } as const;
    expect(measureCpuMs(() => expect(planFor(odd, change).ends).toHaveLength(1))).toBeLessThan(soonMs);
  });
});

test('rejects a list that allocates more ports than exist, because a few bytes could mean billions', () => {
  const everything = { first: 1, last: 65_535 };
  const liars: Shape[][] = [
    [{ clientId: 'liar', ports: [everything, everything], sessions: 1, forwards: 0 }],
    ['one', 'two'].map((clientId) => ({ clientId, ports: [everything], sessions: 1, forwards: 0 })),
  ];
  for (const tenants of liars)
    expect(readAnswer('remoteNetworks', JSON.stringify(document(tenants)))).toEqual({
      reason: expect.stringMatching(/^tenants.* has an unexpected value$/u),
    });
});
