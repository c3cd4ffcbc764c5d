import { useDebouncedValue } from '@mantine/hooks';
import { useDeferredValue, useEffect, useState } from 'react';

/**
 * Whether `key` has been unchanged for `milliseconds`. Use it to start work only when the user stays on a
 * row.
 */
export function useSettled(key: string, milliseconds: number): boolean {
  const [settledKey, setSettledKey] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettledKey(key), milliseconds);
    return () => clearTimeout(timer);
  }, [key, milliseconds]);
  return settledKey === key;
}

/**
 * Returns `text` once it has been unchanged for `milliseconds`, so that a search doesn't start at every
 * letter.
 */
export function useSettledText(text: string, milliseconds: number): string {
  return useDebouncedValue(text, milliseconds)[0];
}

/** Checking a longer text takes so long that typing would wait for it. */
const longText = 20_000;
const pauseMs = 500;

/** The value to check: of a short text at once, of a long one when the user pauses. `length` is that of the text. */
export function useValueToCheck<Value>(value: Value, length: number): Value {
  const deferred = useDeferredValue(value);
  const [settled] = useDebouncedValue(value, pauseMs);
  return length > longText ? settled : deferred;
}
