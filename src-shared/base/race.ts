/**
 * When `timeoutMs` is over, `onTimeout` returns the result or throws. The timer keeps the process alive.
 */
type Limits<Late> = { signal?: AbortSignal } & (
  { timeoutMs: number; onTimeout: () => Late | PromiseLike<Late> } | { timeoutMs?: never; onTimeout?: never }
);

/**
 * Settles like `work`, unless the timeout or `signal` comes first. When `signal` aborts, rejects with its
 * reason. `work` is not stopped, but its later result or error is ignored.
 */
export async function race<Value, Late = never>(
  work: PromiseLike<Value>,
  { signal, timeoutMs, onTimeout }: Limits<Late>,
): Promise<Value | Late> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopListening: (() => void) | undefined;
  const limit = new Promise<Late>((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    stopListening = () => signal?.removeEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    if (timeoutMs === undefined) return;
    timer = setTimeout(() => {
      try {
        resolve(onTimeout());
      } catch (thrown) {
        reject(thrown);
      }
    }, timeoutMs);
  });
  try {
    return await Promise.race([limit, work]);
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}
