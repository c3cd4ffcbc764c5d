import { AppError } from '../../src-shared/errors.ts';

/** Gives a slot back; calling it twice does nothing. */
export type ReleaseSlot = () => void;

/** A queue, first come first served, in front of something of which only `limit` may go on at once. */
export type Slots = {
  /** Resolves when a slot is free; rejects with CANCELLED when `signal` ends the wait. */
  acquire: (signal?: AbortSignal) => Promise<ReleaseSlot>;
  inUse: () => number;
};

function cancelled(): AppError {
  return new AppError('CANCELLED', 'Cancelled while waiting for a free slot.');
}

export function createSlots(limit: number): Slots {
  let used = 0;
  const queue: (() => void)[] = [];

  const grant = (): ReleaseSlot => {
    used += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      used -= 1;
      queue.shift()?.();
    };
  };

  return {
    inUse: () => used,
    acquire(signal) {
      if (signal?.aborted === true) return Promise.reject(cancelled());
      if (used < limit) return Promise.resolve(grant());
      return new Promise((resolve, reject) => {
        const next = () => {
          signal?.removeEventListener('abort', abort);
          resolve(grant());
        };
        const abort = () => {
          queue.splice(queue.indexOf(next), 1);
          reject(cancelled());
        };
        queue.push(next);
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
  };
}
