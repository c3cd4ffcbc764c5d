import { expect, test } from 'vitest';
import { setImmediate as tick } from 'node:timers/promises';
import { createSteppedClock } from '../../test-support/steppedClock.ts';
import { minuteMs } from '../../src-shared/base/time.ts';
import { createAutoLock } from './autoLock.ts';

function start(minutes: number | null = 15) {
  const clock = createSteppedClock();
  const locks: number[] = [];
  const settings = { minutes };
  const autoLock = createAutoLock({
    clock,
    minutes: () => settings.minutes,
    lock: () => locks.push(clock.now()),
  });
  return { clock, locks, settings, autoLock };
}

test('when there is no input, locks once after the set time', async () => {
  const { clock, locks, autoLock } = start();
  autoLock.restart();
  expect(autoLock.locksAt()).toBe(15 * minuteMs);
  await clock.advance(15 * minuteMs - 1);
  expect(locks).toEqual([]);
  await clock.advance(1);
  expect(locks).toEqual([15 * minuteMs]);
  expect(autoLock.locksAt()).toBeNull();
  await clock.advance(60 * minuteMs);
  expect(locks).toHaveLength(1);
});

test('when there is input, the time begins again, with the setting of that moment', async () => {
  const { clock, locks, settings, autoLock } = start();
  autoLock.restart();
  await clock.advance(14 * minuteMs);
  settings.minutes = 3;
  autoLock.extend();
  expect(autoLock.locksAt()).toBe(17 * minuteMs);
  await clock.advance(2 * minuteMs);
  expect(locks).toEqual([]);
  await clock.advance(minuteMs);
  expect(locks).toEqual([17 * minuteMs]);
});

test('when it is stopped or turned off, never locks', async () => {
  const stopped = start();
  stopped.autoLock.restart();
  stopped.autoLock.stop();
  expect(stopped.autoLock.locksAt()).toBeNull();
  const off = start(null);
  off.autoLock.restart();
  expect(off.autoLock.locksAt()).toBeNull();
  await Promise.all([stopped.clock.advance(60 * minuteMs), off.clock.advance(60 * minuteMs)]);
  expect([stopped.locks, off.locks]).toEqual([[], []]);
});

/** A clock whose time can be set, as a sleep or a correction does, while its timers measure only what `run` lets pass. */
function createSettableClock() {
  let [now, ran] = [0, 0];
  let sleepers: { until: number; wake: () => void }[] = [];
  return {
    now: () => now,
    set: (time: number) => void (now = time),
    sleep: (milliseconds: number) =>
      new Promise<void>((resolve) => sleepers.push({ until: ran + milliseconds, wake: resolve })),
    run: async (milliseconds: number) => {
      for (const end = ran + milliseconds; ran < end;) {
        ran += 1000;
        now += 1000;
        const due = sleepers.filter(({ until }) => until <= ran);
        sleepers = sleepers.filter(({ until }) => until > ran);
        for (const { wake } of due) wake();
        await tick();
      }
    },
  };
}
function startSettable() {
  const clock = createSettableClock();
  let locks = 0;
  const autoLock = createAutoLock({ clock, minutes: () => 15, lock: () => (locks += 1) });
  autoLock.restart();
  return { clock, autoLock, locks: () => locks };
}

test('when the computer slept past the time, input locks instead of extending it', () => {
  const { clock, autoLock, locks } = startSettable();
  clock.set(60 * minuteMs);
  autoLock.extend();
  expect([locks(), autoLock.locksAt()]).toEqual([1, null]);
});

test('when the computer slept past the time, locks within seconds without input', async () => {
  const { clock, locks } = startSettable();
  await clock.run(minuteMs);
  clock.set(8 * 60 * minuteMs);
  await clock.run(5000);
  expect(locks()).toBe(1);
});

test.each([
  ['by an hour', 60 * minuteMs],
  ['by a day', 24 * 60 * minuteMs],
])('when the clock is set back %s, locks no later than without', async (_what, back) => {
  const { clock, locks } = startSettable();
  await clock.run(minuteMs);
  clock.set(clock.now() - back);
  await clock.run(13 * minuteMs);
  expect(locks()).toBe(0);
  await clock.run(minuteMs);
  expect(locks()).toBe(1);
});

test('when nothing began or the lock is stopped, input starts nothing', async () => {
  const { clock, locks, autoLock } = startSettable();
  autoLock.stop();
  autoLock.extend();
  expect(autoLock.locksAt()).toBeNull();
  await clock.run(20 * minuteMs);
  expect(locks()).toBe(0);
});
