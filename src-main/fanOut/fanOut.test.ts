import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { RunOrder } from '../../src-shared/model/fanOut/runOrder.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import type { TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { silentLog } from '../../test-support/silentLog.ts';
import { openStore, type Store } from '../store/store.ts';
import { createFanOut, type FanOut } from './fanOut.ts';

/* Runs with the console's own store, inventory and audit trail; what appliances answer is given. */

type Answer = { exitCode: number; output: string } | AppError;

let site: TestServices;
let store: Store;
let fanOut: FanOut;
/** By name; the default is to print `fine`. */
let answers: Map<string, Answer>;
/** How many of the next writes fail, as on a full disk. */
let writesToFail: number;
/** How often a change of runs was reported. */
let marks: number;
/** The names in the order in which their commands were sent. */
let sent: string[];
/** Awaited by each command before it answers. */
let beforeAnswer: (name: string) => Promise<void>;

const read: RunTask = { kind: 'read', command: 'status' };
const suspend: RunTask = { kind: 'tenant', action: { kind: 'suspend', clientId: 'acme' } };
const order: RunOrder = { canaryId: null, wave: 2, stopAfter: 1, watchSeconds: 0 };
const names = (count: number) =>
  Array.from({ length: count }, (_, at) => `kiln-${String(at + 1).padStart(2, '0')}`);

function add(name: string): string {
  const port = 2000 + site.services.inventory.list().length;
  const input = anInput(name);
  return site.services.inventory.add({ ...input, target: { ...input.target, port } }, []).id;
}

const nameOf = (id: string) => site.services.inventory.get(id).name;

async function answer(id: string): Promise<{ exitCode: number; output: string }> {
  const name = nameOf(id);
  sent.push(name);
  await beforeAnswer(name);
  const found = answers.get(name) ?? { exitCode: 0, output: 'fine' };
  if (found instanceof AppError) throw found;
  return found;
}

const tenantOutcome = (state: TenantOutcome['state']): TenantOutcome => ({
  state,
  code: state === 'done' ? null : 'CONFLICT',
  message: `acme is ${state}`,
  tenant: {
    clientId: 'acme',
    quota: 0,
    suspended: true,
    ports: [{ first: 2200, last: 2203 }],
    keys: [],
    createdAt: '2026-11-01T00:00:00.000Z',
    changedAt: '2026-11-20T00:00:00.000Z',
    sessions: [],
    forwards: [],
    unplaced: [],
    lastSession: null,
  },
  observedAt: null,
  endedSessions: 1,
  fingerprint: null,
  privateKey: null,
  leftover: null,
});

function failToStore(): never {
  writesToFail -= 1;
  throw new AppError('STORE_FAILED', 'The disk is full.');
}

const refuse = () => Promise.reject(new AppError('INTERNAL', 'not used here'));

function createRuns(): FanOut {
  const { inventory, audit } = site.services;
  return createFanOut({
    inventory,
    audit,
    changes: { mark: ({ runs }) => void (marks += runs === true ? 1 : 0) },
    store: { ...store, write: (work) => (writesToFail > 0 ? failToStore() : store.write(work)) },
    clock: Date.now,
    operator: 'ada',
    log: silentLog,
    fleet: { readTenants: refuse, tenants: () => [] },
    links: {
      hold: () => () => undefined,
      waitUntilSettled: (id) => {
        const found = answers.get(nameOf(id));
        const since = new Date().toISOString();
        return Promise.resolve(
          found instanceof AppError && found.code.startsWith('HOST_KEY')
            ? { state: 'stopped', since, error: found.toData() }
            : {
                state: 'connected',
                since,
                latencyMs: null,
                lastHeardAt: since,
                serverSoftware: 'test',
                algorithms: { kex: '', hostKey: '', cipher: '', mac: '', weak: [] },
              },
        );
      },
      of: (id) => ({
        driver: {
          readText: async () => {
            const { exitCode, output } = await answer(id);
            return {
              exitCode,
              output,
              failure: exitCode === 0 ? null : new AppError('COMMAND_FAILED', output),
            };
          },
        },
      }),
    },
    tenants: {
      plan: async ({ applianceId, action }) => {
        inventory.assertUnlocked(applianceId);
        const before = { quota: 4, suspended: false, ports: [{ first: 2200, last: 2203 }], keys: [] };
        return {
          applianceId,
          applianceName: nameOf(applianceId),
          action,
          commands: [{ argv: ['ke'], text: 'ke' }],
          runsAs: 'root',
          upload: null,
          ends: [],
          before,
          after: { quota: 0, ports: before.ports },
          givesUp: [],
          undo: {
            possible: true,
            text: 'Resume it.',
            command: null,
            action: { kind: 'resume', clientId: 'acme', quota: 4 },
          },
          warnings: [],
          confirmName: null,
          printsPrivateKey: false,
          basis: '2026-11-01T00:00:00.000Z',
          observedAt: '2026-11-20T00:00:00.000Z',
        };
      },
      apply: async ({ applianceId, action, basis, reason }) => {
        const { exitCode } = await answer(applianceId);
        sent.push(`${action.kind} since ${basis ?? 'none'}, ${reason}`);
        return tenantOutcome(exitCode === 0 ? 'done' : 'unknown');
      },
    },
    configuration: { show: refuse, check: refuse, apply: refuse, rollBack: refuse },
  });
}

beforeEach(() => {
  site = createTestServices();
  store = openStore({ folder: site.dataFolder });
  answers = new Map();
  sent = [];
  marks = 0;
  writesToFail = 0;
  beforeAnswer = () => Promise.resolve();
  fanOut = createRuns();
});
afterEach(async () => {
  await fanOut.close();
  store.close();
  await site.close();
});

async function start(
  task: RunTask,
  ids: readonly string[],
  changes: Partial<RunOrder> = {},
): Promise<number> {
  const { draftId } = await fanOut.prepare({ task, applianceIds: ids, order: { ...order, ...changes } });
  return fanOut.start({ draftId, reason: 'OPS-1' }).number;
}

async function run(task: RunTask, ids: readonly string[], changes: Partial<RunOrder> = {}): Promise<number> {
  const number = await start(task, ids, changes);
  await fanOut.ended(number);
  return number;
}

const statesOf = (number: number) =>
  fanOut.view(number).results.map(({ name, state, skip }) => `${name} ${skip ?? state}`);
const recorded = (query: string) =>
  site.services.audit
    .list({ before: null, limit: 50, query })
    .records.toReversed()
    .map(
      ({ event, phase, errorCode, result, reason }) =>
        `${event} ${phase} ${errorCode ?? result} ${reason ?? '–'}`,
    );

const failed = { exitCode: 7, output: 'broken' };

test('when one fails, the run stops, and what is kept says what ran and what did not', async () => {
  const ids = names(5).map(add);
  answers.set('kiln-02', failed);
  const number = await run(read, ids);
  expect(fanOut.view(number)).toMatchObject({
    number: 1,
    state: 'stopped',
    stopCause: 'failures',
    operator: 'ada',
    reason: 'OPS-1',
    command: 'ke_status',
    most: ['kiln-01'],
  });
  expect(statesOf(number)).toEqual([
    'kiln-01 done',
    'kiln-02 failed',
    'kiln-03 not-started',
    'kiln-04 not-started',
    'kiln-05 not-started',
  ]);
  expect(fanOut.view(number).results[1]).toMatchObject({
    exitCode: 7,
    note: 'broken',
    comparison: { kind: 'differs', lines: 1 },
  });
  expect(recorded('RUN-0001')).toEqual([
    'fleet.run intent pending OPS-1',
    'fleet.run outcome COMMAND_FAILED OPS-1',
  ]);
});

test('when a run is resumed, exactly those that failed or were not started run again', async () => {
  const ids = names(12).map(add);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
      async (failures, wave, stopAfter) => {
        fc.pre(failures.includes(true));
        answers = new Map(names(12).flatMap((name, at) => (failures[at] === true ? [[name, failed]] : [])));
        const number = await run(read, ids, { wave, stopAfter });
        const left = fanOut.view(number).results.filter(({ state }) => state !== 'done');
        answers = new Map();
        sent = [];
        const { draftId } = await fanOut.prepareRest(number);
        expect(fanOut.start({ draftId, reason: '' }).number).toBe(number);
        await fanOut.ended(number);
        expect(sent.toSorted()).toEqual(left.map(({ name }) => name).toSorted());
        expect(fanOut.view(number)).toMatchObject({ state: 'finished', stopCause: null });
        expect(new Set(statesOf(number).map((text) => text.split(' ')[1]))).toEqual(new Set(['done']));
      },
    ),
    { numRuns: 8 },
  );
});

test('when nothing of a run is left, it can’t be resumed', async () => {
  const number = await run(read, names(2).map(add));
  await expect(fanOut.prepareRest(number)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('when an appliance can’t be used, it is skipped with the reason and never counts as done', async () => {
  const ids = names(3).map(add);
  answers.set('kiln-02', new AppError('HOST_KEY_CHANGED', 'The host key changed.'));
  answers.set('kiln-03', new AppError('LINK_LOST', 'The link was lost.'));
  const number = await run(read, ids, { wave: 3 });
  expect(statesOf(number)).toEqual(['kiln-01 done', 'kiln-02 host-key-changed', 'kiln-03 failed']);
  expect(sent.toSorted()).toEqual(['kiln-01', 'kiln-03']);
});

test('when an appliance is read-only, a change skips it and a read command does not', async () => {
  const ids = names(2).map(add);
  site.services.inventory.setLock(ids[0] ?? '', true);
  expect(statesOf(await run(suspend, ids))).toEqual(['kiln-01 read-only', 'kiln-02 done']);
  expect(statesOf(await run(read, ids))).toEqual(['kiln-01 done', 'kiln-02 done']);
  await expect(
    fanOut.prepare({ task: suspend, applianceIds: ids, order: { ...order, canaryId: ids[0] ?? null } }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('read-only') });
});

test('when the first one that can take a change is the canary, a read-only one is not', async () => {
  const ids = names(3).map(add);
  site.services.inventory.setLock(ids[0] ?? '', true);
  const prepared = await fanOut.prepare({
    task: suspend,
    applianceIds: ids,
    order: { ...order, canaryId: 'first' },
  });
  expect(prepared.order.canaryId).toBe(ids[1]);
  expect(prepared.waves.map(({ isCanary }) => isCanary)).toEqual([true, false]);
});

test('when the canary fails, nothing else starts, even if failures do not stop the run', async () => {
  const ids = names(3).map(add);
  answers.set('kiln-02', failed);
  const number = await run(read, ids, { canaryId: ids[1] ?? null, stopAfter: null });
  expect(statesOf(number)).toEqual(['kiln-01 not-started', 'kiln-02 failed', 'kiln-03 not-started']);
  expect(fanOut.view(number).stopCause).toBe('canary');
});

test('when a change is applied, it has the basis of its plan and a record with the run, and can be rolled back', async () => {
  const ids = names(2).map(add);
  answers.set('kiln-02', failed);
  const number = await run(suspend, ids);
  expect(sent).toContain('suspend since 2026-11-01T00:00:00.000Z, RUN-0001: OPS-1');
  expect(statesOf(number)).toEqual(['kiln-01 done', 'kiln-02 unknown']);
  expect(fanOut.view(number).results.map(({ canRollBack }) => canRollBack)).toEqual([true, false]);
  sent = [];
  fanOut.rollBack({ number, reason: 'OPS-2' });
  await fanOut.ended(number);
  expect(sent).toEqual(['kiln-01', 'resume since 2026-11-20T00:00:00.000Z, RUN-0001: OPS-2']);
  expect(statesOf(number)).toEqual(['kiln-01 rolled-back', 'kiln-02 unknown']);
  expect(fanOut.view(number)).toMatchObject({ state: 'finished', stopCause: null });
  // What the run could not do is no failure of the rollback.
  expect(recorded('RUN-0001').slice(-2)).toEqual([
    'fleet.rollback intent pending OPS-2',
    'fleet.rollback outcome ok OPS-2',
  ]);
  expect(() => fanOut.rollBack({ number, reason: 'OPS-2' })).toThrow(/Nothing of this run/u);
});

test.each([10, 1974, 5000])(
  'when a note has %i characters of an appliance, the result is stored',
  async (length) => {
    const number = await run(suspend, names(1).map(add));
    answers.set('kiln-01', new AppError('CONFLICT', 'x'.repeat(length)));
    fanOut.rollBack({ number, reason: 'OPS-2' });
    await fanOut.ended(number);
    const kept = createRuns().view(number);
    expect(kept).toEqual(fanOut.view(number));
    expect(kept).toMatchObject({ state: 'finished', results: [{ state: 'done', canRollBack: true }] });
    expect(kept.results[0]?.note).toMatch(/^Could not be rolled back\. x+…?$/u);
  },
);

test('when the operator stops a run, what runs ends and the rest is not started', async () => {
  const ids = names(4).map(add);
  const { promise, resolve } = Promise.withResolvers<void>();
  beforeAnswer = () => promise;
  const number = await start(read, ids);
  fanOut.stop(number);
  expect(() => fanOut.rollBack({ number, reason: 'x' })).toThrow(/still running/u);
  resolve();
  await fanOut.ended(number);
  expect(statesOf(number).map((text) => text.slice(8))).toEqual([
    'done',
    'done',
    'not-started',
    'not-started',
  ]);
  expect(fanOut.view(number)).toMatchObject({ state: 'stopped', stopCause: 'operator' });
  // Each change of a result, and the end.
  expect(marks).toBeGreaterThanOrEqual(5);
});

test('when the rest of a stopped run was not started, a rollback keeps why it stopped', async () => {
  const ids = names(4).map(add);
  answers.set('kiln-02', failed);
  const number = await run(suspend, ids);
  expect(fanOut.view(number).stopCause).toBe('failures');
  fanOut.rollBack({ number, reason: 'OPS-2' });
  await fanOut.ended(number);
  expect(fanOut.view(number)).toMatchObject({ state: 'stopped', stopCause: 'failures' });
});

test('when the console ended during a run, the next one says so and can resume it', async () => {
  const ids = names(3).map(add);
  beforeAnswer = (name) => (name === 'kiln-01' ? Promise.resolve() : new Promise(() => undefined));
  const number = await start(read, ids);
  await expect.poll(() => statesOf(number)).toContain('kiln-01 done');
  // Another console of the same process ID is a restarted one.
  const later = createRuns();
  expect(later.view(number)).toMatchObject({ state: 'stopped', stopCause: 'console' });
  expect(later.view(number).results.map(({ state }) => state)).toEqual(['done', 'stopped', 'not-started']);
  beforeAnswer = () => Promise.resolve();
  sent = [];
  const { draftId } = await later.prepareRest(number);
  later.start({ draftId, reason: '' });
  await later.ended(number);
  expect(sent).toEqual(['kiln-02', 'kiln-03']);
  fanOut = later;
});

test('when an output is long or has control characters, what is kept is bounded and shows them as signs', async () => {
  const ids = names(2).map(add);
  answers.set('kiln-01', { exitCode: 0, output: `\u001b[31mred${'x'.repeat(100_000)}` });
  answers.set('kiln-02', { exitCode: 0, output: '<b>bold</b>\n' });
  const number = await run(read, ids);
  const [first, second] = fanOut.results(number);
  expect(first).toMatchObject({ isCut: true });
  expect(first?.output).toHaveLength(64 * 1024);
  expect(first?.output?.slice(0, 9)).toBe('␛[31mredx');
  expect(second).toMatchObject({ isCut: false, output: '<b>bold</b>' });
});

test('when a change has no reason, it does not start', async () => {
  const { draftId } = await fanOut.prepare({ task: suspend, applianceIds: names(1).map(add), order });
  expect(() => fanOut.start({ draftId, reason: '' })).toThrow(/needs a reason/u);
  // The plan is still there.
  const { number } = fanOut.start({ draftId, reason: 'OPS-1' });
  await fanOut.ended(number);
  expect(statesOf(number)).toEqual(['kiln-01 done']);
  expect(() => fanOut.start({ draftId, reason: 'OPS-1' })).toThrow(/was started/u);
});

test('when results can’t be stored, nothing new starts, and the run says so once they can', async () => {
  const ids = names(4).map(add);
  beforeAnswer = () => {
    // The result of the command, and then the tunnels after it.
    writesToFail += 2;
    return Promise.resolve();
  };
  const number = await run(read, ids);
  expect(sent).toHaveLength(2);
  expect(statesOf(number)).toEqual([
    'kiln-01 done',
    'kiln-02 done',
    'kiln-03 not-started',
    'kiln-04 not-started',
  ]);
  expect(fanOut.view(number)).toMatchObject({ state: 'stopped', stopCause: 'storage' });
});

test('when nothing can be stored until its end, the run ends without a fault of the console', async () => {
  const number = await start(read, names(2).map(add));
  writesToFail = Number.POSITIVE_INFINITY;
  await fanOut.ended(number);
  writesToFail = 0;
  expect(fanOut.view(number).state).toBe('stopped');
});

test('when runs are listed, their counts are those of their results', async () => {
  const ids = names(3).map(add);
  answers.set('kiln-02', failed);
  await run(read, ids);
  await run(read, ids.slice(0, 1));
  expect(fanOut.list().map(({ number, counts }) => [number, counts])).toEqual([
    [2, { done: 1 }],
    [1, { done: 1, failed: 1, 'not-started': 1 }],
  ]);
});

test('when another console runs it, it can’t be stopped here, and its changes are reported', async () => {
  const number = await run(read, names(1).map(add));
  const other = openStore({ folder: site.dataFolder });
  onTestFinished(other.close);
  const change = (runJson: object) =>
    other.run(
      other.query
        .updateTable('fleetRun')
        .set({ owner: 'other', ownerPid: process.ppid, runJson: JSON.stringify(runJson) }),
    );
  const { results: _results, most: _most, ...ended } = fanOut.view(number);
  const running = { ...ended, state: 'running', endedAt: null };
  const reported = marks;
  change(running);
  await expect.poll(() => marks).toBeGreaterThan(reported);
  expect(fanOut.view(number).state).toBe('running');
  expect(() => fanOut.stop(number)).toThrow(/Another console runs RUN-0001/u);
  change(ended);
  await expect.poll(() => fanOut.view(number).state).toBe('finished');
  expect(fanOut.stop(number).state).toBe('finished');
});

test('when the console of a run that is shown is killed, its end is reported', async () => {
  const number = await run(read, names(1).map(add));
  const { results: _results, most: _most, ...ended } = fanOut.view(number);
  const runJson = JSON.stringify({ ...ended, state: 'running', endedAt: null });
  store.run(store.query.updateTable('fleetRun').set({ owner: 'other', ownerPid: process.ppid, runJson }));
  expect(fanOut.view(number).state).toBe('running');
  store.run(store.query.updateTable('fleetRun').set({ ownerPid: 2 ** 22 + 1 }));
  const reported = marks;
  await expect.poll(() => marks).toBeGreaterThan(reported);
  expect(fanOut.view(number)).toMatchObject({ state: 'stopped', stopCause: 'console' });
});
