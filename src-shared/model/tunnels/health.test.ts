import { describe, expect, it, test } from 'vitest';
import type { ApplianceStatus } from '../appliance/applianceStatus.ts';
import { healthSchema, diagnoseAppliance } from './health.ts';
import { readLicenceState, type LicencePayload, type LicenceShowOutput } from '../licence/licence.ts';
import type { LinkState } from '../appliance/link.ts';

const now = Date.parse('2026-11-20T09:30:00.000Z');
const day = 86_400_000;
const at = (offset: number) => new Date(now + offset).toISOString();
const connected: LinkState = {
  state: 'connected',
  since: at(-60_000),
  latencyMs: 4,
  lastHeardAt: at(-1000),
  serverSoftware: 'x',
  algorithms: { kex: 'x', hostKey: 'x', cipher: 'x', mac: 'm', weak: [] },
};
const nothing = { status: null, licence: null, tunnels: [], now };

test.each([
  [{ maxSessions: null, startupText: null }, []],
  [{ maxSessions: 2, startupText: null }, []],
  [{ maxSessions: 1, startupText: null }, ['A-1015']],
  [{ maxSessions: null, startupText: 'Welcome to “kiln”' }, ['A-1016']],
])('when the server of a link has the notes %j, lists %j', (notes, codes) => {
  const { problems } = diagnoseAppliance({
    ...nothing,
    link: { ...connected, notes },
    observedAt: at(-1000),
  });
  expect(problems.map(({ code }) => code)).toEqual(codes);
  expect(problems.every(({ text }) => !text.includes('“kiln”'))).toBe(true);
});

const payload: LicencePayload = {
  format: 1,
  id: '7c1e0f7e-1111-4222-8333-444455556666',
  applianceId: '7c1e0f7e-1111-4222-8333-444455556667',
  key: 'KE-1',
  sequence: 1,
  issuedAt: at(-day),
  notBefore: at(-day),
  expiresAt: at(90 * day),
  graceDays: 14,
  minVersion: '1.0.0',
  entitlements: { accounts: null, connectors: ['smb'], plan: 'standard', internalDevelopment: false },
  request: null,
  configuration: null,
};

describe('a licence', () => {
  it.each([
    ['valid', 0],
    ['expiring', 60.1 * day],
    ['expiring', 90 * day - 1],
    ['grace', 90 * day],
    ['grace', 104 * day - 1],
    ['expired', 104 * day],
    ['unverifiable', -2 * day],
  ])('is %s at %d ms', (state, offset) => {
    expect(readLicenceState(payload, now + offset).state).toBe(state);
  });
});

const expiring: LicenceShowOutput = {
  contract: 1,
  state: 'expiring',
  reason: '',
  key: null,
  sequence: 1,
  notBefore: null,
  expiresAt: at(19 * day),
  graceEndsAt: null,
  entitlements: null,
  clockRanBackFrom: null,
  mode: null,
};
const seen: LicenceShowOutput = { ...expiring, state: 'valid', expiresAt: at(200 * day) };

describe('an appliance', () => {
  it('is ok only when it is connected and answered recently', () => {
    const well = { ...nothing, licence: seen };
    expect(diagnoseAppliance({ ...well, link: connected, observedAt: at(-2000) }).tone).toBe('ok');
    expect(diagnoseAppliance({ ...nothing, link: connected, observedAt: at(-2000) }).tone).toBe('unknown');
    expect(diagnoseAppliance({ ...nothing, link: connected, observedAt: null }).tone).toBe('unknown');
    expect(diagnoseAppliance({ ...nothing, link: connected, observedAt: at(-31_000) }).tone).toBe('warn');
    expect(
      diagnoseAppliance({ ...nothing, link: { state: 'idle', since: at(0) }, observedAt: at(-1000) }).tone,
    ).toBe('unknown');
  });

  it('when a lost link is tried again, stays amber', () => {
    const after = { code: 'LINK_LOST', message: 'no answer', retryable: true, detail: {} } as const;
    const link: LinkState = { state: 'connecting', since: at(0), hop: 'x', after };
    const health = diagnoseAppliance({ ...nothing, link, observedAt: at(-14_000) });
    expect(health).toMatchObject({ tone: 'warn', problems: [{ code: 'A-1001', text: 'no answer' }] });
  });

  it('when a text is too long, shortens it, so that one appliance cannot hide the others', () => {
    const error = {
      code: 'AUTHENTICATION_FAILED',
      message: 'x'.repeat(700),
      retryable: false,
      detail: {},
    } as const;
    const health = diagnoseAppliance({
      ...nothing,
      link: { state: 'stopped', since: at(0), error },
      observedAt: null,
    });
    expect(healthSchema.parse(health).problems[0]?.text).toMatch(/^x{511}…$/);
  });

  it('when the connection stopped for good, is bad and says why', () => {
    const error = {
      code: 'HOST_KEY_CHANGED',
      message: 'host key changed',
      retryable: false,
      detail: {},
    } as const;
    const health = diagnoseAppliance({
      ...nothing,
      link: { state: 'stopped', since: at(0), error },
      observedAt: null,
    });
    expect(health).toMatchObject({ tone: 'bad', problems: [{ code: 'A-1010', text: 'host key changed' }] });
  });

  it('when its licence expires soon, warns and says how much time is left', () => {
    expect(
      diagnoseAppliance({ ...nothing, licence: expiring, link: connected, observedAt: at(0) }),
    ).toMatchObject({
      tone: 'warn',
      problems: [{ text: 'licence expires, 19 d left' }],
    });
  });
});

it('when a service is stopped, says so; when there is a finding, shows its detail', () => {
  const status: ApplianceStatus = {
    contract: 1,
    identity: { id: payload.applianceId, hostname: 'kiln' },
    versions: { appliance: '1.0.0', kit: '1.0.0', sshd: null, os: null },
    clock: { now: at(0), ranBackFrom: null },
    uptimeSeconds: 1,
    disks: [],
    services: [
      { name: 'sshd', state: 'stopped', detail: null },
      { name: 'sallyport', state: 'unknown', detail: 'pid 7 has not answered since 10:00' },
    ],
    findings: [{ name: 'cluster address', detail: '10.0.0.9 is no address of this computer' }],
    logs: { syslog: '/var/log/syslog' },
  };
  const { problems } = diagnoseAppliance({ ...nothing, link: connected, observedAt: at(0), status });
  expect(problems.map(({ code, text }) => [code, text])).toEqual([
    ['A-2001', 'sshd is not running'],
    ['A-2004', 'cluster address: 10.0.0.9 is no address of this computer'],
    ['A-2001', 'sallyport may have stopped: pid 7 has not answered since 10:00'],
  ]);
});

it('when the connection is lost, names that alone and not how the appliance answered before', () => {
  const before = { failure: { command: 'ke_status', error: 'cut off' }, slowedToMs: 20_000 };
  const codes = (link: LinkState) =>
    diagnoseAppliance({ ...nothing, ...before, link, observedAt: at(0) }).problems.map(({ code }) => code);
  expect(codes(connected)).toEqual(['A-1020', 'A-1021']);
  const error = { code: 'HOST_KEY_CHANGED', message: 'another key', retryable: false, detail: {} } as const;
  expect(codes({ state: 'stopped', since: at(0), error })).toEqual(['A-1010']);
});
