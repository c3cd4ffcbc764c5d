import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  now = Date.now();
  for (const notify of listeners) notify();
}

/** Runs only while there are listeners and the page is visible; a page that becomes visible is updated at once. */
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

/** One timer for all ages on the page, so that they change together and cost nothing while none is shown. */
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
  // Without listeners the timer was stopped, so `now` may be old.
  if (listeners.size === 0) now = Date.now();
  return Math.floor(now / 1000) * 1000;
}

/** The result of `read` for the current second; rerenders only when it changes. */
export function useFromNow<Value extends string | number | boolean>(read: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => read(currentSecond()));
}

/** Epoch milliseconds in whole seconds, updated each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, currentSecond);
}
