import { describe, expect, test } from 'vitest';
import { aTenant } from '../../test-support/aTenant.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { planContextSample } from '../../test-support/planContextSample.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { readPublicKey } from '../../src-shared/model/tenants/publicKey.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { verifyResult } from './verifyChange.ts';
import { preparePlan } from './plan.ts';

const at = '2026-11-20T09:00:00.000Z';
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1C0pCn0rrkKHOvRSYdDmnSCuOaFSmUCOIzQYV0Iq5T site';
const { key: given } = readPublicKey(publicKey);
const aKey = (fingerprint: string, expiresAt: string | null = null) => ({
  type: 'ssh-ed25519',
  fingerprint,
  addedAt: at,
  expiresAt,
});
const numbered = (count: number) => Array.from({ length: count }, (_, index) => aKey(`SHA256:old-${index}`));
const add = { kind: 'add', clientId: 'acme', key: { from: 'given', publicKey }, quota: null } as const;
const rotate = (overlapHours: number | null): TenantAction => ({
  kind: 'rotate',
  clientId: 'acme',
  key: add.key,
  overlapHours,
});

const expired: LicenceShowOutput = {
  contract: 1,
  state: 'expired',
  reason: 'expired at noon',
  key: null,
  sequence: 1,
  notBefore: null,
  expiresAt: at,
  graceEndsAt: at,
  entitlements: null,
  clockRanBackFrom: null,
  mode: null,
};

function planOf(action: TenantAction, tenant: Tenant | null, licence: LicenceShowOutput | null = null) {
  return preparePlan({
    entry: anEntry('kiln'),
    networks: {
      contract: 1,
      portRange: { first: 2200, last: 5199 },
      tenants: tenant === null ? [] : [tenant],
      refusedLogIns: [],
    },
    observedAt: at,
    action,
    planContext: { ...planContextSample(Date.parse(at)), licence },
  }).plan;
}
const acme = (changes: Partial<Tenant> = {}) =>
  aTenant('acme', { quota: 40, ports: [{ first: 2200, last: 2239 }], keys: numbered(1), ...changes });

describe('when the tenant exists, the plan of add', () => {
  test('says so, keeps quota and ports, ends no sessions, and runs without -f', () => {
    const tenant = acme();
    const plan = planOf(add, tenant);
    expect(plan.warnings).toContain(
      'acme already exists with 1 valid key. This change adds a key, which makes 2 (at most 5). To replace the old keys, rotate instead.',
    );
    expect(plan.commands.map(({ argv }) => argv.join(' '))).toEqual([
      `ke_manage_remote_networks add acme --pub-key PATH --unchanged-since ${tenant.changedAt} --json`,
    ]);
    expect(plan).toMatchObject({
      ends: [],
      before: { quota: 40 },
      after: { quota: 40, ports: tenant.ports },
      basis: tenant.changedAt,
      confirmName: null,
      undo: { possible: true, command: 'ke_manage_remote_networks add acme --pub-key PATH -f' },
    });
  });

  test('says that a single key can’t be removed', () => {
    const { undo, warnings } = planOf(add, acme({ keys: numbered(2) }));
    expect(undo).toMatchObject({ possible: false, text: expect.stringContaining('can’t be removed') });
    expect(warnings.join()).toContain('2 valid keys');
  });

  test('says that a suspended tenant stays suspended', () => {
    expect(planOf(add, acme({ suspended: true, quota: 0 })).warnings.join()).toContain('It is suspended');
  });

  test.each<[string, Partial<Tenant>, TenantAction, string]>([
    ['the same key', { keys: [aKey(given?.fingerprint ?? '')] }, add, 'ALREADY_EXISTS'],
    ['the same key in its overlap', { keys: [aKey(given?.fingerprint ?? '', at)] }, add, 'ALREADY_EXISTS'],
    ['another quota', {}, { ...add, quota: 41 }, 'INVALID_INPUT'],
    ['a sixth key', { keys: numbered(5) }, add, 'TOO_MANY_KEYS'],
    ['a sixth key by rotation with an overlap', { keys: numbered(5) }, rotate(24), 'TOO_MANY_KEYS'],
  ])('rejects %s', (_case, changes, action, code) => {
    expect(() => planOf(action, acme(changes))).toThrow(expect.objectContaining({ code }));
  });

  test('keeps the tenant’s quota, and allows a rotation that replaces five keys', () => {
    expect(planOf({ ...add, quota: 40 }, acme()).commands).toHaveLength(1);
    expect(planOf(rotate(null), acme({ keys: numbered(5) })).commands).toHaveLength(1);
  });
});

const isWarned = (action: TenantAction, tenant: Tenant | null) =>
  planOf(action, tenant, expired).warnings.some((warning) => warning.includes('will refuse'));

test('when the licence has expired, warns only about new tenants and more ports', () => {
  expect(isWarned(add, null)).toBe(true);
  expect(isWarned({ kind: 'change', clientId: 'acme', quota: 60 }, acme())).toBe(true);
  expect(isWarned(add, acme())).toBe(false);
  for (const hours of [null, 24]) expect(isWarned(rotate(hours), acme())).toBe(false);
  expect(isWarned({ kind: 'change', clientId: 'acme', quota: 10 }, acme())).toBe(false);
});

test('when no licence is required, warns about none', () => {
  const { warnings } = planOf(add, null, { ...expired, state: 'not-required' });
  expect(warnings.join()).not.toMatch(/licen[cs]e/iu);
});

test('when the key is listed beside the old one, it was added; otherwise not', () => {
  const before = acme();
  const judge = (keys: Tenant['keys'], key = given) =>
    verifyResult({
      action: add,
      key,
      before,
      now: { ...before, keys, changedAt: '2026-11-20T10:00:00.000Z' },
    });
  expect(judge([aKey(given?.fingerprint ?? ''), ...before.keys])).toBe('done');
  expect(judge([aKey('SHA256:new'), ...before.keys], null)).toBe('done');
  expect(judge(before.keys)).toBe('otherwise');
  expect(verifyResult({ action: add, key: given, before, now: before })).toBe('unchanged');
});
