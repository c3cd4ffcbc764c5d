import { setTimeout as delay } from 'node:timers/promises';

/** Resolves as soon as `isThere` holds; rejects naming `what` when it does not in time. */
export async function waitFor(
  what: string,
  isThere: () => Promise<boolean> | boolean,
  timeoutMs = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isThere())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(20);
  }
}
