import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import type { PortRow, TunnelHistory } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import { diagnoseTenant } from '../../src-shared/model/tunnels/chain.ts';
import { portRow } from '../../src-shared/model/tunnels/portRow.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { emptySchedule } from '../../src-shared/model/licence/licenceWork.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';

/**
 * Realistic data for tests of the page. The product's own code computes all derived values, so that the data
 * can't become outdated.
 */
export const applianceId = '00000000-0000-4000-8000-000000000001';
export const now = Date.parse('2026-11-20T09:30:00.000Z');
export const observedAt = '2026-11-20T09:29:58.000Z';

export const connected: LinkState = {
  state: 'connected',
  since: '2026-11-20T08:00:00.000Z',
  latencyMs: 4,
  lastHeardAt: observedAt,
  serverSoftware: 'OpenSSH_9.2p1',
  algorithms: {
    kex: 'curve25519-sha256',
    hostKey: 'ssh-ed25519',
    cipher: 'aes128-gcm@openssh.com',
    mac: 'm',
    weak: [],
  },
};

export function sampleTenant(change: Partial<Tenant> & Pick<Tenant, 'clientId'>): Tenant {
  return {
    quota: 20,
    suspended: false,
    ports: [{ first: 2200, last: 2219 }],
    keys: [
      {
        type: 'ssh-ed25519',
        fingerprint: 'SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        addedAt: '2026-01-01T00:00:00.000Z',
        expiresAt: null,
      },
    ],
    createdAt: '2026-01-01T00:00:00.000Z',
    changedAt: '2026-01-01T00:00:00.000Z',
    sessions: [
      {
        pid: 8812,
        kind: 'connect',
        peerAddress: '10.4.0.7',
        peerPort: 52144,
        since: '2026-11-14T07:30:00.000Z',
        keyFingerprint: null,
        connectVersion: '1.0.3',
        lastHeartbeatAt: observedAt,
        silentSince: null,
      },
    ],
    forwards: [
      {
        port: 2200,
        group: 'docs',
        repository: 'files',
        uri: 'smb://files.nw.lan:139',
        announcedAt: observedAt,
        listener: { address: '127.0.0.1', pid: 8812 },
        sessionPid: 8812,
      },
    ],
    unplaced: [],
    lastSession: null,
    ...change,
  };
}

export function sampleTenantView(tenant: Tenant, link: LinkState = connected): TenantView {
  return {
    applianceId,
    applianceName: 'kiln-01',
    observedAt,
    tenant,
    cluster: null,
    quotaBefore: null,
    tunnels: diagnoseTenant({ applianceId, link, observedAt, tenant, now }),
  };
}

export function sampleAppliance(change: Partial<ApplianceView> = {}): ApplianceView {
  const authentication = { agent: true, keyFile: null, password: false, keyboardInteractive: false };
  const view: Omit<ApplianceView, 'counted'> & Partial<Pick<ApplianceView, 'counted'>> = {
    entry: {
      id: applianceId,
      name: 'kiln-01',
      target: { host: 'kiln-01.lan', port: 22, user: 'ubuntu', authentication },
      jumps: [],
      sudo: 'nopasswd',
      legacyAlgorithms: false,
      connect: 'always',
      group: 'Plant A',
      cluster: '',
      description: '',
      tags: [],
      colour: 'none',
      locked: false,
      createdAt: '2026-01-01T00:00:00.000Z',
    },
    link: connected,
    health: { tone: 'ok', problems: [] },
    status: null,
    licence: null,
    schedule: emptySchedule,
    unparsed: null,
    tenants: { total: 1, withSession: 1, suspended: 0 },
    ports: { allotted: 20, listening: 1 },
    capacity: null,
    tunnels: { down: 0, attention: 0, unknown: 0 },
    syslog: null,
    observedAt,
    ...change,
  };
  const { tenants, ports, tunnels } = view;
  const { total = 0, withSession = 0 } = tenants ?? {};
  const { allotted = 0, listening = 0 } = ports ?? {};
  return { counted: { tenants: total, withSession, allotted, listening, tunnels }, ...view };
}

/** The rows of a tenant in the table of tunnels. */
export function sampleRows(view: TenantView): PortRow[] {
  return view.tunnels.map((tunnel) => portRow(view, tunnel, { probe: undefined, lastDrop: null }));
}

/** The history of a day of which the console watched the second half. */
export const sampleHistory: TunnelHistory = {
  from: '2026-11-19T09:30:00.000Z',
  to: '2026-11-20T09:30:00.000Z',
  spans: [
    { from: '2026-11-19T09:30:00.000Z', to: '2026-11-19T21:30:00.000Z', tone: 'unknown', code: null },
    { from: '2026-11-19T21:30:00.000Z', to: '2026-11-20T08:30:00.000Z', tone: 'ok', code: 'T-6000' },
    { from: '2026-11-20T08:30:00.000Z', to: '2026-11-20T09:30:00.000Z', tone: 'bad', code: 'T-6001' },
  ],
  watchedMs: 43_200_000,
  upMs: 39_600_000,
  latency: [
    { at: '2026-11-19T22:00:00.000Z', milliseconds: 11 },
    { at: '2026-11-20T02:00:00.000Z', milliseconds: 1900 },
    { at: '2026-11-20T08:00:00.000Z', milliseconds: 14 },
  ],
  drops: [
    {
      at: '2026-11-20T08:30:00.000Z',
      code: 'T-6001',
      reason: 'connection closed after 5 ms, no data received',
    },
  ],
};
