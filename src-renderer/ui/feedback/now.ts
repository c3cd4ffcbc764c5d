import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  now = Date.now();
  for (const notify of listeners) notify();
}

/** Runs only while something listens and the page can be seen; a page that comes back into sight ticks at once. */
function updateTimer(): void {
  const isNeeded = listeners.size > 0 && !document.hidden;
  if (isNeeded && timer === null) {
    timer = setInterval(tick, 1000);
    tick();
  } else if (!isNeeded && timer !== null) {
    clearInterval(timer);
    timer = null;
  }
}

/** One timer for all ages on the page, so that they tick together and cost nothing while none is shown. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) document.addEventListener('visibilitychange', updateTimer);
  listeners.add(listener);
  updateTimer();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) document.removeEventListener('visibilitychange', updateTimer);
    updateTimer();
  };
}

function currentSecond(): number {
  // Without a listener the value would stay that of the last visit.
  if (listeners.size === 0) now = Date.now();
  return Math.floor(now / 1000) * 1000;
}

/** What `read` makes of the current second; draws again only when that differs, however many listen to the clock. */
export function useFromNow<Value extends string | number | boolean>(read: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => read(currentSecond()));
}

/** Epoch milliseconds, whole seconds, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, currentSecond);
}
