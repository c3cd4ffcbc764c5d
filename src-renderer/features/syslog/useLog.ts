import { useCallback, useSyncExternalStore } from 'react';
import type { LogBuffer, LogSnapshot } from './buffer.ts';

/**
 * The shortest time between two drawings of the log, milliseconds. A drawing costs about the same for one line as for
 * many; a line after a pause is drawn at once.
 */
export const drawEveryMs = 500;

/** What the buffer holds, drawn at most twice a second and not while the page is hidden. */
export function useLog(buffer: LogBuffer): LogSnapshot {
  const subscribe = useCallback(
    (listener: () => void) => {
      let timer: ReturnType<typeof setTimeout> | null = null;
      let drawnAt = 0;
      let isBehind = false;
      let wasFollowing = buffer.snapshot().following;
      const draw = (): void => {
        if (timer !== null) clearTimeout(timer);
        timer = null;
        if (document.hidden) return;
        isBehind = false;
        wasFollowing = buffer.snapshot().following;
        drawnAt = performance.now();
        listener();
      };
      const onChange = (): void => {
        isBehind = true;
        if (document.hidden) return;
        // Pausing must not wait: a log that still follows would scroll away what is being read.
        if (buffer.snapshot().following !== wasFollowing) return draw();
        timer ??= setTimeout(draw, Math.max(0, drawnAt + drawEveryMs - performance.now()));
      };
      const onVisibility = (): void => {
        if (isBehind && timer === null) draw();
      };
      const unsubscribe = buffer.subscribe(onChange);
      document.addEventListener('visibilitychange', onVisibility);
      return () => {
        unsubscribe();
        document.removeEventListener('visibilitychange', onVisibility);
        if (timer !== null) clearTimeout(timer);
      };
    },
    [buffer],
  );
  return useSyncExternalStore(subscribe, buffer.snapshot);
}
