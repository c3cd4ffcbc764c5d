import { useEffect, useRef } from 'react';

/** Whether typing belongs to a field or a dialog, not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null;
}

function isInMenu(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="menu"]') !== null;
}

type TableKeys = {
  count: number;
  selectedIndex: number;
  /** Whether the cursor is in the table: elsewhere the keys that scroll belong to the page. */
  holdsFocus: () => boolean;
  onMove: (index: number) => void;
  onOpen: () => void;
  onLeave: () => void;
  onCopy: () => void;
};

const scrollKeys = new Set(['ArrowDown', 'ArrowUp', 'Home', 'End']);

/** j/k move, Enter opens, c copies, Esc leaves, anywhere on the page but in a field; arrows, Home and End where the table has the cursor. */
export function useTableKeys(keys: TableKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // An open menu walks by the same keys.
      if (event.defaultPrevented || isInMenu(event.target)) return;
      const { count, selectedIndex, holdsFocus, onMove, onOpen, onLeave, onCopy } = latest.current;
      if (scrollKeys.has(event.key) && !holdsFocus()) return;
      const onControl = event.target instanceof HTMLElement && event.target.closest('button, a') !== null;
      const moves: Record<string, number> = {
        j: selectedIndex + 1,
        ArrowDown: selectedIndex + 1,
        k: selectedIndex - 1,
        ArrowUp: selectedIndex - 1,
        Home: 0,
        End: count - 1,
      };
      const target = moves[event.key];
      if (target !== undefined && count > 0) {
        event.preventDefault();
        onMove(Math.min(Math.max(target, 0), count - 1));
      } else if (event.key === 'Enter' && !onControl && selectedIndex !== -1) onOpen();
      else if (event.key === 'c' && selectedIndex !== -1) onCopy();
      else if (event.key === 'Escape' && selectedIndex !== -1) onLeave();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** `/` puts the cursor into the page's filter field. */
export function useFilterKey(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      const field = document.querySelector<HTMLInputElement>('[data-filter]');
      if (field === null) return;
      event.preventDefault();
      field.focus();
      field.select();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
