import { afterEach, beforeEach, expect, it } from 'vitest';
import { startKitAppliance, type KitAppliance } from '../../../test-support/kitAppliance.ts';
import type { Observation, ObservedListener, ObservedSession } from '../procfs/runtime.ts';
import { saveAnnouncement } from '../sessions/announcements.ts';
import { saveState } from '../state/tenantState.ts';
import { listTenants } from './tenantList.ts';

const at = '2026-11-28T10:00:00.000Z';
const port = 2200;
const ports = [{ first: port, last: port + 9 }];
const session: ObservedSession = {
  clientId: 'acme',
  permittedPorts: ports,
  pid: 41,
  startTicks: 7,
  kind: 'connect',
  peerAddress: '10.0.0.1',
  peerPort: 4711,
  since: at,
  keyFingerprint: 'SHA256:x',
  connectVersion: '1.2.3',
  lastHeartbeatAt: at,
  silentSince: null,
};
const listener: ObservedListener = { port, address: '127.0.0.1', pid: session.pid };
const hidden = { name: null, user: 'connect', clientId: null, isReleasable: false };
const hide = (pid: number): Observation => ({
  sessions: [],
  listeners: [{ ...listener, pid, holder: hidden }],
});
const up: Observation = { sessions: [session], listeners: [listener] };
const none: Observation = { sessions: [], listeners: [] };
/** A login or an end that was seen in part. */
const partly = {
  'the listener of a process that was not there yet': {
    sessions: [],
    listeners: [{ ...listener, pid: null, holder: hidden }],
  },
  'the listener of a process that is no known session': {
    sessions: [],
    listeners: [{ ...listener, holder: { ...hidden, name: 'sshd', isReleasable: true } }],
  },
  'a session that has closed its listener': { sessions: [session], listeners: [] },
  'a session that has closed its connection': {
    sessions: [{ ...session, peerAddress: null }],
    listeners: [listener],
  },
  'a session whose monitor process has ended': {
    sessions: [{ ...session, isOrphaned: true }],
    listeners: [listener],
  },
  'a listener on a port of an earlier allotment': {
    sessions: [session],
    listeners: [listener, { ...listener, port: 3000 }],
  },
} as const satisfies Record<string, Observation>;

let kit: KitAppliance;

async function saveTenant(suspended = false): Promise<void> {
  const tenant = { clientId: 'acme', quota: 10, suspended, ports, keys: [], createdAt: at, changedAt: at };
  await saveState(kit.config.stateFolder, { tenants: [tenant], formerKeys: [] });
}

beforeEach(async () => {
  kit = await startKitAppliance();
  await saveTenant();
  await saveAnnouncement({
    runFolder: kit.config.runFolder,
    clientId: 'acme',
    announcement: {
      session: { pid: session.pid, startTicks: session.startTicks },
      announcedAt: at,
      forwards: [{ port, group: 'g', repository: 'files', uri: 'smb://nas:445' }],
      unplaced: [],
      omitted: 0,
    },
    isLive: async () => true,
  });
});
afterEach(() => kit.stop());

/** Lists the only tenant while the appliance shows one observation after the other, and the last one for ever. */
async function list(...shown: readonly Observation[]) {
  let count = 0;
  const observe = async () => shown[Math.min(count++, shown.length - 1)] ?? none;
  const { runtime } = kit.appliance;
  const listed = await listTenants({ ...kit.appliance, runtime: { ...runtime, observe } }, null);
  const { sessions, forwards } = listed.tenants[0] ?? {};
  return { count, sessions, forwards };
}

it.each([
  { name: 'a session with its listener', observation: up },
  { name: 'no session', observation: none },
])('when everything fits, observes once: $name', async ({ observation }) => {
  expect(await list(observation)).toMatchObject({
    count: 1,
    sessions: observation.sessions.map(({ pid }) => ({ pid })),
  });
});

it.each(Object.entries(partly))(
  'when only one observation shows this, does not list it: %s',
  async (_, seen) => {
    for (const after of [up, none]) {
      const { sessions, forwards } = await list(after);
      expect(await list(seen, after)).toEqual({ count: 2, sessions, forwards });
    }
  },
);

it.each(Object.entries(partly))('when two observations show this, lists it: %s', async (_, seen) => {
  const { count, ...lasting } = await list(seen);
  expect(count).toBe(2);
  for (const usual of [up, none]) {
    const { sessions, forwards } = await list(usual);
    expect(lasting).not.toEqual({ sessions, forwards });
  }
});

it('when a suspended tenant has a session, lists it only if the session does not end', async () => {
  await saveTenant(true);
  expect(await list(up, none)).toMatchObject({ count: 2, sessions: [] });
  expect(await list(up)).toMatchObject({ count: 2, sessions: [{ pid: session.pid }] });
  const next = { ...session, pid: 42 };
  const other = { sessions: [next], listeners: [{ ...listener, pid: next.pid }] };
  expect(await list(up, other, none)).toMatchObject({ count: 3, sessions: [] });
});

it('when sessions start and end all the time, ends after three observations', async () => {
  expect(await list(hide(1), hide(2), hide(3), hide(4))).toMatchObject({
    count: 3,
    forwards: [{ listener: { pid: 3 } }],
  });
});

it('when a tenant fits until the last observation, lists what fits', async () => {
  const other = { ...session, clientId: 'other', pid: 99, peerAddress: null };
  const busy = (pid: number, observation: Observation): Observation => ({
    ...observation,
    sessions: [...observation.sessions, { ...other, pid }],
  });
  const tenant = { quota: 10, suspended: false, keys: [], createdAt: at, changedAt: at };
  const tenants = [
    { ...tenant, clientId: 'acme', ports },
    { ...tenant, clientId: 'other', ports: [{ first: 4000, last: 4009 }] },
  ];
  await saveState(kit.config.stateFolder, { tenants, formerKeys: [] });
  const closing = partly['a session that has closed its listener'];
  expect(await list(busy(1, up), busy(2, up), busy(3, closing))).toMatchObject({
    count: 3,
    forwards: [{ listener: { pid: session.pid } }],
  });
});
