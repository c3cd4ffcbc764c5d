import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { WatchLine } from '../../src-shared/model/watch/watchLines.ts';
import { aWatchSnapshot as snapshot, seenAt } from '../../test-support/aWatchedAppliance.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createPush } from './push.ts';
import { createWatchedState } from './watchedState.ts';

const change = (revision: number, ms = 0): Extract<WatchLine, { type: 'change' }> => ({
  type: 'change',
  revision,
  seen: seenAt(ms),
  set: { networks: { forwardingOff: `reason ${revision}` } },
  unset: {},
  gone: [],
});

let closeAll: (() => void)[] = [];
afterEach(() => {
  for (const close of closeAll.splice(0)) close();
  closeAll = [];
});

function listenTo(
  watch: (signal: AbortSignal) => AsyncGenerator<WatchLine, void, void>,
  steadyClock = () => performance.now(),
) {
  const said: number[] = [];
  const ended: boolean[] = [];
  let attempts = 0;
  const push = createPush({
    driverOf: () => ({
      watch: ({ signal }) => {
        attempts += 1;
        return watch(signal);
      },
    }),
    onSaid: (_id, _watched, heldMs) => void said.push(heldMs),
    onEnded: (_id, hasSaid) => void ended.push(hasSaid),
    steadyClock,
    log: pino({ level: 'silent' }),
  });
  closeAll.push(push.close);
  return { push, said, ended, attempts: () => attempts };
}

test('when an appliance says more than anyone can read, takes a few lines a second and leaves time for others', async () => {
  let made = 0;
  const { push, said } = listenTo(async function* flood() {
    yield snapshot();
    for (made = 2; ; made += 1) yield change(made);
  });
  push.start('kiln');
  await waitFor('the lines that are taken at once', () => said.length >= 390);
  const before = said.length;
  const startedAt = performance.now();
  await delay(1000);
  const seconds = (performance.now() - startedAt) / 1000;
  expect(said.length - before).toBeLessThan(60 * seconds + 12);
  expect(made).toBeLessThan(said.length + 3);
});

test('when an appliance ends its channel, is polled and asked again later, not at once', async () => {
  const { push, ended, attempts } = listenTo(async function* short() {
    yield snapshot();
  });
  push.start('kiln');
  await waitFor('the end', () => ended.length === 1);
  push.start('kiln');
  expect(attempts()).toBe(1);
  expect(push.isLive('kiln')).toBe(false);
});

test('when a kit has no such command, reports its end without a line, and does not ask it again', async () => {
  const { push, said, ended, attempts } = listenTo(async function* missing() {
    if (performance.now() > 0) throw new AppError('COMMAND_MISSING', 'no ke_watch');
    yield snapshot();
  });
  push.start('kiln');
  expect(push.isAwaited('kiln')).toBe(true);
  await waitFor('the end', () => ended.length === 1);
  push.start('kiln');
  expect(push.isAwaited('kiln')).toBe(false);
  expect([attempts(), said, ended]).toEqual([1, [], [false]]);
});

test('when it is stopped while the appliance is silent, ends the command', async () => {
  const aborted = Promise.withResolvers<string>();
  const { push, said } = listenTo(async function* silent(signal) {
    yield snapshot();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    aborted.resolve('aborted');
  });
  push.start('kiln');
  await waitFor('the first line', () => said.length === 1);
  expect(push.isLive('kiln')).toBe(true);
  push.stop('kiln');
  expect(push.isLive('kiln')).toBe(false);
  expect(await aborted.promise).toBe('aborted');
});

test('when lines were on their way for long, says how old they are', () => {
  const state = createWatchedState();
  state.beginConnection();
  const ages = [
    [snapshot(1000), 5000],
    [change(2, 2000), 6010],
    [change(3, 3000), 19_000],
    [change(4, 20_000), 24_000],
    // A look that began before the line was written.
    [{ ...change(5), seen: seenAt(20_100, 20_500) }, 24_500],
  ] as const;
  const found = ages.map(([line, receivedAt]) => receivedAt - state.take(line, receivedAt).heldMs);
  expect(found.map((ageMs) => Math.round(ageMs / 10) * 10)).toEqual([0, 10, 12_000, 0, 400]);
});

const alive = (ms: number): WatchLine => ({ type: 'alive', revision: 1, seen: seenAt(ms) });

test.each<[what: string, lines: [line: WatchLine, receivedAt: number][]]>([
  [
    'a look began before the line that came before it',
    [
      [snapshot(1000), 5000],
      [alive(5000), 9000],
      [{ ...change(2), seen: seenAt(4700, 5200) }, 9200],
    ],
  ],
  [
    'the first line was slow, and the next look too',
    [
      [snapshot(1000), 7000],
      [{ ...change(2), seen: seenAt(1100, 3900) }, 7900],
    ],
  ],
  [
    'it missed changes that are older than the line that says so',
    [
      [snapshot(1000), 5000],
      [{ ...snapshot(20_000), type: 'resumed' }, 24_000],
      [{ ...change(2), seen: seenAt(8000, 8000) }, 24_010],
    ],
  ],
])('when %s, what is new still counts as new', (_what, lines) => {
  const state = createWatchedState();
  state.beginConnection();
  const held = lines.map(([line, receivedAt]) => state.take(line, receivedAt).heldMs);
  expect(held).toEqual(held.toSorted((left, right) => left - right));
});

test.each([
  ['slower', 0.9999],
  ['faster', 1.0001],
])('when the appliance’s clock is a little %s, its lines do not seem old after weeks', (_what, pace) => {
  const state = createWatchedState();
  state.beginConnection();
  state.take(snapshot(0), 10);
  let worst = 0;
  for (let now = 10_000; now < 14 * 86_400_000; now += 60_000)
    worst = Math.max(worst, now - state.take(alive(now * pace), now).heldMs);
  expect(worst).toBeLessThan(100);
});

test('when an appliance’s lines are older than its longest silence, its channel ends and it is polled', async () => {
  const steps = { now: 0 };
  const { push, said, ended } = listenTo(
    async function* late() {
      yield snapshot(0);
      steps.now = 11_000;
      yield change(2, 0);
      yield change(3, 11_000);
    },
    () => steps.now,
  );
  push.start('kiln');
  await waitFor('the end', () => ended.length === 1);
  expect(said.map(Math.round)).toEqual([0, 2]);
  expect([push.isLive('kiln'), ended]).toEqual([false, [true]]);
});

const refused: [what: string, lines: WatchLine[]][] = [
  ['a change without a snapshot', [change(2)]],
  ['a change that leaves one out', [snapshot(), change(3)]],
  ['the same change twice', [snapshot(), change(2), change(2)]],
  ['alive of another revision', [snapshot(), { type: 'alive', revision: 9, seen: seenAt(0) }]],
  ['another epoch', [snapshot(), { ...snapshot(), type: 'resumed', epoch: 'other' }]],
  ['a part that is none', [snapshot(), { ...change(2), set: { 'tenant x': { quota: 'many' } } }]],
];

test.each(refused)('when there is %s, refuses it', (_what, lines) => {
  const state = createWatchedState();
  expect(() => {
    for (const line of lines) state.take(line, 0);
  }).toThrow(/does not follow|tenant x/u);
});
