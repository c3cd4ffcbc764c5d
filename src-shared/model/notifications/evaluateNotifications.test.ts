import { expect, test } from 'vitest';
import {
  staysOpen,
  isQuiet,
  evaluateNotifications,
  subjectOwnerOf,
  readSubjectOwner,
} from './evaluateNotifications.ts';
import type { WatchedTenant } from './evaluators.ts';
import { defaultNotificationRules, type NotificationRules } from './kinds.ts';
import { tenantSchema, type Tenant } from '../tenants/remoteNetworks.ts';

const now = Date.parse('2026-11-20T09:00:00.000Z');
const minute = 60_000;
const ago = (milliseconds: number) => new Date(now - milliseconds).toISOString();
const applianceId = '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001';
const onlyRule = (rule: Partial<NotificationRules>): NotificationRules => ({
  unseenMinutes: null,
  downMinutes: null,
  flapsPerHour: null,
  quotaPercent: null,
  keyDays: null,
  quietHours: null,
  ...rule,
});
const session: Tenant['sessions'][number] = {
  pid: 7,
  kind: 'connect',
  peerAddress: '198.51.100.7',
  peerPort: 4000,
  since: ago(60 * minute),
  keyFingerprint: 'SHA256:a',
  connectVersion: null,
  lastHeartbeatAt: null,
  silentSince: null,
};
const forward = (port: number): Tenant['forwards'][number] => ({
  port,
  group: null,
  repository: null,
  uri: null,
  announcedAt: null,
  listener: { address: '127.0.0.1', pid: 7 },
  sessionPid: 7,
});
const forwards = (count: number) => Array.from({ length: count }, (_, index) => forward(2200 + index));
const minuteAt = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const gone = { code: 'T-3001', tone: 'warn', word: 'no session', port: null } as const;
const well = { code: 'T-4000', tone: 'ok', word: 'listening', port: 2200 } as const;
const refused = { code: 'T-6001', tone: 'bad', word: 'upstream refused', port: 2200 } as const;

function watched(
  changes: Partial<Omit<WatchedTenant, 'tenant'>> = {},
  tenant: Partial<Tenant> = {},
): WatchedTenant {
  return {
    applianceId,
    placeName: 'cluster north east',
    isFresh: true,
    mayBeOnSilentMember: false,
    tenant: tenantSchema.parse({
      clientId: 'acme',
      quota: 10,
      suspended: false,
      ports: [{ first: 2200, last: 2209 }],
      keys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:a', addedAt: ago(400 * 24 * 60 * minute) }],
      createdAt: ago(0),
      changedAt: ago(0),
      sessions: [],
      forwards: [],
      lastSession: { endedAt: ago(6 * minute), peerAddress: null, reason: 'client timed out' },
      ...tenant,
    }),
    tunnels: [gone],
    downSince: () => now - 6 * minute,
    drops: () => 0,
    ...changes,
  };
}
const states = (rules: NotificationRules, ...all: WatchedTenant[]) =>
  evaluateNotifications({ watched: all, rules, now }).map(({ state, port }) => `${state} ${port ?? '–'}`);
const downRule = onlyRule({ downMinutes: 5 });

test('when a tunnel is down for longer than the limit, raises a notification, and not earlier', () => {
  const [evaluation] = evaluateNotifications({ watched: [watched()], rules: downRule, now });
  expect(evaluation).toEqual({
    kind: 'tunnel-down',
    applianceId,
    clientId: 'acme',
    port: null,
    subject: 'tunnel-down cluster%20north%20east acme ',
    state: 'on',
    text: 'no session for more than 5 min (T-3001), since 2026-11-20 08:54:00 UTC',
  });
  expect(states(downRule, watched({ downSince: () => now - 4 * minute }))).toEqual(['unknown –']);
  expect(states(downRule, watched({ downSince: () => null }))).toEqual(['unknown –']);
  expect(states(downRule, watched({ tunnels: [well] }, { sessions: [session] }))).toEqual(['off 2200']);
});

const downText = (changes: Partial<WatchedTenant>) =>
  evaluateNotifications({ watched: [watched(changes)], rules: downRule, now })[0]?.text;

test('when the outage is short, its text says how long; when its duration is unknown, the text is empty', () => {
  expect(downText({ downSince: () => now - 4 * minute })).toBe(
    'no session (T-3001), since 2026-11-20 08:56:00 UTC',
  );
  expect(downText({ isFresh: false })).toBe('');
  expect(downText({ mayBeOnSilentMember: true })).toBe('');
});

test('when a tunnel was unwatched, its outage starts no earlier than its session or the end of the last session', () => {
  const since = { downSince: () => now - 3 * 24 * 60 * minute };
  const ended = { endedAt: ago(2 * minute), peerAddress: null, reason: 'x' };
  expect(states(downRule, watched(since, { lastSession: ended }))).toEqual(['unknown –']);
  const young = { ...session, since: ago(minute) };
  expect(states(downRule, watched({ ...since, tunnels: [refused] }, { sessions: [young] }))).toEqual([
    'unknown 2200',
  ]);
  expect(states(downRule, watched({ ...since, tunnels: [refused] }, { sessions: [session] }))).toEqual([
    'on 2200',
  ]);
});

test('when the tunnel is not the cause, it is no outage', () => {
  const suspended = { port: null, code: 'T-2002', tone: 'off', word: 'suspended' } as const;
  expect(states(downRule, watched({ tunnels: [suspended] }))).toEqual(['off –']);
  const unreachable = { port: null, code: 'T-1001', tone: 'unknown', word: 'appliance unreachable' } as const;
  expect(states(downRule, watched({ tunnels: [unreachable], isFresh: false }))).toEqual(['unknown –']);
  expect(states(downRule, watched({ isFresh: false }))).toEqual(['unknown –']);
  // The tenant may be connected to the cluster member that doesn't answer.
  expect(states(downRule, watched({ mayBeOnSilentMember: true }))).toEqual(['unknown –']);
  const fresh = { port: null, code: 'T-3004', tone: 'off', word: 'never connected yet' } as const;
  expect(states(downRule, watched({ tunnels: [fresh] }, { lastSession: null }))).toEqual(['off –']);
  // After a restart, the appliance doesn't know the last session. The notification is raised all the same.
  expect(states(downRule, watched({}, { lastSession: null }))).toEqual(['on –']);
});

test('when all ports drop together, only the tenant is flapping, and clears at half the limit', () => {
  const rules = onlyRule({ flapsPerHour: 4 });
  const drops = (tenant: number, port: number) =>
    states(
      rules,
      watched({ tunnels: [well], drops: (of) => (of === 0 ? tenant : port) }, { sessions: [session] }),
    );
  expect(drops(4, 4)).toEqual(['on –', 'off 2200']);
  expect(drops(3, 3)).toEqual(['unknown –', 'off 2200']);
  expect(drops(2, 2)).toEqual(['off –', 'off 2200']);
  expect(drops(1, 5)).toEqual(['off –', 'on 2200']);
});

const quotaRule = onlyRule({ quotaPercent: 90 });
const quotaOf = (tenant: Partial<Tenant>) =>
  evaluateNotifications({ watched: [watched({}, tenant)], rules: quotaRule, now })[0];
const wanting = (count: number) =>
  Array.from({ length: count }, () => ({ group: 'g', repository: 'r', uri: 'smb://h' }));

test('when the used share of a quota reaches the limit or a repository gets no port, raises a notification', () => {
  const taken = (count: number, unplaced = 0) =>
    quotaOf({ sessions: [session], forwards: forwards(count), unplaced: wanting(unplaced) });
  expect(taken(8)).toMatchObject({ state: 'off' });
  expect(taken(9)).toMatchObject({ state: 'on', text: '9 of 10 ports in use' });
  expect(taken(8, 3)).toMatchObject({ state: 'on', text: '8 of 10 ports in use, and 3 more needed' });
  expect(quotaOf({ suspended: true })).toMatchObject({ state: 'off' });
});

const few = (unplaced: number) =>
  quotaOf({
    sessions: [session],
    ports: [{ first: 2200, last: 2201 }],
    forwards: forwards(2),
    unplaced: wanting(unplaced),
  });

test('when a small quota is used up, raises a notification only if more ports are requested', () => {
  expect(few(0)).toMatchObject({ state: 'off' });
  expect(few(1)).toMatchObject({ state: 'on', text: '2 of 2 ports in use, and 1 more needed' });
});

test('when other processes hold ports, they do not count as used', () => {
  const foreign = forwards(10).map((forwarded) => ({ ...forwarded, sessionPid: null }));
  expect(quotaOf({ forwards: foreign, lastSession: null })).toMatchObject({ state: 'off' });
  expect(quotaOf({ forwards: foreign })).toMatchObject({ state: 'unknown' });
  const ended = { endedAt: ago(61 * minute), peerAddress: null, reason: 'x' };
  expect(quotaOf({ forwards: foreign, lastSession: ended })).toMatchObject({ state: 'off' });
  expect(quotaOf({ sessions: [session], forwards: foreign })).toMatchObject({ state: 'off' });
});

test('when keys are old, raises a notification for each key that is not being replaced', () => {
  const rules = onlyRule({ keyDays: 365 });
  const key = (fingerprint: string, days: number, expiresAt: string | null = null) => ({
    type: 'ssh-ed25519',
    fingerprint,
    addedAt: ago(days * 24 * 60 * minute),
    expiresAt,
  });
  const found = evaluateNotifications({
    watched: [
      watched({}, { keys: [key('SHA256:a', 400), key('SHA256:b', 364), key('SHA256:c', 400, ago(-minute))] }),
    ],
    rules,
    now,
  });
  expect(found.map(({ subject, state }) => [subject.split(' ').at(-1), state])).toEqual([
    ['SHA256:a', 'on'],
    ['SHA256:b', 'off'],
    ['SHA256:c', 'off'],
  ]);
  expect(found[0]?.text).toBe('key SHA256:a is 400 d old');
});

test('when all rules are off, raises no notification', () => {
  expect(states(onlyRule({}), watched())).toEqual([]);
  expect(states(defaultNotificationRules, watched()).length).toBeGreaterThan(0);
});

test('when the whole tenant is down or out of reach, a port’s notification stays open', () => {
  expect(staysOpen(watched(), 'tunnel-down')).toBe(true);
  expect(staysOpen(watched({ isFresh: false }), 'key-old')).toBe(true);
  expect(staysOpen(watched(), 'key-old')).toBe(false);
  expect(staysOpen(watched({ tunnels: [well] }), 'tunnel-down')).toBe(false);
  expect(staysOpen(undefined, 'tunnel-down')).toBe(false);
  const [evaluation] = evaluateNotifications({ watched: [watched()], rules: downRule, now });
  expect(readSubjectOwner(evaluation?.subject ?? '')).toBe(subjectOwnerOf(watched()));
});

test('when quiet hours include midnight, times before and after it are quiet', () => {
  const night = { from: '22:00', to: '06:30' };
  expect(['21:59', '22:00', '00:00', '06:29', '06:30'].map((time) => isQuiet(night, minuteAt(time)))).toEqual(
    [false, true, true, true, false],
  );
  const noon = { from: '12:00', to: '13:00' };
  expect(['11:59', '12:00', '13:00'].map((time) => isQuiet(noon, minuteAt(time)))).toEqual([
    false,
    true,
    false,
  ]);
  expect(isQuiet({ from: '08:00', to: '08:00' }, 0)).toBe(true);
  expect(isQuiet(null, 0)).toBe(false);
});

test('when a reminder about a licence is due, raises it for its appliance and no tenant', () => {
  const reminder = { id: 'quote 2026-12-10 14', role: 'purchasing', text: 'for purchasing: ask' } as const;
  const reminders = [{ applianceId, reminders: [reminder] }];
  expect(evaluateNotifications({ watched: [], reminders, rules: onlyRule({}), now })).toEqual([
    {
      kind: 'licence-due',
      applianceId,
      clientId: '',
      port: null,
      state: 'on',
      text: reminder.text,
      subject: `licence-due ${applianceId} quote 2026-12-10 14`,
    },
  ]);
});

test('when an appliance does not answer for long enough, raises it; after a start, changes nothing until it answers', () => {
  const evaluate = (seenAgoMs: number, hasAnswered: boolean) =>
    evaluateNotifications({
      watched: [],
      appliances: [{ applianceId, seenAt: now - seenAgoMs, hasAnswered, reason: 'no route' }],
      rules: onlyRule({ unseenMinutes: 5 }),
      now,
    });
  expect(evaluate(4 * minute, true)).toMatchObject([{ state: 'off' }]);
  expect(evaluate(4 * minute, false)).toMatchObject([{ state: 'unknown' }]);
  expect(evaluate(5 * minute, true)).toMatchObject([
    {
      kind: 'appliance-unseen',
      state: 'on',
      clientId: '',
      text: 'no answer since 2026-11-20 08:55:00 UTC: no route',
    },
  ]);
  expect(evaluate(5 * minute, false)).toMatchObject([{ state: 'on' }]);
  const off = { watched: [], appliances: [{ applianceId, seenAt: 0, hasAnswered: true, reason: '' }], now };
  expect(evaluateNotifications({ ...off, rules: onlyRule({}) })).toEqual([]);
});
