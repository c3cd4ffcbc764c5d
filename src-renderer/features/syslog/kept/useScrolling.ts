import { type RefObject, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { KeptRow } from './keptRows.ts';
import { lineHeight, rowAt, topsOf } from './rowHeights.ts';

/** Rows that are drawn beyond what is seen; scrolling draws again after as many. */
const overscan = 20;
/** How near to an end more lines are loaded, and how near to the newest line counts as being there, pixels. */
const nearEnd = 400;
const atEnd = 4;

const step = overscan * lineHeight;
const quantize = (top: number): number => Math.floor(top / step) * step;

/** The row at the top and how far it is scrolled out: what stays in place when rows are added before it. */
type Anchor = { id: string; offset: number };

export type Scrolled = {
  rows: readonly KeptRow[];
  isFollowing: boolean;
  onPause: () => void;
  onFollow: () => void;
  onNearStart: () => void;
  onNearEnd: () => void;
  /** Called with the row at the top when scrolling has moved it. */
  onTop: (id: string) => void;
};

type Heights = { isWrapped: boolean; byId: ReadonlyMap<string, number> };
const noHeights: ReadonlyMap<string, number> = new Map();

/** The drawn rows whose heights are other than known. */
function measureRows(scroller: HTMLElement | null, byId: ReadonlyMap<string, number>): Map<string, number> {
  const drawn = scroller?.querySelectorAll<HTMLElement>('[data-row]') ?? [];
  return new Map(
    Array.from(drawn, (element): [string, number] => [
      element.dataset['row'] ?? '',
      element.offsetHeight,
    ]).filter(([id, height]) => height > 0 && height !== (byId.get(id) ?? lineHeight)),
  );
}

/** The tops of the rows. Heights that differ from one line are measured after drawing, and after `remeasure`. */
export function useTops(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly KeptRow[],
  isWrapped: boolean,
): { tops: Float64Array; remeasure: () => void } {
  const [, remeasure] = useReducer((count: number) => count + 1, 0);
  const [heights, setHeights] = useState<Heights>({ isWrapped, byId: noHeights });
  const byId = heights.isWrapped === isWrapped ? heights.byId : noHeights;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const changed = measureRows(scroller.current, byId);
      if (changed.size > 0) setHeights({ isWrapped, byId: new Map([...byId, ...changed]) });
    });
    return () => cancelAnimationFrame(frame);
  });
  return { tops: useMemo(() => topsOf(rows, byId), [rows, byId]), remeasure };
}

/** Follows the newest line, or keeps the row at the top in place when rows are added around it. */
export function useScrolling(
  props: Scrolled,
  scroller: RefObject<HTMLDivElement | null>,
  tops: Float64Array,
) {
  const { rows, isFollowing } = props;
  const [top, setTop] = useState(0);
  const anchor = useRef<Anchor | null>(null);
  const lastTop = useRef(0);
  const setScroll = (value: number): void => {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = value;
    lastTop.current = element.scrollTop;
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (isFollowing) setScroll(element.scrollHeight);
    else if (anchor.current !== null) {
      const { id, offset } = anchor.current;
      const index = rows.findIndex((row) => row.id === id);
      const wanted = (tops[index] ?? 0) + offset;
      if (index !== -1 && Math.abs(wanted - element.scrollTop) > 1) setScroll(wanted);
    }
    setTop(quantize(element.scrollTop));
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the position is read from the element
  }, [rows, tops, isFollowing]);
  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const index = rowAt(tops, scrollTop);
    const row = rows[index];
    if (row !== undefined) {
      anchor.current = { id: row.id, offset: scrollTop - (tops[index] ?? 0) };
      if (!isFollowing) props.onTop(row.id);
    }
    const toEnd = scrollHeight - clientHeight - scrollTop;
    const isUp = scrollTop < lastTop.current - 1;
    const isDown = scrollTop > lastTop.current + 1;
    lastTop.current = scrollTop;
    setTop(quantize(scrollTop));
    if (isFollowing && isUp && toEnd > atEnd) props.onPause();
    else if (!isFollowing && isDown && toEnd < atEnd) props.onFollow();
    if (scrollTop < nearEnd) props.onNearStart();
    if (toEnd < nearEnd) props.onNearEnd();
  };
  /** Scrolls a row into sight, in the middle if it is out of sight. */
  const reveal = (id: string): void => {
    const element = scroller.current;
    const index = rows.findIndex((row) => row.id === id);
    if (element === null || index === -1) return;
    const [start, end] = [tops[index] ?? 0, tops[index + 1] ?? 0];
    const isFar =
      end < element.scrollTop - lineHeight || start > element.scrollTop + element.clientHeight + lineHeight;
    const wanted = isFar
      ? start - element.clientHeight / 3
      : start < element.scrollTop
        ? start
        : end > element.scrollTop + element.clientHeight
          ? Math.min(start, end - element.clientHeight)
          : null;
    if (wanted === null) return;
    setScroll(Math.max(0, wanted));
    const at = rowAt(tops, element.scrollTop);
    const row = rows[at];
    if (row !== undefined) anchor.current = { id: row.id, offset: element.scrollTop - (tops[at] ?? 0) };
    setTop(quantize(element.scrollTop));
  };
  return { top, onScroll, reveal };
}

/** The rows to draw: those in sight and some around them. */
export function drawnRows(
  tops: Float64Array,
  top: number,
  isFollowing: boolean,
): [first: number, last: number] {
  const count = tops.length - 1;
  const seen = Math.ceil(window.innerHeight / lineHeight) * lineHeight;
  return isFollowing
    ? [Math.max(0, count - seen / lineHeight - overscan), count]
    : [Math.max(0, rowAt(tops, top - step)), Math.min(count, rowAt(tops, top + seen + 2 * step) + 1)];
}
