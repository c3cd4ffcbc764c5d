import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';

/** How long the start of an empty program takes on a quiet computer with 2 cores of 2.4 GHz, in milliseconds. */
const quietStartMs = 5;
const pauseMs = 50;

async function measureStartMs(): Promise<number> {
  const begun = performance.now();
  await once(spawn('/bin/true', { stdio: 'ignore' }), 'exit');
  return performance.now() - begun;
}

/** How many times as long as on a quiet computer programs take to start until `signal`. At least 1. */
async function measureSlowness(signal: AbortSignal): Promise<number> {
  let [sum, count] = [0, 0];
  do {
    sum += await measureStartMs();
    count += 1;
    await delay(pauseMs);
  } while (!signal.aborted);
  return Math.max(1, sum / count / quietStartMs);
}

/**
 * Runs `work`, and fails if it takes longer than `limitMs` on a quiet computer. On a busy one, the limit grows by as much as the
 * start of a program slows down while `work` runs.
 */
export async function expectWithin<Result>(limitMs: number, work: () => Promise<Result>): Promise<Result> {
  const end = new AbortController();
  const slowness = measureSlowness(end.signal);
  const begun = performance.now();
  try {
    const result = await work();
    const elapsedMs = performance.now() - begun;
    end.abort();
    const times = await slowness;
    expect(
      elapsedMs / times,
      `${Math.round(elapsedMs)} ms on a computer ${times.toFixed(1)} times as slow`,
    ).toBeLessThan(limitMs);
    return result;
  } finally {
    end.abort();
  }
}
