import { expect, test } from 'vitest';
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
  autoLock.restart();
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
