import { useEffect, useRef, useState } from 'react';
import { systemClock } from '../../src-shared/base/clock.ts';
import type { ErrorData } from '../../src-shared/errors.ts';
import { toErrorData } from './errors.ts';

const retryMs = 2000;

type Latest<Value> = { key: string; value: Value | null; error: ErrorData | null; tookMs: number };

/**
 * The latest value of a stream that is opened again when `key` changes; no stream is open while `key` is null. With
 * `isEndless`, the stream is opened again when it ends. `tookMs`: the time from opening to the latest value.
 */
export function useLatest<Value>(options: {
  key: string | null;
  open: (signal: AbortSignal) => Promise<AsyncIterable<Value>>;
  isEndless?: boolean;
}): Omit<Latest<Value>, 'key'> {
  const { key, isEndless = false } = options;
  const [latest, setLatest] = useState<Latest<Value> | null>(null);
  const open = useRef(options.open);
  useEffect(() => {
    open.current = options.open;
  });
  useEffect(() => {
    if (key === null) return;
    const ending = new AbortController();
    const { signal } = ending;
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        const startedAt = performance.now();
        const tookMs = (): number => performance.now() - startedAt;
        try {
          for await (const value of await open.current(signal)) {
            if (signal.aborted) return;
            setLatest({ key, value, error: null, tookMs: tookMs() });
          }
        } catch (thrown) {
          if (signal.aborted) return;
          setLatest({ key, value: null, error: toErrorData(thrown), tookMs: tookMs() });
        }
        if (!isEndless) return;
        await systemClock.sleep(retryMs, signal);
      }
    };
    void run();
    return () => ending.abort();
  }, [key, isEndless]);
  return latest === null
    ? { value: null, error: null, tookMs: 0 }
    : { ...latest, error: latest.key === key ? latest.error : null };
}
