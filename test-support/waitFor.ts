import { setTimeout as delay } from 'node:timers/promises';
import { minuteMs, secondMs } from '../src-shared/base/time.ts';

/** Ends only tests that hang: no wait takes this long, even on a busy computer. */
const patienceMs = 2 * minuteMs;

/** Resolves as soon as `isThere` returns true. Rejects after a time limit, with `what` in its message. */
export async function waitFor(
  what: string,
  isThere: () => Promise<boolean> | boolean,
  timeoutMs = patienceMs,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const begun = performance.now();
    if (await isThere()) return;
    const now = performance.now();
    if (now > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    // Waits as long as the look took, because one that starts programs would slow down what it waits for.
    await delay(Math.min(Math.max(now - begun, 20), secondMs));
  }
}
