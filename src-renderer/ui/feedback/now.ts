import { useSyncExternalStore } from 'react';
import { createEmitter } from '../../../src-shared/base/emitter.ts';

const seconds = createEmitter();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

/** One timer for all ages on the page, so that they tick together and cost nothing while none is shown. */
function subscribe(listener: () => void): () => void {
  const stop = seconds.on(listener);
  if (timer === null) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      seconds.emit();
    }, 1000);
  }
  return () => {
    stop();
    if (seconds.isEmpty() && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

function currentSecond(): number {
  // Without a running timer the value would stay that of the last visit.
  if (timer === null) now = Date.now();
  return Math.floor(now / 1000) * 1000;
}

/** What `read` makes of the current second; draws anew only when that differs, however many hang on the clock. */
export function useFromNow<Value extends string | number | boolean>(read: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => read(currentSecond()));
}

/** Epoch milliseconds, whole seconds, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, currentSecond);
}
