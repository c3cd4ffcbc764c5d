import { expect, test } from 'vitest';
import { aConnectedTenant, aTenant } from '../../../test-support/aTenant.ts';
import type { LinkState } from '../appliance/link.ts';
import type { ApplianceRefusal, RefusedLogin, Tenant } from '../tenants/remoteNetworks.ts';
import { diagnoseTenant } from './chain.ts';

const now = Date.parse('2026-11-20T10:00:00Z');
const at = (minutesAgo: number) => new Date(now - minutesAgo * 60_000).toISOString();

const refusal = (changes: Partial<ApplianceRefusal> = {}): ApplianceRefusal => ({
  scope: 'everyone',
  reason: 'PAM refuses the user connect',
  count: 3,
  since: at(9),
  lastAt: at(1),
  line: 'the line',
  ...changes,
});
const lostAt = (minutesAgo: number, changes: Partial<Tenant> = {}) =>
  aTenant('acme', {
    lastSession: { endedAt: at(minutesAgo), peerAddress: '10.0.0.7', reason: 'the client disconnected' },
    ...changes,
  });
const wrongKey = (minutesAgo: number): RefusedLogin => ({
  fingerprint: 'SHA256:b',
  keyType: 'ED25519',
  peerAddress: '10.0.0.7',
  count: 1,
  lastAt: at(minutesAgo),
  formerKeyOf: 'acme',
  keyOf: null,
  line: '',
});

const connected: LinkState = {
  state: 'connected',
  since: at(600),
  latencyMs: 2,
  lastHeardAt: at(0),
  serverSoftware: 'SSH-2.0-OpenSSH_9.2',
  algorithms: { kex: 'k', hostKey: 'ssh-ed25519', cipher: 'c', mac: 'm', weak: [] },
};

function diagnose(tenant: Tenant, more: Partial<Parameters<typeof diagnoseTenant>[0]> = {}) {
  const [tunnel] = diagnoseTenant({
    applianceId: '5a0e7c9b-0000-4000-8000-000000000000',
    link: connected,
    observedAt: at(0),
    tenant,
    tenants: [tenant],
    now,
    ...more,
  });
  return tunnel;
}

test.each([
  ['when the appliance refuses everyone', lostAt(10), [refusal()], 'T-3007'],
  ['when a tenant that never connected is refused like everyone', aTenant('acme'), [refusal()], 'T-3007'],
  ['when the session ended after the last refusal', lostAt(0.5), [refusal()], 'T-3001'],
  [
    'when some connections are dropped since shortly after the end',
    lostAt(12),
    [refusal({ scope: 'some' })],
    'T-3007',
  ],
  [
    'when some connections are dropped long after the end',
    lostAt(90),
    [refusal({ scope: 'some' })],
    'T-3001',
  ],
  ['when only an older one concerns it', lostAt(90), [refusal({ scope: 'some' }), refusal()], 'T-3007'],
  ['when the tenant is suspended', lostAt(10, { suspended: true }), [refusal()], 'T-2002'],
  ['when the tenant is connected', aConnectedTenant('acme', [2200]), [refusal()], 'T-4000'],
] as const)('%s, is %4$s', (_title, tenant, applianceRefusals, code) => {
  expect(diagnose(tenant, { applianceRefusals })?.code).toBe(code);
});

test('when the appliance’s clock is ahead, the refusal is shown by the console’s clock', () => {
  const tunnel = diagnose(lostAt(10), { applianceRefusals: [refusal()], clockSkewMs: 60_000 });
  expect(tunnel?.layers[2]?.evidence).toBe(
    'PAM refuses the user connect; last at 2026-11-20 09:58:00 UTC, 3 times',
  );
});

test.each([
  ['after', 0.5, 'T-3003'],
  ['before', 5, 'T-3007'],
] as const)(
  'when a wrong key was refused %s the refusal by the appliance, is %3$s',
  (_when, minutes, code) => {
    const more = { applianceRefusals: [refusal()], refusedLogIns: [wrongKey(minutes)] };
    expect(diagnose(lostAt(10), more)?.code).toBe(code);
  },
);

test('when another member has the session, names that member', () => {
  const more = { applianceRefusals: [refusal()], servedBy: new Map([['acme', 'kiln-02']]) };
  expect(diagnose(lostAt(10), more)?.code).toBe('T-3005');
});

const unheard = (tenant: Tenant): Tenant => ({
  ...tenant,
  forwards: tenant.forwards.map((forward) => ({ ...forward, listener: null, sessionPid: null })),
});

test.each([
  ['announced and not listening', unheard(aConnectedTenant('acme', [2200])), 'T-4007'],
  ['not announced', aConnectedTenant('acme', [2200], { forwards: [] }), 'T-4007'],
  ['listening', aConnectedTenant('acme', [2200]), 'T-4000'],
] as const)('when sshd permits no forward and the port is %s, is %3$s', (_title, tenant, code) => {
  const tunnel = diagnose(tenant, { forwardingOff: 'DisableForwarding is yes' });
  expect(tunnel?.code).toBe(code);
});
