import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';

/** Whether `key` has been the same for `milliseconds`: for work that walking past should not start. */
export function useSettled(key: string, milliseconds: number): boolean {
  const [settledKey, setSettledKey] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettledKey(key), milliseconds);
    return () => clearTimeout(timer);
  }, [key, milliseconds]);
  return settledKey === key;
}

/** `text` as it was when it last stayed the same for `milliseconds`: for a search that each letter should not start. */
export function useSettledText(text: string, milliseconds: number): string {
  return useDebouncedValue(text, milliseconds)[0];
}
