/**
 * Settles as `work` does, unless `signal` aborts first; then rejects with its reason. Leaves no listener behind, unlike
 * Promise.race with a promise that lives as long as a link: that would grow with every ping.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}
