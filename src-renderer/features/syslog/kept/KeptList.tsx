import {
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Columns, gridOf } from './columns.ts';
import type { KeptRow } from './keptRows.ts';
import { KeptRowView } from './KeptRowView.tsx';
import { lineHeight, rowAt, topsOf } from './rowHeights.ts';
import type { KeptChoice } from './useKeptChoice.ts';
import styles from './kept.module.css';

/** Rows that are drawn beyond what is seen; scrolling draws again after as many. */
const overscan = 20;
/** How near to an end more lines are loaded, and how near to the newest line counts as being there, pixels. */
const nearEnd = 400;
const atEnd = 4;

/** The row at the top and how far it is scrolled out: what stays in place when rows are added before it. */
type Anchor = { id: string; offset: number };

type Props = {
  rows: readonly KeptRow[];
  isFollowing: boolean;
  isWrapped: boolean;
  columns: Columns;
  choice: KeptChoice;
  marks: readonly string[];
  bookmarked: ReadonlySet<string>;
  nameOf: (applianceId: string) => string;
  renderContext: (row: Extract<KeptRow, { kind: 'context' }>) => ReactNode;
  onOpenFold: (id: string) => void;
  onOpenContext: (id: string) => void;
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

/** Heights that differ from one line. They are measured after drawing. */
function useTops(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly KeptRow[],
  isWrapped: boolean,
): Float64Array {
  const [heights, setHeights] = useState<Heights>({ isWrapped, byId: noHeights });
  const byId = heights.isWrapped === isWrapped ? heights.byId : noHeights;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const changed = measureRows(scroller.current, byId);
      if (changed.size > 0) setHeights({ isWrapped, byId: new Map([...byId, ...changed]) });
    });
    return () => cancelAnimationFrame(frame);
  });
  return useMemo(() => topsOf(rows, byId), [rows, byId]);
}

/** Follows the newest line, or keeps the row at the top in place when rows are added around it. */
function useScrolling(props: Props, scroller: RefObject<HTMLDivElement | null>, tops: Float64Array) {
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
          ? end - element.clientHeight
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

const step = overscan * lineHeight;
const quantize = (top: number): number => Math.floor(top / step) * step;

/** The rows as a list that is walked by mouse and keyboard. Only those in sight are drawn. */
export function KeptList(props: Props) {
  const { rows, choice, isFollowing } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const tops = useTops(scroller, rows, props.isWrapped);
  const { top, onScroll, reveal } = useScrolling(props, scroller, tops);
  const seen = Math.ceil(window.innerHeight / lineHeight) * lineHeight;
  const [first, last] = isFollowing
    ? [Math.max(0, rows.length - Math.ceil(seen / lineHeight) - overscan), rows.length]
    : [Math.max(0, rowAt(tops, top - step)), Math.min(rows.length, rowAt(tops, top + seen + 2 * step) + 1)];
  const latest = useRef(reveal);
  useEffect(() => {
    latest.current = reveal;
  });
  const { head } = choice;
  const isLoaded = choice.headRow !== null;
  useEffect(() => {
    if (head !== null && isLoaded) latest.current(head);
  }, [head, isLoaded]);
  return (
    <div
      ref={scroller}
      className={styles.list}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select can't hold lines of several cells
      role="listbox"
      aria-multiselectable="true"
      aria-label="Found lines"
      aria-activedescendant={head === null ? undefined : `${id}-${head}`}
      tabIndex={0}
      data-log=""
      data-testid="kept-log"
      data-wrap={props.isWrapped}
      data-following={isFollowing}
      style={{ '--columns': gridOf(props.columns) }}
      onScroll={onScroll}
    >
      <div style={{ height: tops[first] ?? 0 }} aria-hidden="true" />
      {rows.slice(first, last).map((row, index) =>
        row.kind === 'context' ? (
          <div key={row.id} data-row={row.id} role="presentation">
            {props.renderContext(row)}
          </div>
        ) : (
          <KeptRowView
            key={row.id}
            elementId={`${id}-${row.id}`}
            row={row}
            name={
              row.kind === 'line'
                ? props.nameOf(row.shown.kept.applianceId)
                : row.kind === 'gap'
                  ? props.nameOf(row.gap.applianceId)
                  : ''
            }
            marks={props.marks}
            columns={props.columns}
            isChosen={choice.isChosen(first + index)}
            isBookmarked={props.bookmarked.has(row.id)}
            onChoose={choice.choose}
            onOpen={row.kind === 'fold' ? props.onOpenFold : props.onOpenContext}
          />
        ),
      )}
      <div style={{ height: Math.max(0, (tops.at(-1) ?? 0) - (tops[last] ?? 0)) }} aria-hidden="true" />
    </div>
  );
}
