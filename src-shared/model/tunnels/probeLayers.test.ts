import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseTenant, tunnelSchema, type Tunnel } from './chain.ts';
import type { LinkState } from '../appliance/link.ts';
import type { DialFailure, DialReason } from './dialFailures.ts';
import { maxAnswerMs, maxDialMs, maxRefusalMs } from './answerLimits.ts';
import { certificateWarningMs, slowAfterMs } from './probeLayers.ts';
import type { ForwardFacts, ProbeResult, ServiceFacts, TlsFacts } from './probe.ts';
import type { Forward, RefusedLogin, Tenant, TenantSession } from '../tenants/remoteNetworks.ts';

const applianceId = '7c1e0f7e-1111-4222-8333-444455556666';
const now = Date.parse('2026-11-20T09:30:00.000Z');
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();
const day = 86_400;
const uri = 'cmis+https://cmis.nw.lan:443/cmisatom';

const link: LinkState = {
  state: 'connected',
  since: at(600),
  latencyMs: 4,
  lastHeardAt: at(1),
  serverSoftware: 'SSH-2.0-OpenSSH_9.2',
  algorithms: {
    kex: 'curve25519-sha256',
    hostKey: 'ssh-ed25519',
    cipher: 'aes256-gcm@openssh.com',
    mac: 'm',
    weak: [],
  },
};
const session: TenantSession = {
  pid: 8812,
  kind: 'connect',
  peerAddress: '10.4.0.7',
  peerPort: 52144,
  since: at(500),
  keyFingerprint: null,
  connectVersion: '1.0.3',
  lastHeartbeatAt: at(3),
  silentSince: null,
};
const forward: Forward = {
  port: 2204,
  group: 'docs',
  repository: 'cmis',
  uri,
  announcedAt: at(400),
  listener: { address: '127.0.0.1', pid: 8812 },
  sessionPid: 8812,
};

function tenantOf(fields: Partial<Tenant> = {}): Tenant {
  return {
    clientId: 'northwind',
    quota: 20,
    suspended: false,
    ports: [{ first: 2200, last: 2219 }],
    keys: [{ type: 'ED25519', fingerprint: `SHA256:${'a'.repeat(43)}`, addedAt: at(9000), expiresAt: null }],
    createdAt: at(9000),
    changedAt: at(9000),
    sessions: [session],
    forwards: [forward],
    unplaced: [],
    lastSession: null,
    ...fields,
  };
}

const opened: ForwardFacts = { outcome: 'opened', milliseconds: 3 };
const tls: TlsFacts = {
  protocol: 'TLSv1.3',
  subject: 'cmis.nw.lan',
  issuer: 'Northwind CA',
  validFrom: at(30 * day),
  validTo: at(-300 * day),
  selfSigned: false,
  namesHost: true,
};
const answered: ServiceFacts = { outcome: 'answered', protocol: 'CMIS 1.1', milliseconds: 40, tls };

function probeOf(fields: Partial<ProbeResult> = {}): ProbeResult {
  return { at: at(60), port: 2204, uri, sessionPid: 8812, forward: opened, service: answered, ...fields };
}

type Changes = {
  probe?: ProbeResult | null;
  tenant?: Partial<Tenant>;
  forward?: Partial<Forward>;
  applianceVersion?: string;
  clockSkewMs?: number;
  maxProbeAgeMs?: number;
};

function diagnose(changes: Changes): Tunnel {
  const own = { ...forward, ...changes.forward };
  const { probe = probeOf(), clockSkewMs, maxProbeAgeMs } = changes;
  const [tunnel] = diagnoseTenant({
    applianceId,
    link,
    observedAt: at(2),
    tenant: tenantOf({ forwards: [own], ...changes.tenant }),
    now,
    probes: new Map(probe === null ? [] : [[own.port, probe]]),
    applianceVersion: changes.applianceVersion ?? '1.14.4',
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    ...(maxProbeAgeMs === undefined ? {} : { maxProbeAgeMs }),
  });
  if (tunnel === undefined) throw new Error('no tunnel');
  return tunnel;
}
const withService = (service: ServiceFacts) => diagnose({ probe: probeOf({ service }) });
const withForward = (facts: ForwardFacts) => diagnose({ probe: probeOf({ forward: facts, service: null }) });

it('when a repository does not answer Connect, Connect gives up well before the test does', () => {
  expect(maxDialMs).toBeLessThanOrEqual(maxAnswerMs / 2);
  expect(maxDialMs).toBeGreaterThan(2 * maxRefusalMs);
});

describe('the result of a probe', () => {
  it.each<[string, string, Tunnel]>([
    ['T-6000', 'ok', withService(answered)],
    ['T-6010', 'ok', withService({ ...answered, outcome: 'asks-log-in' })],
    ['T-6001', 'bad', withService({ outcome: 'closed', milliseconds: 4, stage: 'start' })],
    ['T-6101', 'bad', withService({ outcome: 'closed', milliseconds: 4, stage: 'tls' })],
    ['T-6204', 'bad', withService({ outcome: 'closed', milliseconds: 4, stage: 'protocol' })],
    ['T-6002', 'bad', withService({ outcome: 'closed', milliseconds: maxDialMs, stage: 'protocol' })],
    ['T-6002', 'bad', withService({ outcome: 'closed', milliseconds: maxDialMs, stage: 'tls' })],
    ['T-6002', 'bad', withService({ outcome: 'closed', milliseconds: maxAnswerMs, stage: 'protocol' })],
    ['T-6002', 'bad', withService({ outcome: 'silent', milliseconds: 10_000, stage: 'protocol' })],
    ['T-6006', 'bad', withService({ outcome: 'large-lost', sentBytes: 4000, milliseconds: 12 })],
    [
      'T-5003',
      'bad',
      withForward({ outcome: 'large-lost', sentBytes: 4000, openMilliseconds: 2, milliseconds: 9000 }),
    ],
    ['T-6101', 'bad', withService({ outcome: 'tls-failed', reason: 'wrong version number' })],
    ['T-6201', 'bad', withService({ outcome: 'wrong-protocol', saw: 'SSH', tls: null })],
    ['T-6202', 'bad', withService({ outcome: 'fails', reason: 'HTTP 500', tls: null })],
    ['T-6203', 'bad', withService({ outcome: 'path-not-found', reason: 'HTTP 404', tls })],
    ['T-6301', 'warn', withService({ ...answered, milliseconds: slowAfterMs + 1 })],
    ['T-6102', 'bad', withService({ ...answered, tls: { ...tls, validTo: at(1) } })],
    ['T-6102', 'bad', withService({ ...answered, tls: { ...tls, validFrom: at(-60) } })],
    ['T-6102', 'bad', withService({ outcome: 'fails', reason: 'HTTP 500', tls: { ...tls, validTo: at(1) } })],
    [
      'T-6103',
      'warn',
      withService({ ...answered, tls: { ...tls, validTo: at(-certificateWarningMs / 1000 + 60) } }),
    ],
    ['T-6998', 'ok', withService({ outcome: 'not-known', closedInOrder: true })],
    ['T-6002', 'warn', withService({ outcome: 'not-known', closedInOrder: false })],
    ['T-6002', 'warn', withService({ outcome: 'not-known', endedAfterMs: 3_060 })],
    ['T-5001', 'bad', withForward({ outcome: 'refused', reason: 'Connection refused' })],
    ['T-5002', 'bad', withForward({ outcome: 'silent', milliseconds: 5000 })],
    ['T-5998', 'ok', withForward({ outcome: 'prohibited', reason: 'open failed' })],
    ['T-4000', 'ok', diagnose({ probe: null })],
  ])('has the code %s and the tone %s', (code, tone, tunnel) => {
    expect(tunnel).toMatchObject({ code, tone });
    expect(tunnelSchema.safeParse(tunnel).error).toBeUndefined();
  });

  it('has a text for users', () => {
    expect(withService(answered).word).toBe('answering');
    expect(withService({ ...answered, milliseconds: 1900 }).word).toBe('slow, 1.9 s');
    expect(withService({ outcome: 'not-known', closedInOrder: true }).word).toBe('forwarding');
    expect(diagnose({ probe: null }).word).toBe('listening');
    expect(withService(answered).layers[5]?.evidence).toBe(
      'CMIS 1.1 in 40 ms; TLSv1.3, certificate of cmis.nw.lan until 2027-09-16',
    );
  });

  it('when an earlier layer fails, is not shown in the later layers', () => {
    const { layers } = withForward({ outcome: 'refused', reason: 'Connection refused' });
    expect(layers.map((layer) => layer.state)).toEqual(['ok', 'ok', 'ok', 'ok', 'fail', 'unknown']);
    expect(layers[5]).toMatchObject({
      code: null,
      evidence: 'not checked, because the forward layer is not OK',
    });
  });

  it.each<[string, Changes]>([
    ['another destination', { forward: { uri: 'smb://files.nw.lan:445' } }],
    ['another session', { forward: { sessionPid: 99 }, tenant: { sessions: [{ ...session, pid: 99 }] } }],
    ['a later session with the same pid', { tenant: { sessions: [{ ...session, since: at(30) }] } }],
    ['too long ago', { probe: probeOf({ at: at(21 * 60) }) }],
    ['a future instant', { probe: probeOf({ at: at(-60) }) }],
  ])('when it is from %s, is not valid', (_, changes) => {
    const tunnel = diagnose(changes);
    expect(tunnel).toMatchObject({ code: 'T-4000', tone: 'ok', word: 'listening' });
    expect(tunnel.layers.slice(4).map((layer) => layer.state)).toEqual(['unknown', 'unknown']);
    expect(tunnel.layers[4]?.evidence).toMatch(/^(not tested in this session; )?last tested/);
  });

  it('stays valid for the probing interval, by the console’s clock', () => {
    expect(diagnose({ probe: probeOf({ at: at(50 * 60) }), maxProbeAgeMs: 3_600_000 }).code).toBe('T-4000');
    const old = { sessions: [{ ...session, since: at(9000) }] };
    expect(
      diagnose({ probe: probeOf({ at: at(50 * 60) }), tenant: old, maxProbeAgeMs: 3_600_000 }).code,
    ).toBe('T-6000');
    const ahead = { sessions: [{ ...session, since: at(-100) }] };
    expect(diagnose({ tenant: ahead, clockSkewMs: 600_000 }).code).toBe('T-6000');
  });

  it('when a bad result becomes too old, does not turn green', () => {
    const closed: ServiceFacts = { outcome: 'closed', milliseconds: 4, stage: 'start' };
    const old = { at: at(2000), service: closed };
    const tenant = { sessions: [{ ...session, since: at(9000) }] };
    const faded = diagnose({ probe: probeOf(old), tenant });
    expect(faded).toMatchObject({ code: 'T-4000', tone: 'unknown' });
    expect(faded.layers[5]).toMatchObject({ state: 'unknown', evidence: 'last tested 33 min ago' });
    expect(diagnose({ probe: probeOf({ at: at(2000) }), tenant }).tone).toBe('ok');
    const earlier = diagnose({ probe: probeOf({ ...old, sessionPid: 1 }), tenant });
    expect(earlier).toMatchObject({ code: 'T-4000', tone: 'unknown' });
    const evidence = 'not tested in this session; last tested 33 min ago: upstream refused';
    expect(earlier.layers[5]).toMatchObject({ state: 'unknown', evidence });
    // A failed test of another repository says nothing about this one.
    const other = { ...old, uri: 'smb://files.nw.lan:445' };
    expect(diagnose({ probe: probeOf(other), tenant }).tone).toBe('ok');
    // Plain OpenSSH announces no destination, so another session may lead elsewhere.
    const plain = { probe: probeOf({ ...old, uri: null, sessionPid: 1 }), forward: { uri: null }, tenant };
    expect(diagnose(plain).tone).toBe('ok');
    expect(diagnose({ ...plain, probe: probeOf({ ...old, uri: null }) }).tone).toBe('unknown');
  });

  it('when an earlier layer fails or was not tested, is never green', () => {
    const services = fc.constantFrom<ServiceFacts | null>(
      answered,
      { outcome: 'closed', milliseconds: 1, stage: 'start' },
      { outcome: 'not-known' },
      null,
    );
    const property = fc.property(
      services,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 0, max: 3000 }),
      (service, suspended, silent, same, age) => {
        const tunnel = diagnose({
          probe: probeOf({ at: at(age), service, sessionPid: same ? 8812 : 1 }),
          tenant: {
            suspended,
            sessions: [{ ...session, since: at(9000), silentSince: silent ? at(1) : null }],
          },
        });
        const states = tunnel.layers.map((layer) => layer.state);
        const firstBad = states.findIndex((state) => state !== 'ok');
        const isGreenBehind = firstBad !== -1 && states.slice(firstBad).includes('ok');
        const isAnswering = tunnel.code === 'T-6000';
        const mayAnswer = service === answered && same && age <= 1200 && !suspended && !silent;
        return !isGreenBehind && isAnswering === mayAnswer;
      },
    );
    expect(fc.check(property, { numRuns: 1000 }).counterexample).toBeNull();
  });
});

describe('a service that needs a newer version', () => {
  it('when the version is too old, is a fault of the version, even if untested, and not of the network', () => {
    expect(diagnose({ probe: null, applianceVersion: '1.14.3' })).toMatchObject({
      code: 'T-6401',
      tone: 'bad',
    });
    const refused = probeOf({ forward: { outcome: 'refused', reason: 'x' }, service: null });
    const tunnel = diagnose({ probe: refused, applianceVersion: '1.14.3' });
    expect(tunnel.code).toBe('T-6401');
    expect(tunnel.layers.map((layer) => layer.state).slice(4)).toEqual(['warn', 'fail']);
    expect(tunnel.layers[5]?.evidence).toBe('cmis needs the appliance 1.14.4, and it is 1.14.3');
    const oldConnect = { sessions: [{ ...session, connectVersion: '0.9.4' }] };
    expect(diagnose({ probe: null, tenant: oldConnect }).code).toBe('T-6401');
  });

  it('when it answers or the versions are unknown, is no fault', () => {
    expect(diagnose({ applianceVersion: '1.14.3' }).code).toBe('T-6000');
    const unknown = { sessions: [{ ...session, connectVersion: null }] };
    expect(diagnose({ probe: null, tenant: unknown, applianceVersion: 'nightly' }).code).toBe('T-4000');
  });
});

describe('a tenant that needs more ports than it has', () => {
  it('has a row for each repository that got no port', () => {
    const unplaced = [{ group: 'docs', repository: 'more', uri: 'smb://more.nw.lan:445' }];
    const tunnels = diagnoseTenant({
      applianceId,
      link,
      observedAt: at(2),
      tenant: tenantOf({ unplaced }),
      now,
    });
    expect(tunnels.map(({ code, port, destination }) => [code, port, destination])).toEqual([
      ['T-4000', 2204, uri],
      ['T-4005', null, 'smb://more.nw.lan:445'],
    ]);
    expect(tunnels[1]?.layers[3]?.evidence).toBe('2 repositories, 20 ports');
    const gone = tenantOf({ unplaced, sessions: [], forwards: [] });
    expect(diagnoseTenant({ applianceId, link, observedAt: at(2), tenant: gone, now })).toMatchObject([
      { code: 'T-3001' },
    ]);
  });
});

describe('a refused login', () => {
  const absent = tenantOf({
    sessions: [],
    forwards: [],
    lastSession: { endedAt: at(100), peerAddress: '10.4.0.7', reason: 'closed' },
  });
  const login: RefusedLogin = {
    fingerprint: `SHA256:${'z'.repeat(43)}`,
    keyType: 'ED25519',
    peerAddress: '10.4.0.7',
    count: 3,
    lastAt: at(20),
    formerKeyOf: null,
    keyOf: null,
    line: 'Failed publickey for connect',
  };
  const diagnoseAbsent = (
    refused: Partial<RefusedLogin>,
    more: { tenant?: Tenant; others?: Tenant[] } = {},
  ) => {
    const tenant = more.tenant ?? absent;
    const [tunnel] = diagnoseTenant({
      applianceId,
      link,
      observedAt: at(2),
      tenant,
      now,
      tenants: [tenant, ...(more.others ?? [])],
      refusedLogIns: [{ ...login, ...refused }],
    });
    return tunnel;
  };
  const neighbour = { ...absent, clientId: 'contoso' };

  it('from an address that only this tenant used is certainly from this tenant', () => {
    const tunnel = diagnoseAbsent({});
    expect(tunnel).toMatchObject({ code: 'T-3003', tone: 'bad', word: 'wrong key offered' });
    expect(tunnel?.layers[2]?.evidence).toMatch(/^an unknown key SHA256:z+ was offered from 10\.4\.0\.7 at/);
  });

  it('with a former key of the tenant is certainly from this tenant, whatever its address', () => {
    const tunnel = diagnoseAbsent(
      { formerKeyOf: 'northwind', peerAddress: '192.0.2.9' },
      { others: [neighbour] },
    );
    expect(tunnel?.code).toBe('T-3003');
    expect(tunnel?.layers[2]?.evidence).toMatch(/^its former key/);
  });

  it('from an address that two absent tenants used is shown for both, but is certain for neither', () => {
    const tunnel = diagnoseAbsent({}, { others: [neighbour] });
    expect(tunnel).toMatchObject({ code: 'T-3001', tone: 'warn' });
    // The layer has the same severity as the tunnel.
    expect(tunnel?.layers[2]).toMatchObject({ state: 'warn' });
    expect(tunnel?.layers[2]?.evidence).toContain('possibly by this tenant');
  });

  it.each<[string, Partial<RefusedLogin>, Parameters<typeof diagnoseAbsent>[1]]>([
    ['with another tenant’s former key', { formerKeyOf: 'contoso' }, {}],
    ['with the key of a tenant that is suspended', { keyOf: 'contoso' }, {}],
    ['with its own key, from when it was suspended', { keyOf: 'northwind' }, {}],
    ['with its own key, as an older appliance reports it', { fingerprint: `SHA256:${'a'.repeat(43)}` }, {}],
    [
      'with another’s key, as an older appliance tells it',
      { fingerprint: `SHA256:${'b'.repeat(43)}` },
      {
        others: [
          {
            ...neighbour,
            suspended: true,
            keys: absent.keys.map((key) => ({ ...key, fingerprint: `SHA256:${'b'.repeat(43)}` })),
          },
        ],
      },
    ],
    ['from before the last session ended', { lastAt: at(200) }, {}],
    ['from before its key was changed', { lastAt: at(60) }, { tenant: { ...absent, changedAt: at(30) } }],
    [
      'with its former key, from before it was let in again',
      { formerKeyOf: 'northwind', lastAt: at(60) },
      { tenant: { ...absent, changedAt: at(30) } },
    ],
    [
      'from an address that is another’s',
      { peerAddress: '10.9.9.9' },
      {
        others: [
          { ...neighbour, lastSession: { endedAt: at(100), peerAddress: '10.9.9.9', reason: 'closed' } },
        ],
      },
    ],
  ])('%s is not shown for this tenant', (_, refused, more) => {
    const tunnel = diagnoseAbsent(refused, more);
    expect(tunnel?.code).toBe('T-3001');
    expect(tunnel?.layers[2]?.evidence).not.toContain('SHA256');
  });

  it('when the tenant is connected or suspended, is not shown for it', () => {
    expect(diagnoseAbsent({}, { tenant: tenantOf() })?.code).toBe('T-4000');
    expect(diagnoseAbsent({}, { tenant: { ...absent, suspended: true } })?.code).toBe('T-2002');
  });
});

const failed = (fields: Partial<DialFailure> = {}): DialFailure => ({
  at: at(58),
  reason: 'name',
  message: 'getaddrinfo ENOTFOUND cmis.nw.lan',
  ...fields,
});
const refusedService: ServiceFacts = { outcome: 'closed', milliseconds: 12, stage: 'start' };
const withFailure = (dialFailure: DialFailure, probe: Partial<ProbeResult> = {}, clockSkewMs = 0) =>
  diagnose({ forward: { dialFailure }, probe: probeOf({ service: refusedService, ...probe }), clockSkewMs });

describe('what Connect reports about a failed connection', () => {
  it.each<[DialReason, string, RegExp]>([
    ['name', 'T-6003', /the name can’t be resolved: “words” \(2026-11-20 09:29:02 UTC\)/u],
    ['route', 'T-6004', /there is no route: “words”/u],
    ['timeout', 'T-6002', /timed out: “words”/u],
    ['refused', 'T-6001', /was refused: “words”/u],
    ['local', 'T-6005', /Connect’s computer can’t open connections: “words”/u],
    ['other', 'T-6005', /failed: “words”/u],
  ])('when the reason is %s, is the verdict %s with its words', (reason, code, evidence) => {
    const tunnel = withFailure(failed({ reason, message: 'words' }));
    expect(tunnel).toMatchObject({ code, tone: 'bad' });
    expect(tunnel.layers[5]?.evidence).toMatch(evidence);
  });

  it.each<[string, Tunnel]>([
    ['is older than the test', withFailure(failed({ at: at(70) }))],
    ['was known before the test', withFailure(failed(), { failedBefore: failed().at })],
    ['is about a test of another destination', withFailure(failed(), { uri: 'smb://other.lan:445' })],
    ['is about a test of another session', withFailure(failed(), { sessionPid: 1 })],
    ['is contradicted by an answer', withFailure(failed(), { service: answered })],
    [
      'is contradicted by bytes',
      withFailure(failed(), { service: { outcome: 'fails', reason: 'HTTP 500', tls } }),
    ],
    ['is older by the clock of the appliance', withFailure(failed(), {}, 60_000)],
    ['is from long after the test', withFailure(failed({ at: at(10) }))],
    [
      'is contradicted by a TLS handshake',
      withFailure(failed(), { service: { ...refusedService, stage: 'protocol', isAccepted: true } }),
    ],
  ])('when it %s, proves nothing', (_case, tunnel) => {
    expect(['T-6003', 'T-6004', 'T-6005']).not.toContain(tunnel.code);
    expect(tunnel.layers.map((layer) => layer.evidence).join(' ')).not.toContain('Connect reports');
  });

  it('when a slow test ends with it, is the verdict', () => {
    const slow: ServiceFacts = { outcome: 'closed', milliseconds: 8_000, stage: 'protocol' };
    expect(withFailure(failed({ at: at(51) }), { service: slow }).code).toBe('T-6003');
  });

  it('when the service closed after the TLS handshake, however late, is the service’s own end', () => {
    const late = { outcome: 'closed', milliseconds: 4_000, stage: 'protocol', isAccepted: true } as const;
    expect(diagnose({ probe: probeOf({ service: late }) }).code).toBe('T-6204');
  });

  it('when the clock of the appliance is ahead, is compared by the clock of the console', () => {
    const ahead = withFailure(failed({ at: at(58 - 3600) }), {}, 3_600_000);
    expect(ahead.code).toBe('T-6003');
    expect(ahead.layers[5]?.evidence).toContain('2026-11-20 09:29:02 UTC');
  });

  it('cannot end its quotation or hide characters', () => {
    const tunnel = withFailure(failed({ message: 'x” All is well. “\u202e\n"' }));
    const evidence = tunnel.layers[5]?.evidence ?? '';
    expect(evidence.match(/[“”]/gu)).toHaveLength(2);
    expect(evidence).toMatch(/“x’ All is well. ’⟨U\+202E⟩\u240a’”/u);
  });
});
