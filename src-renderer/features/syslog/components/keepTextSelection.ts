import type { MouseEvent } from 'react';

/** Keeps the browser from marking text up to a line that Shift+click adds to the chosen lines. */
export function keepTextSelection(event: MouseEvent<HTMLElement>): void {
  if (!event.shiftKey) return;
  event.preventDefault();
  getSelection()?.removeAllRanges();
  event.currentTarget.focus({ preventScroll: true });
}
