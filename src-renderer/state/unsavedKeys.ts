import { useEffect } from 'react';
import { create } from 'zustand';

/** How many parts of the page hold a private key that is not saved, or wait for the answer that contains it. */
const useHolds = create<{ count: number }>(() => ({ count: 0 }));

/** Whether leaving the page would lose a private key. */
export function useHasUnsavedKey(): boolean {
  return useHolds(({ count }) => count > 0);
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function changeCount(step: 1 | -1): void {
  useHolds.setState(({ count }) => ({ count: count + step }));
  if (useHolds.getState().count > 0) window.addEventListener('beforeunload', askBeforeLeaving);
  else window.removeEventListener('beforeunload', askBeforeLeaving);
}

/** While `isUnsaved`, the browser asks before it leaves the page, and the end of the session doesn't replace it. */
export function useUnsavedKey(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    changeCount(1);
    return () => changeCount(-1);
  }, [isUnsaved]);
}
