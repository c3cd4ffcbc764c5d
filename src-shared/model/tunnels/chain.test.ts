import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviseOn, customerText } from './advice.ts';
import { diagnoseTenant, tunnelSchema, type Tunnel } from './chain.ts';
import { formatChainLetters } from './portRow.ts';
import { needsAttention } from './tone.ts';
import { countTunnels } from './tunnelCounts.ts';
import { layerNames, onOurSide, onOurSideFirst } from './tunnelCodes/tunnelCode.ts';
import { staleAfterMs } from './observedLayers.ts';
import type { LinkState } from '../appliance/link.ts';
import type { Forward, ListenerHolder, Tenant, TenantSession } from '../tenants/remoteNetworks.ts';

const applianceId = '7c1e0f7e-1111-4222-8333-444455556666';
const now = Date.parse('2026-11-20T09:30:00.000Z');
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();

const connected: LinkState = {
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

function sessionOf(fields: Partial<TenantSession> = {}): TenantSession {
  return {
    pid: 8812,
    kind: 'connect',
    peerAddress: '10.4.0.7',
    peerPort: 52144,
    since: at(500),
    keyFingerprint: null,
    connectVersion: '1.0.3',
    lastHeartbeatAt: at(3),
    silentSince: null,
    ...fields,
  };
}

function forwardOf(fields: Partial<Forward> = {}): Forward {
  return {
    port: 2204,
    group: 'docs',
    repository: 'cmis',
    uri: 'cmis+https://cmis.nw.lan:443/cmisatom',
    announcedAt: at(400),
    listener: { address: '127.0.0.1', pid: 8812 },
    sessionPid: 8812,
    ...fields,
  };
}

function tenantOf(fields: Partial<Tenant> = {}): Tenant {
  return {
    clientId: 'northwind',
    quota: 20,
    suspended: false,
    ports: [{ first: 2200, last: 2219 }],
    keys: [{ type: 'ED25519', fingerprint: `SHA256:${'a'.repeat(43)}`, addedAt: at(9000), expiresAt: null }],
    createdAt: at(9000),
    changedAt: at(9000),
    sessions: [sessionOf()],
    forwards: [forwardOf()],
    unplaced: [],
    lastSession: null,
    ...fields,
  };
}

function diagnose(fields: Partial<Parameters<typeof diagnoseTenant>[0]> = {}): Tunnel {
  const [tunnel] = diagnoseTenant({
    applianceId,
    link: connected,
    observedAt: at(2),
    tenant: tenantOf(),
    now,
    ...fields,
  });
  if (tunnel === undefined) throw new Error('no tunnel');
  return tunnel;
}

const failed = {
  code: 'CONNECT_FAILED',
  message: 'connection refused',
  retryable: true,
  detail: {},
} as const;

describe('a tenant without a session', () => {
  const monthMs = 30 * 24 * 3600;
  const absent = { sessions: [], forwards: [] };
  const ended = { endedAt: at(7200), peerAddress: '10.4.0.7', reason: 'closed' };

  it.each([
    ['added just now', { createdAt: at(0) }, 'no session since it was added, 0 s ago'],
    ['added a month ago', { createdAt: at(monthMs) }, 'no session since it was added, 30 d ago'],
  ])(
    'when it was %s and no session was ever seen, is neither a fault nor green',
    (_when, fields, evidence) => {
      const tunnel = diagnose({ tenant: tenantOf({ ...absent, ...fields }) });
      expect(tunnel).toMatchObject({ code: 'T-3004', tone: 'off', word: 'never connected yet' });
      expect(tunnel.layers[2]).toMatchObject({ state: 'unknown', evidence });
      expect(formatChainLetters(tunnel.layers)).toBe('oouuuu');
      expect(needsAttention(tunnel.tone)).toBe(false);
      expect(countTunnels([tunnel])).toEqual({ down: 0, attention: 0, unknown: 0 });
    },
  );

  it.each([
    [
      'the appliance knows a session that ended before the console’s start',
      { tenant: { lastSession: ended } },
    ],
    [
      'its Connect announced a port',
      { tenant: { forwards: [forwardOf({ listener: null, sessionPid: null })] } },
    ],
    [
      'its Connect announced more than its quota',
      { tenant: { unplaced: [{ group: 'g', repository: 'r', uri: 'smb://a:445' }] } },
    ],
    ['only the console remembers its session', { wasConnected: () => true }],
  ])(
    'when %s, needs attention',
    (_when, { tenant = {}, ...more }: { tenant?: Partial<Tenant>; wasConnected?: () => boolean }) => {
      expect(diagnose({ tenant: tenantOf({ ...absent, ...tenant }), ...more })).toMatchObject({
        code: 'T-3001',
        tone: 'warn',
      });
    },
  );

  it('when asking whether it was connected, passes the time at which it was added, by the console’s clock', () => {
    const asked: [string, number][] = [];
    const wasConnected = (clientId: string, sinceMs: number) => {
      asked.push([clientId, sinceMs]);
      return false;
    };
    diagnose({ tenant: tenantOf({ ...absent, createdAt: at(100) }), clockSkewMs: 60_000, wasConnected });
    expect(asked).toEqual([['northwind', now - 160_000]]);
  });

  it('when it is suspended, shows as suspended and not as new', () => {
    expect(diagnose({ tenant: tenantOf({ ...absent, suspended: true }) })).toMatchObject({
      code: 'T-2002',
      tone: 'off',
    });
  });

  it('when another process holds its port, shows that fault', () => {
    const held = forwardOf({ announcedAt: null, sessionPid: null });
    expect(diagnose({ tenant: tenantOf({ sessions: [], forwards: [held] }) }).code).toBe('T-4002');
  });
});

describe('a client that stopped answering', () => {
  const silent = sessionOf({ lastHeartbeatAt: at(75), silentSince: at(60) });
  const plain = sessionOf({
    kind: 'plain',
    connectVersion: null,
    lastHeartbeatAt: null,
    silentSince: at(60),
  });
  const unannounced = forwardOf({ uri: null, group: null, repository: null, announcedAt: null });
  const newer = sessionOf({ pid: 9000, since: at(30) });
  const otherSite = sessionOf({ pid: 9000, since: at(600), peerAddress: '10.9.9.9' });
  const evidence = 'sshd 8812 is up, its client has been silent since 2026-11-20 09:29:00 UTC';

  it.each<[string, Partial<Tenant>]>([
    ['Connect holds its port', { sessions: [silent] }],
    ['Connect forwards nothing', { sessions: [silent], forwards: [] }],
    ['another site with its key is connected', { sessions: [otherSite, silent] }],
    ['another site with the key of plain ssh is', { sessions: [otherSite, plain], forwards: [unannounced] }],
    ['plain ssh holds its port', { sessions: [plain], forwards: [unannounced] }],
    [
      'all of several sessions are silent',
      { sessions: [sessionOf({ pid: 7, silentSince: at(60) }), silent] },
    ],
    [
      'it holds other ports, and this one is not bound',
      { sessions: [silent], forwards: [forwardOf({ listener: null, sessionPid: null })] },
    ],
  ])('when %s, is the fault, and the appliance is not', (_when, fields) => {
    const tunnel = diagnose({ tenant: tenantOf(fields) });
    expect(tunnel).toMatchObject({ code: 'T-3002', tone: 'bad', word: 'session silent' });
    expect(tunnel.layers[3]).toMatchObject({ state: 'unknown', code: null });
    expect(tunnel.layers[2]?.evidence).toBe(evidence);
    expect(adviseOn(tunnel, 'kiln-01')).toMatchObject({ side: 'tenant' });
    expect(customerText(tunnel)).not.toContain(onOurSide);
  });

  it('when sshd has ended its session, is a tenant without a session', () => {
    const lastSession = { endedAt: at(5), peerAddress: '10.4.0.7', reason: 'the client stopped answering' };
    const forwards = [forwardOf({ listener: null, sessionPid: null })];
    const tunnel = diagnose({ tenant: tenantOf({ sessions: [], forwards, lastSession }) });
    expect(tunnel.code).toBe('T-3001');
    expect(tunnel.layers[2]?.evidence).toContain('the client stopped answering');
  });

  it('when the tenant has a new live session, the old one keeps the port from it', () => {
    const tunnel = diagnose({ tenant: tenantOf({ sessions: [newer, silent] }) });
    expect(tunnel).toMatchObject({ code: 'T-4002', tone: 'bad' });
    expect(tunnel.layers[2]).toMatchObject({ state: 'ok', code: 'T-3000' });
    expect(tunnel.layers[3]?.evidence).toBe(
      '127.0.0.1:2204, pid 8812, held by an earlier session that has been silent since 2026-11-20 09:29:00 UTC',
    );
  });
});

describe('a link that came up again', () => {
  const answered = {
    at: at(60),
    port: 2204,
    uri: 'cmis+https://cmis.nw.lan:443/cmisatom',
    sessionPid: 8812,
    forward: { outcome: 'opened', milliseconds: 3 },
    service: { outcome: 'answered', protocol: 'CMIS 1.1', milliseconds: 40, tls: null },
  } as const;
  const broken = { ...answered, service: { outcome: 'closed', milliseconds: 4, stage: 'start' } } as const;
  const again: LinkState = { ...connected, since: at(10) };

  it.each([
    ['a listing', { observedAt: at(11) }],
    ['a listing of the very last moment', { observedAt: new Date(now - 10_001).toISOString() }],
    [
      'a listing with a test that found no fault',
      { observedAt: at(11), probes: new Map([[2204, answered]]) },
    ],
  ])('when only %s of before is known, is unknown and shows it as last known', (_what, fields) => {
    const tunnel = diagnose({ link: again, ...fields });
    expect(tunnel).toMatchObject({ code: 'T-1002', tone: 'unknown' });
    expect(tunnel.word).toMatch(/^was /u);
    expect(tunnel.layers[0]?.evidence).toMatch(
      /^connected, no answer yet over this connection; last answer/u,
    );
    expect(tunnel.layers.every(({ state }) => state !== 'ok')).toBe(true);
  });

  it('when an answer arrived since, is green again', () => {
    expect(diagnose({ link: again, observedAt: at(10) })).toMatchObject({ code: 'T-4000', tone: 'ok' });
  });

  it('when the clock was set back below the start of the link, goes by the age of the answer', () => {
    expect(diagnose({ link: { ...connected, since: at(-600) } })).toMatchObject({ tone: 'ok' });
  });

  it.each([
    ['found no fault', answered, 'ok', 'answering'],
    ['found a fault', broken, 'unknown', 'upstream refused'],
  ])(
    'when the last test was before the interruption and %s, does not count it',
    (_what, probe, tone, word) => {
      const probes = new Map([[2204, probe]]);
      expect(diagnose({ probes }).code).not.toBe('T-4000');
      const tunnel = diagnose({ probes, reconnectedAt: at(10) });
      expect(tunnel).toMatchObject({ code: 'T-4000', tone });
      expect(tunnel.layers[5]?.evidence).toBe(
        `not tested since the connection to the appliance came up again; last tested 1 min ago: ${word}`,
      );
      expect(diagnose({ probes, reconnectedAt: at(60) }).code).not.toBe('T-4000');
      // A reconnect in the future is from before the clock was set back.
      expect(diagnose({ probes, reconnectedAt: at(-600) }).code).not.toBe('T-4000');
    },
  );
});

describe('a tunnel', () => {
  it('when the first four layers were seen, is green, but the two untested layers are not', () => {
    const tunnel = diagnose();
    expect(tunnel.layers.map((layer) => layer.state)).toEqual(['ok', 'ok', 'ok', 'ok', 'unknown', 'unknown']);
    expect(tunnel).toMatchObject({
      tone: 'ok',
      code: 'T-4000',
      word: 'listening',
      peer: '10.4.0.7',
      connectVersion: '1.0.3',
    });
  });

  it.each([
    [
      'T-1001',
      'unknown',
      {
        link: {
          state: 'retrying',
          since: at(9),
          attempt: 2,
          nextAttemptAt: at(-3),
          error: failed,
        } satisfies LinkState,
      },
    ],
    [
      'T-1002',
      'unknown',
      { link: { state: 'connecting', since: at(1), hop: 'kiln-01' } satisfies LinkState },
    ],
    ['T-1003', 'unknown', { observedAt: at(staleAfterMs / 1000 + 1) }],
    ['T-2001', 'bad', { tenant: tenantOf({ keys: [] }) }],
    ['T-2002', 'off', { tenant: tenantOf({ suspended: true, sessions: [], forwards: [] }) }],
    [
      'T-3001',
      'warn',
      { tenant: tenantOf({ sessions: [], forwards: [forwardOf({ listener: null, sessionPid: null })] }) },
    ],
    [
      'T-3002',
      'bad',
      {
        tenant: tenantOf({
          sessions: [sessionOf({ silentSince: at(60) })],
          forwards: [forwardOf({ listener: null })],
        }),
      },
    ],
    ['T-4001', 'bad', { tenant: tenantOf({ forwards: [forwardOf({ listener: null, sessionPid: null })] }) }],
    [
      'T-4002',
      'bad',
      {
        tenant: tenantOf({
          forwards: [forwardOf({ listener: { address: '127.0.0.1', pid: 77 }, sessionPid: null })],
        }),
      },
    ],
    ['T-3002', 'bad', { tenant: tenantOf({ sessions: [sessionOf({ silentSince: at(60) })] }) }],
    ['T-4003', 'warn', { tenant: tenantOf({ forwards: [] }) }],
    ['T-4004', 'bad', { tenant: tenantOf({ forwards: [forwardOf({ port: 4000 })] }) }],
  ] as const)('when its fault is %s, its tone is %s', (code, tone, fields) => {
    expect(diagnose(fields)).toMatchObject({ code, tone });
  });

  it.each([
    [
      'listens for the other members',
      { address: '10.77.0.1', pid: 8812 },
      '; cluster members use 10.77.0.1:2204',
    ],
    ['listens only on loopback', null, '; other cluster members can’t reach it'],
    [
      'is kept from listening for the other members',
      { address: '10.77.0.1', pid: 77 },
      '; other cluster members can’t reach it: 10.77.0.1:2204 is held by pid 77',
    ],
    ['is on an appliance that is no cluster member', undefined, ''],
  ])('when its port %s, is diagnosed by the loopback listener and says so', (_, memberListener, told) => {
    const forward = forwardOf(memberListener === undefined ? {} : { memberListener });
    const tunnel = diagnose({ tenant: tenantOf({ forwards: [forward] }) });
    expect(tunnel.layers[3]).toMatchObject({
      code: 'T-4000',
      state: 'ok',
      evidence: `127.0.0.1:2204, pid 8812${told}`,
    });
  });

  it('when its listener is stale, shows that fault even if the tenant has no session', () => {
    const tunnel = diagnose({
      tenant: tenantOf({
        sessions: [],
        forwards: [forwardOf({ listener: { address: '127.0.0.1', pid: 77 }, sessionPid: null })],
      }),
    });
    expect(tunnel.code).toBe('T-4002');
    expect(tunnel.layers[3]?.evidence).toContain('pid 77');
    expect(tunnel.layers.find((layer) => layer.state === 'fail')?.layer).toBe('listener');
  });

  it('when its suspended tenant is still connected, is a fault of the appliance on every port', () => {
    const tenant = tenantOf({ suspended: true });
    const tunnels = diagnoseTenant({ applianceId, link: connected, observedAt: at(1), tenant, now });
    expect(tunnels).toMatchObject([{ code: 'T-2003', tone: 'bad', port: 2204 }]);
  });

  it('when the last answer is from the future because the clock was set back, is not green', () => {
    expect(diagnose({ observedAt: at(-1800) })).toMatchObject({ code: 'T-1003', tone: 'unknown' });
    expect(diagnose({ observedAt: at(-3) })).toMatchObject({ tone: 'ok' });
  });

  it('when the appliance’s clock differs, shows times by the console’s clock', () => {
    const tenant = tenantOf({ sessions: [sessionOf({ since: at(-100), lastHeartbeatAt: at(-595) })] });
    expect(diagnose({ tenant, clockSkewMs: 600_000 })).toMatchObject({
      since: at(500),
      lastSeenAt: at(5),
    });
    const silent = { tenant: tenantOf({ sessions: [sessionOf({ silentSince: at(-540) })], forwards: [] }) };
    expect(diagnose({ ...silent, clockSkewMs: 600_000 }).layers[2]?.evidence).toContain(
      'silent since 2026-11-20 09:29:00 UTC',
    );
  });

  it('when a lost appliance is tried again, keeps its last state', () => {
    const link: LinkState = { state: 'connecting', since: at(1), hop: 'kiln-01', after: failed };
    expect(diagnose({ link })).toMatchObject({ code: 'T-1001', tone: 'unknown' });
  });

  it('when its appliance does not answer, keeps the last known state of every layer and does not count as down', () => {
    const link: LinkState = {
      state: 'retrying',
      since: at(60),
      attempt: 2,
      nextAttemptAt: at(-3),
      error: failed,
    };
    const away = diagnose({ link, observedAt: at(100) });
    expect(away).toMatchObject({ code: 'T-1001', tone: 'unknown', word: 'was listening' });
    expect(away.layers.map(({ state }) => state)).toEqual(['warn', ...Array<string>(5).fill('unknown')]);
    expect(away.layers.map(({ was }) => was)).toEqual([undefined, 'ok', 'ok', 'ok', undefined, undefined]);
    expect(away.layers.slice(1, 4).map(({ observedAt }) => observedAt)).toEqual([at(100), at(100), at(100)]);
    // Durations end at the appliance's last answer, because it is unknown whether the session still exists.
    expect(away.layers[2]?.evidence).toBe(
      `was: ${diagnose({ observedAt: at(100), now: now - 100_000 }).layers[2]?.evidence}`,
    );
    expect(formatChainLetters(away.layers)).toBe('wOOOuu');
  });

  it('when it was faulty before its appliance was lost, says so and is unknown', () => {
    const away = diagnose({ link: { state: 'idle', since: at(5) }, tenant: tenantOf({ keys: [] }) });
    expect(away).toMatchObject({ code: 'T-1002', tone: 'unknown', word: 'was no key registered' });
    expect(formatChainLetters(away.layers)).toBe('uFuuuu');
    expect(away.layers[2]?.evidence).toBe('not checked, because the key layer is not OK');
  });

  it('when its appliance never answered, has no last known state', () => {
    const never = diagnose({ observedAt: null });
    expect(never).toMatchObject({ code: 'T-1002', word: 'not checked yet' });
    expect(never.layers.slice(1).every(({ was, code }) => was === undefined && code === null)).toBe(true);
  });

  it('when the appliance sends long texts, fits its schema', () => {
    const long = '😀'.repeat(1024);
    const tenant = tenantOf({
      sessions: [sessionOf({ peerAddress: long, connectVersion: long })],
      forwards: [forwardOf({ uri: long })],
    });
    const ended = tenantOf({
      sessions: [],
      lastSession: { endedAt: at(9), peerAddress: long, reason: long },
    });
    for (const clockSkewMs of [0, Date.parse('9999-12-31T00:00:00.000Z') - now, -8.64e15]) {
      for (const one of [tenant, ended]) {
        const tunnels = diagnoseTenant({
          applianceId,
          link: connected,
          observedAt: at(1),
          tenant: one,
          now,
          clockSkewMs,
        });
        expect(tunnelSchema.array().safeParse(tunnels).error).toBeUndefined();
      }
    }
  });

  it('when its tenant is suspended, is the only row of the tenant', () => {
    const tenant = tenantOf({ suspended: true, sessions: [] });
    expect(diagnoseTenant({ applianceId, link: connected, observedAt: at(1), tenant, now })).toHaveLength(1);
  });
});

const session = fc.record({ pid: fc.integer({ min: 1, max: 3 }), silent: fc.boolean() });
const forward = fc.record({
  port: fc.constantFrom(2200, 2219, 2220),
  bound: fc.boolean(),
  sessionPid: fc.option(fc.integer({ min: 1, max: 3 })),
});
const links = fc.constantFrom<LinkState>(
  connected,
  { state: 'idle', since: at(5) },
  { state: 'connecting', since: at(5), hop: 'x' },
  { state: 'stopped', since: at(5), error: failed },
  { state: 'retrying', since: at(5), attempt: 1, nextAttemptAt: at(-1), error: failed },
);

describe('when the appliance’s answer is random', () => {
  it('no layer after the first that is not ok is green, and only recently seen layers are ok', () => {
    fc.assert(
      fc.property(
        links,
        fc.option(fc.integer({ min: 0, max: 120 })),
        fc.boolean(),
        fc.boolean(),
        fc.array(session, { maxLength: 3 }),
        fc.option(forward),
        (link, age, suspended, hasKey, sessions, one) => {
          const forwards =
            one === null
              ? []
              : [
                  forwardOf({
                    port: one.port,
                    listener: one.bound ? { address: '127.0.0.1', pid: 9 } : null,
                    sessionPid: one.sessionPid,
                  }),
                ];
          const base = tenantOf();
          const tenant = tenantOf({
            suspended,
            keys: hasKey ? base.keys : [],
            sessions: sessions.map(({ pid, silent }) =>
              sessionOf({ pid, silentSince: silent ? at(90) : null }),
            ),
            forwards,
          });
          const tunnel = diagnose({
            link,
            observedAt: age === null ? null : at(age),
            tenant,
          });
          const states = tunnel.layers.map((layer) => layer.state);
          const firstBad = states.findIndex((state) => state !== 'ok');
          expect(tunnel.layers.map((layer) => layer.layer)).toEqual(layerNames);
          expect(states.slice(firstBad)).not.toContain('ok');
          expect(states.slice(4)).toEqual(['unknown', 'unknown']);
          expect(tunnel.tone === 'ok').toBe(firstBad === 4);
          const isEarned =
            link.state === 'connected' &&
            age !== null &&
            age * 1000 <= staleAfterMs &&
            tenant.sessions.some((live) => live.pid === one?.sessionPid && live.silentSince === null);
          expect(tunnel.tone !== 'ok' || isEarned).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a session whose monitor process died', () => {
  const orphan = sessionOf({ isOrphaned: true });
  const evidence = 'from 10.4.0.7, up 8 min, sshd 8812, whose monitor process has died';

  it('when the tunnel works, warns, and checks the layers behind the session', () => {
    const tunnel = diagnose({ tenant: tenantOf({ sessions: [orphan] }) });
    expect(tunnel).toMatchObject({ code: 'T-3006', tone: 'warn', word: 'session unattended' });
    expect(tunnel.layers[2]).toMatchObject({ state: 'warn', code: 'T-3006', evidence });
    expect(tunnel.layers[3]).toMatchObject({ state: 'ok', code: 'T-4000' });
    expect(adviseOn(tunnel, 'kiln-01')).toMatchObject({ side: 'appliance', ask: null });
    expect(customerText(tunnel)).not.toContain('monitor');
  });

  it('when the repository fails, the repository is the fault', () => {
    const refused = {
      at: at(5),
      port: 2204,
      uri: 'cmis+https://cmis.nw.lan:443/cmisatom',
      sessionPid: 8812,
      forward: { outcome: 'opened', milliseconds: 3 },
      service: { outcome: 'closed', milliseconds: 4, stage: 'start' },
    } as const;
    const probes = new Map([[2204, refused]]);
    expect(diagnose({ tenant: tenantOf({ sessions: [orphan] }), probes }).code).toBe('T-6001');
  });

  it('when its client is silent, the client is the fault', () => {
    const silent = { ...orphan, silentSince: at(60) };
    expect(diagnose({ tenant: tenantOf({ sessions: [silent] }) }).code).toBe('T-3002');
  });
});

describe('a port that another process holds', () => {
  const holder: ListenerHolder = { name: 'python3', user: 'www-data', clientId: null, isReleasable: false };
  const taken = (fields: Partial<ListenerHolder> = {}) =>
    forwardOf({
      listener: { address: '127.0.0.1', pid: 24199, holder: { ...holder, ...fields } },
      sessionPid: null,
    });

  it.each<[string, Partial<ListenerHolder>, string]>([
    ['a script', {}, 'the process “python3” (pid 24199, user www-data)'],
    [
      'an sshd of the administrator',
      { name: 'sshd', user: 'ubuntu' },
      'the process “sshd” (pid 24199, user ubuntu)',
    ],
    ['a session of another tenant', { clientId: 'globex' }, 'a session of the tenant globex (sshd 24199)'],
    ['a hidden process', { name: null }, 'a process of user www-data that the appliance hides'],
    [
      'a process with a misleading name',
      { name: 'x” is fine\u001b[2J' },
      'the process “x’ is fine\u241b[2J” (pid 24199, user www-data)',
    ],
  ])(
    'when it is %s, is named in the evidence and to the administrator, but not to the customer',
    (_, fields, text) => {
      const tunnel = diagnose({ tenant: tenantOf({ forwards: [taken(fields)] }) });
      expect(tunnel).toMatchObject({ code: 'T-4006', tone: 'bad', word: 'port taken', holder: text });
      expect(tunnel.layers[3]?.evidence).toBe(`127.0.0.1:2204 is held by ${text}`);
      const { meaning, ask } = adviseOn(tunnel, 'kiln-01');
      expect(meaning).toBe(`Port 2204 on kiln-01 is held by ${text}, so northwind can’t use it.`);
      expect(ask).toContain(text);
      expect(customerText(tunnel)).toContain(onOurSideFirst);
      expect(customerText(tunnel)).not.toMatch(/24199|python3|globex|ubuntu/u);
    },
  );

  it('when no session was ever seen, is still named', () => {
    const tenant = tenantOf({ sessions: [], forwards: [taken()], lastSession: null });
    expect(diagnose({ tenant }).code).toBe('T-4006');
  });

  it('when it is a leftover of the tenant, is a stale listener', () => {
    const forwards = [taken({ name: 'sshd', user: 'connect', isReleasable: true })];
    expect(diagnose({ tenant: tenantOf({ forwards }) }).code).toBe('T-4002');
  });

  it('when the tenant’s session has only the other address family, gets the connections to 127.0.0.1', () => {
    const rival = { address: '127.0.0.1', pid: 24199, holder };
    const forwards = [forwardOf({ listener: { address: '::1', pid: 8812 }, rival })];
    expect(diagnose({ tenant: tenantOf({ forwards }) })).toMatchObject({
      code: 'T-4006',
      holder: 'the process “python3” (pid 24199, user www-data)',
    });
  });

  it.each(['::1', '::', '0.0.0.0'])(
    'when the tenant’s session has 127.0.0.1 and the process only %s, is part of the evidence',
    (address) => {
      const rival = { address, pid: 24199, holder };
      const tunnel = diagnose({ tenant: tenantOf({ forwards: [forwardOf({ rival })] }) });
      expect(tunnel.code).toBe('T-4000');
      expect(tunnel.layers[3]?.evidence).toMatch(/; .*:2204 is held by the process “python3”/u);
    },
  );
});

it('when two sites share the key of a tenant, says so in the evidence of the session', () => {
  const keyFingerprint = 'SHA256:x';
  const other = sessionOf({ pid: 9000, peerAddress: '10.9.0.1', since: at(400), keyFingerprint });
  const tunnel = diagnose({ tenant: tenantOf({ sessions: [sessionOf({ keyFingerprint }), other] }) });
  expect(tunnel.layers[2]).toMatchObject({ state: 'ok', code: 'T-3000' });
  expect(tunnel.layers[2]?.evidence).toContain(
    'two clients use the same key at the same time: from 10.4.0.7 (sshd 8812) and from 10.9.0.1 (sshd 9000)',
  );
});
