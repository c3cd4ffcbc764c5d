import { AppError } from '../errors.ts';

/** Frees the slot. A second call does nothing. */
export type ReleaseSlot = () => void;

/** Lets at most `limit` tasks run at once. The others wait in order of arrival. */
export type Slots = {
  /**
   * Resolves when a slot is free. If `signal` aborts first, rejects with its reason, or with CANCELLED if the
   * reason is not an AppError.
   */
  acquire: (signal?: AbortSignal) => Promise<ReleaseSlot>;
  inUse: () => number;
  /** Whether a new task would have to wait. */
  isFull: () => boolean;
  /** Changes the limit. Tasks that run already keep their slots. */
  setLimit: (limit: number) => void;
};

function reasonOf(signal: AbortSignal | undefined): AppError {
  return signal?.reason instanceof AppError
    ? signal.reason
    : new AppError('CANCELLED', 'Cancelled while waiting for a free slot.');
}

export function createSlots(initialLimit: number): Slots {
  let limit = initialLimit;
  let used = 0;
  const queue: (() => void)[] = [];

  const grant = (): ReleaseSlot => {
    used += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      used -= 1;
      startNext();
    };
  };
  const startNext = () => {
    if (used < limit) queue.shift()?.();
  };

  return {
    inUse: () => used,
    isFull: () => used >= limit,
    setLimit(next) {
      limit = next;
      for (let free = limit - used; free > 0; free -= 1) startNext();
    },
    acquire(signal) {
      if (signal?.aborted === true) return Promise.reject(reasonOf(signal));
      if (used < limit) return Promise.resolve(grant());
      return new Promise((resolve, reject) => {
        const next = () => {
          signal?.removeEventListener('abort', abort);
          resolve(grant());
        };
        const abort = () => {
          queue.splice(queue.indexOf(next), 1);
          reject(reasonOf(signal));
        };
        queue.push(next);
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
  };
}
