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

function listenTo(watch: (signal: AbortSignal) => AsyncGenerator<WatchLine, void, void>) {
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
    onSaid: (_id, _watched, ageMs) => void said.push(ageMs),
    onEnded: (_id, hasSaid) => void ended.push(hasSaid),
    steadyClock: () => performance.now(),
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
  expect(ages.map(([line, receivedAt]) => state.take(line, receivedAt).ageMs)).toEqual([
    0, 10, 12_000, 0, 400,
  ]);
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
