import { afterEach, beforeEach, expect, test } from 'vitest';
import { pino } from 'pino';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import {
  defaultNotificationRules,
  type NotificationRules,
} from '../../src-shared/model/notifications/kinds.ts';
import type { LicenceReminder } from '../../src-shared/model/licence/licenceReminders.ts';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { startPorts, type PortsFixture } from '../../test-support/portsFixture.ts';
import { noPolicy } from '../../test-support/noPolicy.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createAudit, type Audit } from '../audit/audit.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import { noChangeFeed } from '../../test-support/noChangeFeed.ts';
import { silentLog } from '../../test-support/silentLog.ts';

let fixture: PortsFixture;
let kiln: ApplianceEntry;
let audit: Audit;
let notifications: Notifications;
let marks = 0;
let reminders: LicenceReminder[] = [];
/** When the appliance answered last; null if it is not watched. */
let answeredAt: number | null = null;
const minute = 60_000;

function start(): Notifications {
  const { ports, store, clock } = fixture;
  audit = createAudit({
    log: silentLog,
    store,
    actor: { operator: 'ada', role: 'admin', source: 'web pid 1' },
    clock: () => clock.now,
    changes: noChangeFeed,
  });
  return createNotifications({
    changes: { mark: () => (marks += 1) },
    ports,
    reminders: () => [{ applianceId: kiln.id, reminders }],
    appliances: (since) =>
      answeredAt === null
        ? []
        : [
            {
              applianceId: kiln.id,
              seenAt: Math.max(since, answeredAt),
              hasAnswered: answeredAt >= since,
              reason: '',
            },
          ],
    audit,
    store,
    policy: noPolicy,
    clock: () => clock.now,
    log: pino({ level: 'silent' }),
  });
}

beforeEach(() => {
  reminders = [];
  answeredAt = null;
  fixture = startPorts();
  kiln = fixture.add('kiln');
  notifications = start();
});
afterEach(() => {
  notifications.close();
  fixture.close();
});

/**
 * Advances the time, stores an answer with these tenants, and evaluates the rules as the console does every
 * few seconds.
 */
async function answer(afterMs: number, ...tenants: ReturnType<typeof aTenant>[]): Promise<void> {
  fixture.clock.now += afterMs;
  fixture.answer(kiln, tenants);
  const { store, clock } = fixture;
  await waitFor(
    'the answer is written down',
    () =>
      store.first(store.query.selectFrom('watchSpan').select((one) => one.fn.max('toMs').as('to')))?.to ===
      clock.now,
  );
  await judge();
}
const judge = (rules: Partial<NotificationRules> = {}) =>
  notifications.setRules({ ...defaultNotificationRules, keyDays: null, ...rules });
const dead = () =>
  aTenant('acme', {
    lastSession: {
      endedAt: new Date(fixture.clock.now).toISOString(),
      peerAddress: null,
      reason: 'client timed out',
    },
  });
const clockTime = (hours: number) => `${String((hours + 24) % 24).padStart(2, '0')}:00`;
const listed = () =>
  notifications
    .list()
    .notifications.map((one) => [one.kind, one.port, one.clearedAt === null ? 'open' : 'over']);

const texts = () => notifications.list().notifications.map((one) => `${one.port ?? '–'} ${one.text}`);

test('when a tunnel is down, raises once, also after a restart, and clears when it is up again', async () => {
  fixture.ports.hold();
  await answer(0, aConnectedTenant('acme', [2200]));
  const down = dead();
  await answer(5_000, down);
  expect(listed()).toEqual([]);
  await answer(5 * minute, down);
  expect(listed()).toEqual([['tunnel-down', null, 'open']]);
  expect(notifications.list()).toMatchObject({
    unseen: 1,
    notifications: [{ applianceName: 'kiln', clientId: 'acme', quiet: false, seenAt: null }],
  });
  notifications.close();
  notifications = start();
  await answer(5_000, down);
  expect(listed()).toEqual([['tunnel-down', null, 'open']]);
  await answer(5_000, aConnectedTenant('acme', [2200]));
  expect(listed()).toEqual([['tunnel-down', null, 'over']]);
  await answer(5_000, dead());
  await answer(6 * minute, down);
  expect(listed()).toEqual([
    ['tunnel-down', null, 'open'],
    ['tunnel-down', null, 'over'],
  ]);
});

const staleOn = (port: number) => {
  const up = aConnectedTenant('acme', [port]);
  return {
    ...up,
    sessions: [],
    forwards: up.forwards.map((forward) => ({ ...forward, sessionPid: null })),
  };
};

test('an open notification describes the current state, also of a port or tenant that is gone', async () => {
  fixture.ports.hold();
  await answer(0, aConnectedTenant('acme', [2200]));
  await answer(5_000, staleOn(2200));
  await answer(6 * minute, staleOn(2200));
  expect(texts()).toEqual([expect.stringMatching(/^2200 stale listener for more than 5 min \(T-4002\)/u)]);
  await answer(5_000, dead());
  expect(texts()).toEqual([expect.stringMatching(/^2200 no session \(T-3001\), since/u)]);
});

test('when a listener returns, its time restarts', async () => {
  fixture.ports.hold();
  await answer(0, staleOn(2200));
  await answer(4 * minute, aTenant('acme'));
  await answer(4 * minute, staleOn(2200));
  expect(listed()).toEqual([]);
  await answer(5 * minute, staleOn(2200));
  expect(listed()).toEqual([['tunnel-down', 2200, 'open']]);
});

test('when an appliance does not answer, raises and clears nothing', async () => {
  fixture.ports.hold();
  await answer(0, aConnectedTenant('acme', [2200]));
  const down = dead();
  await answer(5_000, down);
  fixture.loseLink(kiln);
  fixture.clock.now += 30 * minute;
  await judge();
  expect(listed()).toEqual([]);
  await answer(5_000, down);
  expect(listed()).toEqual([['tunnel-down', null, 'open']]);
  fixture.loseLink(kiln);
  fixture.clock.now += minute;
  await judge();
  expect(listed()).toEqual([['tunnel-down', null, 'open']]);
  // An answer without the tenant: it was removed.
  await answer(5_000);
  expect(listed()).toEqual([['tunnel-down', null, 'over']]);
});

test('when the console doesn’t watch, evaluates no rule', async () => {
  fixture.answer(kiln, [
    aTenant('acme', {
      keys: [{ type: 't', fingerprint: 'f', addedAt: '2020-01-01T00:00:00.000Z', expiresAt: null }],
    }),
  ]);
  await judge({ keyDays: 30 });
  expect(listed()).toEqual([]);
  const release = fixture.ports.hold();
  await judge({ keyDays: 30 });
  expect(listed()).toEqual([['key-old', null, 'open']]);
  release();
  await judge({ keyDays: null });
  expect(listed()).toEqual([['key-old', null, 'open']]);
  fixture.ports.hold();
  await judge({ keyDays: null });
  expect(listed()).toEqual([['key-old', null, 'over']]);
});

const aReminder = (id: string): LicenceReminder => ({
  id,
  role: 'purchasing',
  text: `for purchasing: ${id}`,
});

test('when a reminder about a licence is due, raises it once, also after a restart', async () => {
  fixture.answer(kiln, []);
  fixture.ports.hold();
  await judge({});
  expect(listed()).toEqual([]);
  reminders = [aReminder('quote 2026-12-10 14')];
  await judge({});
  notifications.close();
  notifications = start();
  await judge({});
  expect(listed()).toEqual([['licence-due', null, 'open']]);
  expect(notifications.list().notifications[0]).toMatchObject({
    applianceName: 'kiln',
    clientId: '',
    text: 'for purchasing: quote 2026-12-10 14',
  });
  reminders = [aReminder('quote 2026-12-10 3')];
  await judge({});
  expect(listed()).toEqual([
    ['licence-due', null, 'over'],
    ['licence-due', null, 'open'],
  ]);
  reminders = [];
  await judge({});
  reminders = [aReminder('quote 2026-12-10 14')];
  await judge({});
  expect(listed()).toEqual([
    ['licence-due', null, 'over'],
    ['licence-due', null, 'over'],
  ]);
});

test('when a tunnel drops four times within an hour, raises one notification for all ports', async () => {
  fixture.ports.hold();
  for (let drop = 0; drop < 4; drop += 1) {
    await answer(5_000, aConnectedTenant('acme', [2200, 2201]));
    await answer(5_000, dead());
  }
  expect(listed()).toEqual([['tunnel-flapping', null, 'open']]);
  await answer(5_000, aConnectedTenant('acme', [2200, 2201]));
  expect(listed()).toEqual([['tunnel-flapping', null, 'open']]);
  await answer(61 * minute, aConnectedTenant('acme', [2200, 2201]));
  expect(listed()).toEqual([['tunnel-flapping', null, 'over']]);
});

test('when all allocated ports are taken again one by one, raises nothing', async () => {
  const ports = Array.from({ length: 10 }, (_, index) => 2200 + index);
  const full = aConnectedTenant('acme', ports, { ports: [{ first: 2200, last: 2209 }] });
  const half = { ...full, forwards: full.forwards.slice(0, 5) };
  fixture.ports.hold();
  await answer(0, full);
  expect(listed()).toEqual([['quota-nearly-used', null, 'open']]);
  await answer(5_000, half);
  await answer(5_000, full);
  expect(listed()).toEqual([['quota-nearly-used', null, 'open']]);
  await answer(5_000, half);
  await answer(61_000, half);
  expect(listed()).toEqual([['quota-nearly-used', null, 'over']]);
});

test('when the clock is set back while a condition is over, clears it after its usual time', async () => {
  const ports = Array.from({ length: 10 }, (_, index) => 2200 + index);
  const full = aConnectedTenant('acme', ports, { ports: [{ first: 2200, last: 2209 }] });
  const half = { ...full, forwards: full.forwards.slice(0, 5) };
  fixture.ports.hold();
  await answer(0, full);
  await answer(5_000, half);
  fixture.clock.now -= 60 * minute;
  fixture.answer(kiln, [half]);
  await judge();
  expect(listed()).toContainEqual(['quota-nearly-used', null, 'open']);
  fixture.clock.now += minute;
  fixture.answer(kiln, [half]);
  await judge();
  expect(listed()).toContainEqual(['quota-nearly-used', null, 'over']);
});

test('in quiet hours, raises without a pop-up; a week after clearing, deletes it', async () => {
  const hour = new Date(fixture.clock.now).getHours();
  fixture.ports.hold();
  fixture.answer(kiln, [
    aTenant('acme', {
      keys: [{ type: 't', fingerprint: 'f', addedAt: '2020-01-01T00:00:00.000Z', expiresAt: null }],
    }),
  ]);
  await judge({ keyDays: 30, quietHours: { from: clockTime(hour - 1), to: clockTime(hour + 1) } });
  const { notifications: found } = notifications.list();
  expect(found).toMatchObject([{ kind: 'key-old', quiet: true }]);
  notifications.markSeen({ ids: found.map((one) => one.id) });
  expect(notifications.list().unseen).toBe(0);
  await answer(1_000);
  expect(listed()).toEqual([['key-old', null, 'over']]);
  await answer(8 * 24 * 60 * minute);
  expect(listed()).toEqual([]);
});

test('when all are marked as seen, those seen before keep their time', async () => {
  const old = { type: 't', fingerprint: 'f', addedAt: '2020-01-01T00:00:00.000Z', expiresAt: null };
  fixture.ports.hold();
  fixture.answer(
    kiln,
    ['acme', 'globex', 'initech'].map((clientId) => aTenant(clientId, { keys: [old] })),
  );
  await judge({ keyDays: 30 });
  const seen = () => notifications.list().notifications.map((one) => [one.clientId, one.seenAt]);
  const [first] = notifications.list().notifications;
  if (first === undefined) throw new Error('nothing was raised');
  const before = new Date(fixture.clock.now).toISOString();
  notifications.markSeen({ ids: [first.id] });
  fixture.clock.now += minute;
  marks = 0;
  notifications.markSeen({ all: true });
  const now = new Date(fixture.clock.now).toISOString();
  expect(seen()).toEqual([
    ['acme', before],
    ['globex', now],
    ['initech', now],
  ]);
  notifications.markSeen({ all: true });
  expect(marks).toBe(1);
});

test('saves rules and records who changed them', async () => {
  marks = 0;
  await judge({ downMinutes: 1 });
  notifications.close();
  notifications = start();
  expect(notifications.rules()).toMatchObject({ downMinutes: 1, keyDays: null });
  const { records } = audit.list({ before: null, limit: 10, query: 'notification.change' });
  expect(records.map((record) => [record.phase, record.result])).toEqual([
    ['outcome', 'ok'],
    ['intent', 'pending'],
  ]);
  expect(marks).toBe(0);
});

test('when the computer slept for a night, an appliance gets as long to answer as after a start', async () => {
  fixture.ports.hold();
  answeredAt = fixture.clock.now;
  await judge();
  const pass = async (ms: number) => {
    fixture.clock.now += ms;
    await judge();
  };
  await pass(8 * 60 * minute);
  expect(listed()).toEqual([]);
  for (let waited = 0; waited < 4.5 * minute; waited += minute / 2) await pass(minute / 2);
  expect(listed()).toEqual([]);
  await pass(minute / 2);
  expect(listed()).toEqual([['appliance-unseen', null, 'open']]);
});
