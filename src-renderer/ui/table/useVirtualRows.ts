import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';

export const rowHeight = 34;
export const headHeight = 31;
/** Rows that are drawn above and below what is seen. */
const overscan = 8;

/** Which rows are drawn, where, and in which order on the page. */
export function useVirtualRows(count: number, onEndReached?: () => void) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    paddingStart: 0,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const items = virtualizer.getVirtualItems();
  // A row that scrolls out is reused for one that scrolls in: far cheaper than creating each row.
  const seenRows = Math.ceil((virtualizer.scrollRect?.height ?? 0) / rowHeight) + 1;
  const slots = Math.max(seenRows + 2 * overscan, items.length);
  // Rows get into their order on the page once they rest: the browser lays out again each row that is moved there.
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
