import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

export const rowHeight = 34;
export const headHeight = 31;
/** Number of rows rendered above and below the visible ones. */
const overscan = 8;

/** True while the page is printed. Set before the event returns, because the browser lays out the page right after. */
function useIsPrinting(): boolean {
  const [isPrinting, setIsPrinting] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    addEventListener('beforeprint', () => flushSync(() => setIsPrinting(true)), { signal });
    addEventListener('afterprint', () => setIsPrinting(false), { signal });
    return () => listening.abort();
  }, []);
  return isPrinting;
}

/** Decides which rows are rendered, at which position, and in which order in the document. */
export function useVirtualRows(count: number, onEndReached?: () => void) {
  const scroller = useRef<HTMLDivElement>(null);
  const isPrinting = useIsPrinting();
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // A printed table has no rows out of sight.
    overscan: isPrinting ? count : overscan,
    paddingStart: 0,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const items = virtualizer.getVirtualItems();
  // Reuse a row that scrolls out for one that scrolls in, because creating rows is much slower.
  const seenRows = Math.ceil((virtualizer.scrollRect?.height ?? 0) / rowHeight) + 1;
  const slots = Math.max(seenRows + 2 * overscan, items.length);
  // Put rows into document order only when scrolling stops, because each moved row costs a layout.
  const [restIndex, setRestIndex] = useState(0);
  const firstIndex = items[0]?.index ?? 0;
  if (!virtualizer.isScrolling && restIndex !== firstIndex) setRestIndex(firstIndex);
  const placeOf = (index: number): number => (((index - restIndex) % slots) + slots) % slots;

  const lastIndex = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (lastIndex >= count - 1 && count > 0) onEndReached?.();
  }, [lastIndex, count, onEndReached]);

  return {
    attachScroller: useCallback((element: HTMLDivElement | null) => {
      scroller.current = element;
    }, []),
    drawn: items
      .map(({ index, start }) => ({ index, slot: index % slots, top: start - headHeight }))
      .sort((a, b) => placeOf(a.index) - placeOf(b.index)),
    height: virtualizer.getTotalSize(),
    scrollTo: (index: number): void => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
