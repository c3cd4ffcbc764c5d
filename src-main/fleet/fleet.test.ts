import { createUsageDriver } from '../driver/usageCommands.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { watchVersion, type WatchLine } from '../../src-shared/model/watch/watchLines.ts';
import { splitAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import { aLicence } from '../../test-support/aLicence.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { unwatched } from '../../test-support/unwatched.ts';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { createAudit } from '../audit/audit.ts';
import { createInventory, type Inventory } from '../inventory/inventory.ts';
import type { Session } from '../ssh/types.ts';
import { openStore, type Store } from '../store/store.ts';
import { createFleet, type Fleet } from './fleet.ts';
import type { Driver } from '../driver/driver.ts';
import { createLinks, type Links } from '../links/links.ts';
import { createPrompts, type Prompts } from '../links/prompts.ts';
import { createChangeFeed } from '../base/changeFeed.ts';
import { silentLog } from '../../test-support/silentLog.ts';

const networks: RemoteNetworks = {
  contract: 1,
  portRange: { first: 2200, last: 5199 },
  tenants: [],
  refusedLogIns: [],
};
const aStatus: ApplianceStatus = {
  contract: 1,
  identity: { id: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001', hostname: 'kiln' },
  versions: { appliance: '1.34.2', kit: '1', sshd: null, os: null },
  clock: { now: '2026-11-20T12:00:00.000Z', ranBackFrom: null },
  uptimeSeconds: 1,
  disks: [],
  services: [],
  findings: [],
  logs: { syslog: '/var/log/syslog' },
};
const input = anInput('kiln');
const since = '2026-11-20T12:00:00.000Z';
const lingerMs = 60_000;

let folder: string;
let store: Store;
let inventory: Inventory;
let prompts: Prompts;
let links: Links;
let fleet: Fleet;
let driver: Driver;
let now: number;
let steady: number;
let moved: string[];
let asked: string[];
let probed: Set<(applianceId: string) => void>;

const refuse = () => Promise.reject(new AppError('COMMAND_FAILED', 'refused'));

/** A session that connects at once when it is wanted. The test provides the appliance's answers. */
function linkedSession(): Session {
  let state: LinkState = { state: 'idle', since };
  const listeners = new Set<(state: LinkState) => void>();
  const become = (next: LinkState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  return {
    state: () => state,
    steps: () => [],
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    want: () => {
      if (state.state === 'connected') return;
      const algorithms = { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] };
      become({
        state: 'connected',
        since: new Date(now).toISOString(),
        latencyMs: null,
        lastHeardAt: since,
        serverSoftware: 's',
        algorithms,
      });
    },
    release: () => become({ state: 'idle', since }),
    ready: () => Promise.resolve(),
    run: refuse,
    stream: refuse,
    forwardOut: refuse,
    forwardIn: refuse,
    files: refuse,
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'sallyport-fleet-'));
  store = openStore({ folder });
  now = Date.parse(since);
  steady = 0;
  asked = [];
  moved = [];
  probed = new Set();
  const clock = () => now;
  const log = pino({ level: 'silent' });
  inventory = createInventory({ store, clock, operator: 'ada' });
  const changes = createChangeFeed({ batchMs: 200 });
  prompts = createPrompts({ clock, changes });
  driver = {
    status: refuse,
    remoteNetworks: () => {
      asked.push('remoteNetworks');
      return Promise.resolve(networks);
    },
    licence: refuse,
    watch: unwatched,
    licences: { request: refuse, import: refuse, receipt: refuse, history: refuse, rollBack: refuse },
    connected: { authority: refuse, fetch: refuse },
    usage: createUsageDriver({
      session: { stream: refuse },
      run: refuse,
      privileged: false,
      isInstalled: refuse,
    }),
    accounts: { list: refuse, applications: refuse, plan: refuse, apply: refuse },
    changeTenant: refuse,
    readText: refuse,
    configuration: { show: refuse, check: refuse, update: refuse, rollBack: refuse },
    groupKeys: { list: refuse, show: refuse, rotate: refuse },
    syslogTail: refuse,
    syslogFiles: refuse,
    findLogProblem: refuse,
    readSyslog: refuse,
  };
  const audit = createAudit({
    log: silentLog,
    store,
    actor: { operator: 'ada', role: 'admin', source: 'test' },
    clock,
    changes,
  });
  const openSession = () => ({ session: linkedSession(), driver });
  links = createLinks({
    inventory,
    audit,
    prompts,
    openSession,
    clock,
    log,
    lingerMs,
    waitsForSecrets: false,
  });
  fleet = createFleet({
    inventory,
    links,
    changes,
    store,
    clock,
    steadyClock: () => steady,
    log,
    linesPerSecond: () => null,
    onMachineReplaced: (id) => moved.push(id),
    onProbed: (listener) => {
      probed.add(listener);
      return () => void probed.delete(listener);
    },
  });
});
afterEach(() => {
  links.close();
  fleet.close();
  store.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const stored = () => store.all(store.query.selectFrom('observation').select('kind')).map((row) => row.kind);

test('when a command fails, a poll returns its error; otherwise none', async () => {
  const { id } = inventory.add(input, []);
  driver.status = () => Promise.reject(new AppError('SUDO_REFUSED', 'sudo refused'));
  expect(await fleet.refresh([id])).toEqual(
    new Map([[id, expect.objectContaining({ code: 'SUDO_REFUSED', message: 'sudo refused' })]]),
  );
  expect(fleet.view(id).unparsed?.value).toMatchObject({ command: 'ke_status', error: 'sudo refused' });
  expect(fleet.view(id).tenants).toEqual({ total: 0, withSession: 0, suspended: 0 });
});

test('when an appliance’s address changes, starts again and ignores late answers of the old machine', async () => {
  const { id } = inventory.add(input, []);
  await fleet.refresh([id]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stored()).toContain('remoteNetworks');
  const late = Promise.withResolvers<RemoteNetworks>();
  driver = { ...driver, remoteNetworks: () => late.promise };
  inventory.edit(id, { ...input, target: { ...input.target, port: 2222 } });
  expect(fleet.view(id)).toMatchObject({ tenants: null, unparsed: null, observedAt: null });
  expect(moved).toEqual([id]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stored()).toEqual([]);

  const refreshing = fleet.refresh([id]);
  await vi.advanceTimersByTimeAsync(0);
  driver = { ...driver, remoteNetworks: refuse };
  inventory.edit(id, { ...input, target: { ...input.target, host: 'two' } });
  late.resolve(networks);
  await refreshing;
  expect(fleet.view(id).tenants).toBeNull();
});

test.each([
  ['is lost and comes up again', (id: string) => (links.disconnect(id), links.connect(id))],
  [
    'is replaced, because another jump host leads to it',
    (id: string) => inventory.edit(id, { ...input, jumps: [{ ...input.target, host: 'gate' }] }),
  ],
])('when the link %s during a poll, its answer is of the time before', async (_what, interrupt) => {
  const { id } = inventory.add(input, []);
  answerWell();
  const tenants = [aConnectedTenant('acme', [2200])];
  driver.remoteNetworks = () => Promise.resolve({ ...networks, tenants });
  const release = fleet.follow([id]);
  const codeNow = () => fleet.tenants(id)[0]?.tunnels[0]?.code;
  await fleet.refresh([id]);
  expect(codeNow()).toBe('T-4000');

  const late = Promise.withResolvers<RemoteNetworks>();
  driver.remoteNetworks = () => late.promise;
  now += 1_000;
  const refreshing = fleet.refresh([id]);
  await vi.advanceTimersByTimeAsync(0);
  now += 1_000;
  interrupt(id);
  now += 1_000;
  expect(codeNow() ?? 'T-1002').toBe('T-1002');
  late.resolve({ ...networks, tenants });
  await refreshing;
  expect(codeNow() ?? 'T-1002').toBe('T-1002');
  expect(fleet.tenantViews(inventory.get(id)).isFresh).toBe(false);

  driver.remoteNetworks = () => Promise.resolve({ ...networks, tenants });
  await fleet.refresh([id]);
  expect(codeNow()).toBe('T-4000');
  release();
});

test('when an edit doesn’t lead to another machine, keeps the known values', async () => {
  const { id } = inventory.add(input, []);
  await fleet.refresh([id]);
  for (const change of [{ group: 'north' }, { sudo: 'none' as const }, { legacyAlgorithms: true }])
    inventory.edit(id, { ...input, ...change });
  const authentication = { ...input.target.authentication, keyFile: '/keys/new' };
  inventory.edit(id, { ...input, target: { ...input.target, authentication } });
  expect(fleet.view(id).tenants).toEqual({ total: 0, withSession: 0, suspended: 0 });
  expect(moved).toEqual([]);
});

test('when this computer’s clock is set back, keeps polling', async () => {
  const { id } = inventory.add(input, []);
  await fleet.refresh([id]);
  const release = fleet.follow([id]);
  const before = asked.length;
  now -= 24 * 3_600_000;
  steady += 5_000;
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toHaveLength(before + 1);
  expect(fleet.view(id).observedAt).toBe(new Date(now).toISOString());
  release();
});

/** Lets a minute pass, in which a followed appliance is polled. */
async function passMinute(): Promise<void> {
  steady += 60_000;
  await vi.advanceTimersByTimeAsync(2_000);
}

test('when an appliance is connected, polls it only while it is followed', async () => {
  const { id } = inventory.add(input, []);
  const hold = links.hold([id]);
  await passMinute();
  expect(links.state(id).state).toBe('connected');
  expect(asked).toEqual([]);
  const unfollow = fleet.follow([id]);
  await passMinute();
  const before = asked.length;
  expect(before).toBeGreaterThan(0);
  unfollow();
  await passMinute();
  expect(links.state(id).state).toBe('connected');
  expect(asked).toHaveLength(before);
  hold();
});

test('when a link is no longer needed, cancels its prompt', async () => {
  const { id } = inventory.add(input, []);
  const release = fleet.follow([id]);
  const hop = 'u@one:22';
  const answer = prompts.ask(id, { hop, kind: 'password', title: 't', fields: [], refused: false });
  release();
  await vi.advanceTimersByTimeAsync(lingerMs - 1);
  expect(prompts.list()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(prompts.list()).toEqual([]);
  expect(await answer).toBeNull();
});

test('reuses the diagnosis of a list for the appliance’s page until the next answer or probe', async () => {
  const { id } = inventory.add(input, []);
  expect(fleet.tenantViews(inventory.get(id))).toBe(fleet.tenantViews(inventory.get(id)));
  expect(fleet.known(id)).toEqual({});
  driver.remoteNetworks = () => Promise.resolve({ ...networks, tenants: [aConnectedTenant('acme', [2200])] });
  const release = fleet.follow([id]);
  await fleet.refresh([id]);
  const views = fleet.tenantViews(inventory.get(id));
  expect(views).toMatchObject({ isFresh: true, views: [{ tenant: { clientId: 'acme' } }] });
  expect(fleet.view(id).tunnels).toEqual({ down: 0, attention: 0, unknown: 0 });
  expect(fleet.tenants(id)[0]).toBe(views.views[0]);
  for (const listener of probed) listener(id);
  const again = fleet.tenantViews(inventory.get(id));
  expect(again).not.toBe(views);
  await fleet.refresh([id]);
  expect(fleet.tenantViews(inventory.get(id))).not.toBe(again);
  release();
});

/** Advances the clock by `seconds`, so that the polls of that time run. */
async function pass(seconds: number): Promise<void> {
  for (let half = 0; half < seconds * 2; half += 1) {
    steady += 500;
    await vi.advanceTimersByTimeAsync(500);
  }
}

function answerWell(): void {
  driver.status = () => Promise.resolve(aStatus);
  driver.licence = refuse;
  driver.remoteNetworks = () => {
    asked.push('remoteNetworks');
    return Promise.resolve(networks);
  };
}

const problemsOf = (id: string) => fleet.view(id).health.problems.map(({ code }) => code);

test.each([
  ['can’t be read', new AppError('OUTPUT_UNPARSED', 'it is not JSON')],
  ['are too large', new AppError('OUTPUT_TOO_LARGE', 'list printed more than 8388608 bytes')],
  ['never come', new AppError('COMMAND_TIMEOUT', 'list did not end within 20 s')],
])(
  'when answers %s, polls the appliance less often until one is valid; Refresh polls it at once',
  async (_what, failure) => {
    const { id } = inventory.add(input, []);
    answerWell();
    const release = fleet.follow([id]);
    // The kit says that it has no ke_watch, and is polled.
    await vi.advanceTimersByTimeAsync(0);
    await pass(10);
    expect(asked).toHaveLength(3);
    expect(problemsOf(id)).not.toContain('A-1021');
    driver.remoteNetworks = () => {
      asked.push('remoteNetworks');
      return Promise.reject(failure);
    };
    asked = [];
    // The intervals are 5, 10, 20, 40, 80 and again 80 seconds, because every poll fails.
    await pass(5 + 10 + 20 + 40 + 80);
    expect(asked).toHaveLength(5);
    await pass(79);
    expect(asked).toHaveLength(5);
    expect(fleet.view(id).health.problems).toContainEqual({
      code: 'A-1021',
      severity: 'warn',
      text: 'its answers are slow or can’t be read, so the console polls it only every 80 s; Refresh polls it now',
      clientId: null,
      port: null,
    });
    answerWell();
    await fleet.refresh([id]);
    expect(asked).toHaveLength(6);
    expect(problemsOf(id)).not.toContain('A-1021');
    await pass(10);
    expect(asked).toHaveLength(8);
    release();
  },
);

test('when one appliance sends bad answers, polls the others as often as before', async () => {
  const bad = inventory.add(input, []).id;
  const good = inventory.add({ ...anInput('forge'), target: { ...input.target, port: 2222 } }, []).id;
  answerWell();
  const release = fleet.follow('all');
  const { of } = links;
  const badDriver = {
    ...driver,
    remoteNetworks: () => Promise.reject(new AppError('OUTPUT_UNPARSED', 'it is not JSON')),
  };
  links.of = (id) => (id === bad ? { ...of(id), driver: badDriver } : of(id));
  await pass(60);
  expect(problemsOf(bad)).toContain('A-1021');
  asked = [];
  await pass(20);
  expect(asked).toHaveLength(4);
  expect(problemsOf(good)).not.toContain('A-1021');
  release();
});

test('when an appliance answers slowly, polls it less often', async () => {
  const { id } = inventory.add(input, []);
  answerWell();
  driver.remoteNetworks = async () => {
    asked.push('remoteNetworks');
    await new Promise((resolve) => setTimeout(resolve, 16_000));
    return networks;
  };
  const release = fleet.follow([id]);
  await pass(17);
  expect(problemsOf(id)).toContain('A-1021');
  release();
});

test('when an appliance with bad answers drops the link, does not poll it sooner', async () => {
  const { id } = inventory.add(input, []);
  answerWell();
  driver.remoteNetworks = () => {
    asked.push('remoteNetworks');
    return Promise.reject(new AppError('OUTPUT_UNPARSED', 'it is not JSON'));
  };
  const release = fleet.follow([id]);
  await pass(35);
  asked = [];
  for (let time = 0; time < 10; time += 1) {
    links.of(id).session.release();
    links.of(id).session.want();
    await pass(1);
  }
  expect(asked).toEqual([]);
  release();
});

test('when an appliance has no --json, polls it as often as others', async () => {
  const { id } = inventory.add(input, []);
  answerWell();
  driver.remoteNetworks = () => {
    asked.push('remoteNetworks');
    return Promise.reject(new AppError('OUTPUT_UNPARSED', 'old', { detail: { knowsJson: false } }));
  };
  const release = fleet.follow([id]);
  await pass(30);
  asked = [];
  await pass(20);
  expect(asked).toHaveLength(4);
  expect(problemsOf(id)).not.toContain('A-1021');
  release();
});

const withQuota = (quota: number): RemoteNetworks => ({
  ...networks,
  tenants: [aTenant('acme', { quota })],
});
const quotas = (id: string) => fleet.networks(id).map(({ quota }) => quota);

describe('when tenants are read for a change', () => {
  test('updates all views and calls the listeners', async () => {
    const { id } = inventory.add(input, []);
    await fleet.refresh([id]);
    const observed: string[] = [];
    fleet.onObserved((applianceId) => observed.push(applianceId));
    driver.remoteNetworks = () => Promise.resolve(withQuota(20));
    now += 1_000;
    expect(await fleet.readTenants(id)).toEqual({
      networks: withQuota(20),
      observedAt: new Date(now).toISOString(),
    });
    expect(fleet.remoteNetworks(id)).toEqual({
      value: withQuota(20),
      observedAt: new Date(now).toISOString(),
    });
    expect(observed).toEqual([id]);
  });

  test('when an earlier poll answers later, ignores its answer', async () => {
    const { id } = inventory.add(input, []);
    await fleet.refresh([id]);
    const late = Promise.withResolvers<RemoteNetworks>();
    driver.remoteNetworks = () => late.promise;
    const round = fleet.refresh([id]);
    await vi.advanceTimersByTimeAsync(0);
    driver.remoteNetworks = () => Promise.resolve(withQuota(40));
    await fleet.readTenants(id);
    late.resolve(withQuota(20));
    await round;
    expect(quotas(id)).toEqual([40]);
  });

  test('when a listener throws, the caller still gets the answer', async () => {
    const { id } = inventory.add(input, []);
    await fleet.refresh([id]);
    fleet.onObserved(() => {
      throw new Error('no space left');
    });
    driver.remoteNetworks = () => Promise.resolve(withQuota(20));
    expect(await fleet.readTenants(id)).toMatchObject({ networks: withQuota(20) });
    expect(quotas(id)).toEqual([20]);
  });

  test('when the command fails, rejects and shows the error', async () => {
    const { id } = inventory.add(input, []);
    driver.status = () => Promise.resolve(aStatus);
    await fleet.refresh([id]);
    driver.remoteNetworks = () => Promise.reject(new AppError('OUTPUT_UNPARSED', 'not JSON'));
    await expect(fleet.readTenants(id)).rejects.toMatchObject({ code: 'OUTPUT_UNPARSED' });
    expect(fleet.view(id).unparsed?.value).toMatchObject({
      command: 'ke_manage_remote_networks list',
      error: 'not JSON',
    });
  });
});

/** What `ke_watch` prints first about an appliance without tenants. */
const snapshot: WatchLine = {
  type: 'snapshot',
  version: watchVersion,
  epoch: 'e',
  revision: 1,
  seen: { ms: 0, sentMs: 0, now: since, uptimeSeconds: 1 },
  parts: Object.fromEntries(
    splitAppliance({ status: aStatus, remoteNetworks: networks, licence: aLicence({}) }),
  ),
};

const untilAborted = (signal: AbortSignal) =>
  new Promise((resolve) => signal.addEventListener('abort', resolve));

const watchQuiet: Driver['watch'] = async function* watchQuiet({ signal }) {
  yield snapshot;
  await untilAborted(signal);
};

const watchSilent: Driver['watch'] = async function* watchSilent({ signal }) {
  await untilAborted(signal);
  yield snapshot;
};

describe('when a link comes up', () => {
  test('asks with one command, and runs no others while the appliance tells what changes', async () => {
    const { id } = inventory.add(input, []);
    answerWell();
    driver.watch = watchQuiet;
    const release = fleet.follow([id]);
    await pass(4);
    expect(asked).toEqual([]);
    expect(fleet.view(id).observedAt).not.toBeNull();
    release();
  });

  test('when this computer’s clock is set back, shows what the appliance says next', async () => {
    const { id } = inventory.add(input, []);
    answerWell();
    const next = Promise.withResolvers<void>();
    driver.watch = async function* watchOnce({ signal }) {
      yield snapshot;
      await next.promise;
      const seen = { ms: 1000, sentMs: 1000, now: since, uptimeSeconds: 2 };
      const set = { 'tenant acme': aTenant('acme', { quota: 7 }) };
      yield { type: 'change', revision: 2, seen, set, unset: {}, gone: [] };
      await untilAborted(signal);
    };
    const release = fleet.follow([id]);
    await pass(1);
    now -= 3_600_000;
    next.resolve();
    await pass(1);
    expect(quotas(id)).toEqual([7]);
    expect(fleet.view(id).observedAt).toBe(new Date(now).toISOString());
    release();
  });

  test('runs the others after three seconds if the appliance has said nothing', async () => {
    const { id } = inventory.add(input, []);
    answerWell();
    driver.watch = watchSilent;
    const release = fleet.follow([id]);
    await pass(2.5);
    expect(asked).toEqual([]);
    await pass(1);
    expect(asked).toEqual(['remoteNetworks']);
    release();
  });
});
