import { setTimeout as delay } from 'node:timers/promises';
import { minuteMs } from '../src-shared/base/time.ts';

/** Ends only tests that hang: no wait takes this long, even on a busy computer. */
const patienceMs = 2 * minuteMs;

/** Resolves as soon as `isThere` returns true. Rejects after a time limit, with `what` in its message. */
export async function waitFor(
  what: string,
  isThere: () => Promise<boolean> | boolean,
  timeoutMs = patienceMs,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isThere())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(20);
  }
}
