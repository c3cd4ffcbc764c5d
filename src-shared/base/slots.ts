import { AppError } from '../errors.ts';

/** Gives a slot back; calling it twice does nothing. */
export type ReleaseSlot = () => void;

/** A queue, first come first served, in front of something of which only `limit` may go on at once. */
export type Slots = {
  /** Resolves when a slot is free; rejects with the signal's reason when `signal` ends the wait, CANCELLED when that is no AppError. */
  acquire: (signal?: AbortSignal) => Promise<ReleaseSlot>;
  inUse: () => number;
};

function reasonOf(signal: AbortSignal | undefined): AppError {
  return signal?.reason instanceof AppError
    ? signal.reason
    : new AppError('CANCELLED', 'Cancelled while waiting for a free slot.');
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
