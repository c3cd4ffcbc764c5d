import { type ReactNode, useEffect, useId, useRef } from 'react';
import { type Columns, gridOf } from './columns.ts';
import type { KeptRow } from './keptRows.ts';
import { KeptRowView } from './KeptRowView.tsx';
import type { KeptChoice } from './useKeptChoice.ts';
import { drawnRows, type Scrolled, useScrolling, useTops } from './useScrolling.ts';
import styles from './kept.module.css';

type Props = Scrolled & {
  isWrapped: boolean;
  columns: Columns;
  choice: KeptChoice;
  marks: readonly string[];
  bookmarked: ReadonlySet<string>;
  nameOf: (applianceId: string) => string;
  renderContext: (row: Extract<KeptRow, { kind: 'context' }>) => ReactNode;
  onOpenFold: (id: string) => void;
  onOpenContext: (id: string) => void;
};

/** The rows as a list that is walked by mouse and keyboard. Only those in sight are drawn. */
export function KeptList(props: Props) {
  const { rows, choice, isFollowing } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { tops, remeasure } = useTops(scroller, rows, props.isWrapped);
  const { top, onScroll, reveal } = useScrolling(props, scroller, tops);
  const [first, last] = drawnRows(tops, top, isFollowing);
  useReveal(rows, tops, choice, reveal);
  return (
    <div
      ref={scroller}
      className={styles.list}
      data-testid="kept-log"
      data-wrap={props.isWrapped}
      data-following={isFollowing}
      style={{ '--columns': gridOf(props.columns) }}
      onScroll={onScroll}
    >
      <ListBox {...props} first={first} last={last} tops={tops} />
      {rows.slice(first, last).map((row, index) =>
        row.kind === 'context' ? (
          <ContextPlace key={row.id} id={row.id} top={tops[first + index] ?? 0} onSize={remeasure}>
            {props.renderContext(row)}
          </ContextPlace>
        ) : null,
      )}
    </div>
  );
}

/** The context of a line, over the space that the rows leave. It grows when its lines arrive, without the list. */
function ContextPlace(props: { id: string; top: number; onSize: () => void; children: ReactNode }) {
  const { id, top, onSize } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const observer = new ResizeObserver(onSize);
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [onSize]);
  return (
    <div ref={place} className={styles.contextPlace} style={{ top }} data-row={id}>
      {props.children}
    </div>
  );
}

/** Scrolls to the chosen row, and to the context when it is opened or grows. */
function useReveal(
  rows: readonly KeptRow[],
  tops: Float64Array,
  { head, headRow }: KeptChoice,
  reveal: (id: string) => void,
): void {
  const latest = useRef(reveal);
  useEffect(() => {
    latest.current = reveal;
  });
  const isLoaded = headRow !== null;
  useEffect(() => {
    if (head !== null && isLoaded) latest.current(head);
  }, [head, isLoaded]);
  const index = rows.findIndex(({ kind }) => kind === 'context');
  const context = rows[index]?.id;
  const height = (tops[index + 1] ?? 0) - (tops[index] ?? 0);
  useEffect(() => {
    if (context !== undefined && height > 0) latest.current(context);
  }, [context, height]);
}

/** The drawn rows. The context of a line holds buttons, which a list of options can't, so that only its space is here. */
function ListBox(props: Props & { first: number; last: number; tops: Float64Array }) {
  const { rows, choice, first, last, tops } = props;
  const id = useId();
  const { head } = choice;
  const heightOf = (from: number, to: number): number => Math.max(0, (tops[to] ?? 0) - (tops[from] ?? 0));
  return (
    <div
      className={styles.rows}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select can't hold lines of several cells
      role="listbox"
      aria-multiselectable="true"
      aria-label="Found lines"
      aria-activedescendant={head === null ? undefined : `${id}-${head}`}
      tabIndex={0}
      data-log=""
    >
      <div style={{ height: heightOf(0, first) }} aria-hidden="true" />
      {rows
        .slice(first, last)
        .map((row, index) =>
          row.kind === 'context' ? (
            <div
              key={row.id}
              style={{ height: heightOf(first + index, first + index + 1) }}
              aria-hidden="true"
            />
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
      <div style={{ height: heightOf(last, rows.length) }} aria-hidden="true" />
    </div>
  );
}
