import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';

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
