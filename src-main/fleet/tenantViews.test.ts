import { expect, test } from 'vitest';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { aConnectedTenant } from '../../test-support/aTenant.ts';
import type { Snapshot } from './observations.ts';
import { createTenantViews } from './tenantViews.ts';

const began = Date.parse('2026-11-20T12:00:00.000Z');
const at = (milliseconds: number) => new Date(began + milliseconds).toISOString();
const value: RemoteNetworks = {
  contract: 1,
  portRange: { first: 2200, last: 5199 },
  tenants: [aConnectedTenant('acme', [2200])],
  refusedLogIns: [],
};
const connected: LinkState = {
  state: 'connected',
  since: at(0),
  latencyMs: 3,
  lastHeardAt: at(0),
  serverSoftware: 's',
  algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
};

function aStatus(milliseconds: number, aheadMs = 0): NonNullable<Snapshot['status']> {
  return {
    observedAt: at(milliseconds),
    value: {
      contract: 1,
      identity: { id: anEntry('kiln').id, hostname: 'kiln' },
      versions: { appliance: '1.34.2', kit: '1', sshd: null, os: null },
      clock: { now: at(milliseconds + aheadMs), ranBackFrom: null },
      uptimeSeconds: 1,
      disks: [],
      services: [],
      findings: [],
      logs: { syslog: '/var/log/syslog' },
    },
  };
}

function start() {
  const clock = { now: began };
  const probes = new Map<number, ProbeResult>();
  const setting = { maxAgeMs: 600_000 };
  const entry = anEntry('kiln');
  const tenantViews = createTenantViews({
    probes: () => probes,
    maxProbeAgeMs: () => setting.maxAgeMs,
    clock: () => clock.now,
  });
  const evidence = {
    link: connected,
    snapshot: { status: aStatus(0), remoteNetworks: { value, observedAt: at(0) } },
  };
  /** Passes a new entry object in each call, because the cached views must not depend on its identity. */
  const viewsWith = (changes: Partial<{ link: LinkState; snapshot: Snapshot; name: string }> = {}) =>
    tenantViews.of({ ...evidence, ...changes, entry: { ...entry, name: changes.name ?? entry.name } });
  return { clock, probes, setting, entry, tenantViews, evidence, viewsWith };
}

test('views are the same object until one of their causes changes', () => {
  const { clock, evidence, viewsWith } = start();
  const first = viewsWith();
  expect(first).toMatchObject({ isFresh: true, views: [{ tunnels: [{ tone: 'ok' }] }] });
  clock.now += 7_999;
  expect(viewsWith()).toBe(first);
  expect(viewsWith({ link: { ...connected, latencyMs: 9, lastHeardAt: at(7_999) } })).toBe(first);
  // The appliance said that its list still holds.
  expect(
    viewsWith({ snapshot: { ...evidence.snapshot, remoteNetworks: { value, observedAt: at(6_000) } } }),
  ).toBe(first);
  // Status and licence arrive separately, and a diagnosis uses only a few of their fields.
  const { remoteNetworks } = evidence.snapshot;
  expect(viewsWith({ snapshot: { remoteNetworks, status: aStatus(7_000, 500) } })).toBe(first);
});

test('when the link came up again, no list of before is fresh', () => {
  const { clock, evidence, viewsWith } = start();
  clock.now += 5_000;
  const link = { ...connected, since: at(4_000) };
  const before = viewsWith({ link });
  expect(before).toMatchObject({
    isFresh: false,
    views: [{ tunnels: [{ tone: 'unknown', code: 'T-1002' }] }],
  });
  const snapshot = { ...evidence.snapshot, remoteNetworks: { value, observedAt: at(4_500) } };
  expect(viewsWith({ link, snapshot })).toMatchObject({
    isFresh: true,
    views: [{ tunnels: [{ tone: 'ok' }] }],
  });
});

test('when any cause changes, rebuilds the views', () => {
  const { setting, probes, tenantViews, evidence, entry, viewsWith } = start();
  const { status, remoteNetworks } = evidence.snapshot;
  const other = { ...remoteNetworks, value: { ...value } };
  const versions = { ...status.value.versions, appliance: '1.35.0' };
  for (const changed of [
    { snapshot: { status, remoteNetworks: other } },
    { snapshot: { status: aStatus(0, 60_000), remoteNetworks } },
    { snapshot: { status: { ...status, value: { ...status.value, versions } }, remoteNetworks } },
    { snapshot: { status } },
    { link: { ...connected, since: at(1) } },
    { name: 'mill' },
  ]) {
    const before = viewsWith();
    expect(viewsWith(changed)).not.toBe(before);
  }
  const before = viewsWith();
  setting.maxAgeMs = 1_000;
  const sooner = viewsWith();
  expect(sooner).not.toBe(before);
  probes.set(2200, {
    at: at(0),
    port: 2200,
    uri: 'smb://10.0.0.1:2200',
    sessionPid: 2200,
    forward: { outcome: 'refused', reason: 'r' },
    service: null,
  });
  expect(viewsWith()).toBe(sooner);
  tenantViews.forget(entry.id);
  expect(viewsWith().views[0]?.tunnels[0]?.tone).toBe('bad');
});

test('views become stale to the millisecond as time passes, even if just rebuilt', () => {
  const { clock, viewsWith } = start();
  clock.now = began + staleAfterMs - 1_000;
  viewsWith();
  clock.now = began + staleAfterMs;
  expect(viewsWith()).toMatchObject({ isFresh: true, views: [{ tunnels: [{ tone: 'ok' }] }] });
  clock.now += 1;
  expect(viewsWith()).toMatchObject({ isFresh: false, views: [{ tunnels: [{ code: 'T-1003' }] }] });
});

test('rebuilds the views every eight seconds, and when the clock is set back', () => {
  const { clock, viewsWith } = start();
  const first = viewsWith();
  clock.now += 8_000;
  const second = viewsWith();
  expect(second).not.toBe(first);
  clock.now -= 1;
  expect(viewsWith()).not.toBe(second);
});

test('when a probe expires, shows it at that millisecond', () => {
  const { clock, probes, setting, viewsWith } = start();
  setting.maxAgeMs = 2_000;
  probes.set(2200, {
    at: at(0),
    port: 2200,
    uri: 'smb://10.0.0.1:2200',
    sessionPid: 2200,
    forward: { outcome: 'opened', milliseconds: 3 },
    service: { outcome: 'answered', milliseconds: 9, protocol: 'SMB 3.1.1', tls: null },
  });
  const tone = () => viewsWith().views[0]?.tunnels[0]?.code;
  expect(tone()).toBe('T-6000');
  clock.now += 2_000;
  expect(tone()).toBe('T-6000');
  clock.now += 1;
  expect(tone()).not.toBe('T-6000');
});
