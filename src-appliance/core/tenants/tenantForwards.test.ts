import { expect, it } from 'vitest';
import type { ObservedListener, ObservedSession } from '../procfs/runtime.ts';
import type { Announcement } from '../sessions/announcements.ts';
import { listForwards, mergeAnnouncements } from './tenantForwards.ts';

const at = (second: number) => new Date(Date.UTC(2026, 10, 28, 10, 0, second)).toISOString();

const tenant = {
  clientId: 'acme',
  quota: 20,
  suspended: false,
  ports: [{ first: 2200, last: 2219 }],
  keys: [],
  createdAt: at(0),
  changedAt: at(0),
};

function session(pid: number, change: Partial<ObservedSession> = {}): ObservedSession {
  return {
    clientId: 'acme',
    permittedPorts: tenant.ports,
    pid,
    startTicks: pid,
    kind: 'connect',
    peerAddress: '10.0.0.1',
    peerPort: pid,
    since: at(1),
    keyFingerprint: 'SHA256:x',
    connectVersion: '1.2.3',
    lastHeartbeatAt: at(9),
    silentSince: null,
    ...change,
  };
}

/** The session announces one repository for each port, named after itself. */
function announcement(pid: number | null, second: number, ...ports: number[]): Announcement {
  const name = `from-${pid ?? 'unknown'}`;
  const repository = { group: 'g', repository: name, uri: `smb://${name}:445` };
  return {
    session: pid === null ? null : { pid, startTicks: pid },
    announcedAt: at(second),
    forwards: ports.map((port) => ({ port, ...repository })),
    unplaced: [{ group: 'g', repository: `${name}-unplaced`, uri: 'smb://nas:445' }],
    omitted: 0,
  };
}

const held = (port: number, pid: number | null, address = '127.0.0.1'): ObservedListener => ({
  port,
  address,
  pid,
});

const plain = { kind: 'plain', connectVersion: null, lastHeartbeatAt: null } as const;
const first = announcement(1, 2, 2200, 2201);
const second = announcement(2, 5, 2200, 2202);
const third = announcement(3, 6, 2200, 2203);

/** Lists `port repository`, with a dash if none is known. */
function list(seen: {
  announcements: readonly Announcement[];
  sessions: readonly ObservedSession[];
  listeners?: readonly ObservedListener[];
}): string[] {
  const whole = {
    tenant,
    listenAddress: undefined,
    intruders: [],
    sessions: seen.sessions,
    listeners: [...(seen.listeners ?? [])],
  };
  const newestFirst = seen.announcements.toSorted((a, b) => (a.announcedAt < b.announcedAt ? 1 : -1));
  const merged = mergeAnnouncements(newestFirst, whole);
  return listForwards(whole, merged).map(
    ({ port, repository, announcedAt }) =>
      `${port} ${repository ?? '-'}${announcedAt === null ? '' : ` ${announcedAt.slice(17, 19)}`}`,
  );
}

it.each([
  [
    'the first holds the shared port',
    [held(2200, 1), held(2201, 1), held(2202, 2)],
    ['2200 from-1 02', '2201 from-1 02', '2202 from-2 05'],
  ],
  [
    'the second holds the shared port',
    [held(2200, 2)],
    ['2200 from-2 05', '2201 from-1 02', '2202 from-2 05'],
  ],
  ['nobody holds the shared port', [], ['2200 from-2 05', '2201 from-1 02', '2202 from-2 05']],
  [
    'a foreign process holds the shared port',
    [held(2200, 99)],
    ['2200 from-2 05', '2201 from-1 02', '2202 from-2 05'],
  ],
  [
    'the first holds it on both address families',
    [held(2200, 99, '::1'), held(2200, 1)],
    ['2200 from-1 02', '2201 from-1 02', '2202 from-2 05'],
  ],
])(
  'when two Connects use one key and %s, lists each port as its holder announced it',
  (_, listeners, expected) => {
    const sessions = [session(1), session(2, { since: at(4) })];
    expect(list({ announcements: [first, second], sessions, listeners })).toEqual(expected);
  },
);

it('when three Connects use one key, lists each port as its holder announced it', () => {
  const sessions = [session(1), session(2), session(3)];
  const listeners = [held(2200, 1), held(2202, 2), held(2203, 3)];
  expect(list({ announcements: [first, second, third], sessions, listeners })).toEqual([
    '2200 from-1 02',
    '2201 from-1 02',
    '2202 from-2 05',
    '2203 from-3 06',
  ]);
});

it('when the second Connect has ended, lists only what the first announced', () => {
  expect(
    list({ announcements: [first, second], sessions: [session(1)], listeners: [held(2200, 1)] }),
  ).toEqual(['2200 from-1 02', '2201 from-1 02']);
});

it('when the first Connect has ended, lists only what the second announced', () => {
  expect(list({ announcements: [first, second], sessions: [session(2)] })).toEqual([
    '2200 from-2 05',
    '2202 from-2 05',
  ]);
});

it('when a Connect reconnects while its old session hangs, lists what it announced', () => {
  const same = { ...announcement(2, 5, 2200, 2201), forwards: first.forwards };
  const sessions = [session(1, { silentSince: at(8) }), session(2, { since: at(4) })];
  expect(list({ announcements: [first, same], sessions, listeners: [held(2200, 1)] })).toEqual([
    '2200 from-1 02',
    '2201 from-1 05',
  ]);
});

it('when a plain ssh runs next to a Connect, lists no repository for the ports of ssh', () => {
  const sessions = [session(1), session(5, { ...plain, since: at(4) })];
  const listeners = [held(2200, 5), held(2201, 1), held(2209, 5)];
  expect(list({ announcements: [first], sessions, listeners })).toEqual([
    '2200 -',
    '2201 from-1 02',
    '2209 -',
  ]);
});

it.each([
  ['before Connect announced', at(1), ['2200 from-1 02', '2201 from-1 02']],
  ['after Connect announced', at(4), []],
])('when Connect has ended and a plain ssh that began %s is left', (_, since, expected) => {
  expect(list({ announcements: [first], sessions: [session(5, { ...plain, since })] })).toEqual(expected);
});

it('when no session is left, lists what the last sessions announced', () => {
  expect(list({ announcements: [first, second], sessions: [] })).toEqual([
    '2200 from-2 05',
    '2201 from-1 02',
    '2202 from-2 05',
  ]);
});

it('when the process ID of an ended session is used again, does not use the old announcement', () => {
  const later = session(1, { startTicks: 7, since: at(4) });
  expect(list({ announcements: [first], sessions: [later], listeners: [held(2200, 1)] })).toEqual(['2200 -']);
});

it('when an earlier kit stored the announcement, uses it for sessions that had begun', () => {
  const old = announcement(null, 2, 2200);
  const listeners = [held(2200, 1)];
  expect(list({ announcements: [old], sessions: [session(1)], listeners })).toEqual(['2200 from-unknown 02']);
  expect(list({ announcements: [old], sessions: [session(1, { since: at(3) })], listeners })).toEqual([
    '2200 -',
  ]);
});

it('when two sessions announce repositories without a port, lists each once', () => {
  const whole = {
    tenant,
    listenAddress: undefined,
    intruders: [],
    sessions: [session(1), session(2)],
    listeners: [],
  };
  const again = { ...second, unplaced: [...first.unplaced, ...second.unplaced], omitted: 3 };
  const { unplaced, omitted } = mergeAnnouncements([again, first], whole);
  expect(unplaced.map(({ repository }) => repository)).toEqual(['from-1-unplaced', 'from-2-unplaced']);
  expect(omitted).toBe(3);
});
