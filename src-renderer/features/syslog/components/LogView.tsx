import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { LogBuffer, LogSnapshot } from '../buffer.ts';
import type { LineChoice } from '../useLineChoice.ts';
import { LogRowView } from './LogRowView.tsx';
import styles from '../syslog.module.css';

/** Height of a line that is not wrapped, pixels. */
const lineHeight = 20;
/** How near to the newest line still counts as being there, pixels. */
const nearEnd = 30;
/** Rows that are drawn beyond what is seen; scrolling draws again after as many. */
const overscan = 20;

/** The most rows that fit into the window: no row is lower than `lineHeight`. */
function maxRowsInSight(): number {
  return Math.ceil(window.innerHeight / lineHeight);
}

/** Indexes of the rows to draw; they always fill the window. `first` moves in steps, so that a batch only adds rows. */
function rangeToDraw({ count, following, top }: { count: number; following: boolean; top: number }) {
  const seen = maxRowsInSight();
  // A filter may leave fewer rows than the last scroll position had above it.
  const start = following ? count - seen : Math.min(top, count - seen);
  const last = following ? count : Math.min(count, Math.max(0, start) + seen + 2 * overscan);
  const first = start - overscan;
  return { first: Math.max(0, first - (first % overscan)), last };
}

/** The index of the topmost row in sight. Rows that are not drawn count as one line each. */
function topRowOf(scroller: HTMLElement, first: number): number {
  const { scrollTop } = scroller;
  const drawn = [...scroller.querySelectorAll<HTMLElement>('[data-row]')];
  const start = drawn[0]?.offsetTop ?? 0;
  if (scrollTop <= start) return Math.floor(scrollTop / lineHeight);
  const index = drawn.findIndex((row) => row.offsetTop + row.offsetHeight > scrollTop);
  if (index !== -1) return first + index;
  const last = drawn.at(-1);
  const end = last === undefined ? 0 : last.offsetTop + last.offsetHeight;
  return first + drawn.length + Math.floor((scrollTop - end) / lineHeight);
}

/** Keeps the newest line in sight while following; scrolling up pauses, coming back to the end follows again. */
function useFollowing({ buffer, following }: { buffer: LogBuffer; following: boolean }) {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [topRow, setTopRow] = useState(0);
  // After each drawing, because the array of rows grows in place; before the paint, so that each batch is painted once.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!following || element === null) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  });
  const onScroll = ({ first, count }: { first: number; count: number }): void => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop } = element;
    const toEnd = element.scrollHeight - element.clientHeight - scrollTop;
    const up = scrollTop < lastTop.current - 1;
    const down = scrollTop > lastTop.current + 1;
    lastTop.current = scrollTop;
    // At the newest line the rows are known; measuring each would cost a layout per batch.
    const row =
      following && toEnd <= nearEnd ? Math.max(0, count - maxRowsInSight()) : topRowOf(element, first);
    setTopRow(row - (row % overscan));
    if (following && up && toEnd > nearEnd) buffer.pause();
    else if (!following && down && toEnd < 2) buffer.follow();
  };
  /** Scrolls for the keys, which must not follow again when they reach the end. */
  const scrollTo = (top: number): void => {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = top;
    lastTop.current = element.scrollTop;
  };
  return { scroller, topRow, onScroll, scrollTo };
}

type LogViewProps = {
  buffer: LogBuffer;
  snapshot: LogSnapshot;
  nameOf: (applianceId: string) => string;
  query: string;
  isWrapped?: boolean;
  choice: LineChoice;
};

/** The lines themselves, as a list that is walked and chosen from by mouse and keyboard. */
export function LogView({ buffer, snapshot, nameOf, query, isWrapped = false, choice }: LogViewProps) {
  const { rows, following, selection } = snapshot;
  const id = useId();
  const { scroller, topRow, onScroll, scrollTo } = useFollowing({ buffer, following });
  const { first, last } = rangeToDraw({ count: rows.length, following, top: topRow });
  const { range } = choice;
  const head = range?.head ?? null;
  // A line that the keys reach may be out of sight.
  const reveal = useRef<() => void>(() => undefined);
  useEffect(() => {
    reveal.current = () => {
      const element = scroller.current;
      const index = rows.findIndex((row) => row.key === head);
      if (element === null || index === -1) return;
      const row = element.querySelector<HTMLElement>(`[data-row="${head}"]`);
      const top = row?.offsetTop ?? index * lineHeight;
      const bottom = top + (row?.offsetHeight ?? lineHeight);
      if (top < element.scrollTop) scrollTo(top);
      else if (bottom > element.scrollTop + element.clientHeight) scrollTo(bottom - element.clientHeight);
    };
  });
  useEffect(() => {
    if (head !== null) reveal.current();
  }, [head]);
  const shownSelection = useRef(selection);
  // After a change of the filter while paused, the old scroll position means nothing: start at the newest line.
  useLayoutEffect(() => {
    if (shownSelection.current === selection) return;
    shownSelection.current = selection;
    if (following || scroller.current === null) return;
    scrollTo(scroller.current.scrollHeight);
    reveal.current();
  });

  return (
    <div
      ref={scroller}
      className={styles.log}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select can't hold lines of several cells
      role="listbox"
      aria-multiselectable="true"
      aria-label="Syslog lines"
      aria-activedescendant={head === null ? undefined : `${id}-${head}`}
      tabIndex={0}
      data-log=""
      data-testid="log"
      data-wrap={isWrapped}
      data-following={following}
      onScroll={() => onScroll({ first, count: rows.length })}
    >
      <div style={{ height: first * lineHeight }} aria-hidden="true" />
      {rows.slice(first, last).map((row) => {
        const isChosen = range !== null && row.key >= range.from && row.key <= range.to;
        return (
          <LogRowView
            key={row.key}
            id={id}
            row={row}
            nameOf={nameOf}
            query={query}
            isChosen={isChosen}
            isOpen={isChosen && range.from === range.to}
            onChoose={choice.choose}
          />
        );
      })}
      <div style={{ height: (rows.length - last) * lineHeight }} aria-hidden="true" />
    </div>
  );
}
