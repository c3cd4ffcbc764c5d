import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { type Bar, countOf, sumBars } from './bars.ts';
import styles from './kept.module.css';

type Span = { from: number; to: number };

const wholeNumber = new Intl.NumberFormat('en-US');

const timeText = (at: number): string => formatLineTime(new Date(at).toISOString(), 0);

function textOf(bars: readonly Bar[]): string {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return 'no lines';
  const { lines, errors } = sumBars(bars);
  return `${timeText(first.from)} – ${timeText(last.to)}, ${wholeNumber.format(lines)} lines, ${wholeNumber.format(errors)} errors`;
}

type Props = {
  bars: readonly Bar[];
  gaps: readonly KeptGap[];
  selected: Span | null;
  onSelect: (span: Span | null) => void;
};

/**
 * How many lines there are over the time, by severity. A range is selected by dragging, or by the arrow keys, Shift and
 * Enter.
 */
export function Histogram({ bars, gaps, selected, onSelect }: Props) {
  const area = useRef<HTMLDivElement>(null);
  /** Indexes of the bars that are being selected. */
  const [draft, setDraft] = useState<{ anchor: number; head: number } | null>(null);
  const [cursor, setCursor] = useState(bars.length - 1);
  const highest = Math.max(1, ...bars.map(countOf));
  const [from, to] =
    draft === null ? [-1, -1] : [Math.min(draft.anchor, draft.head), Math.max(draft.anchor, draft.head)];
  const isIn = (bar: Bar, index: number): boolean =>
    draft === null
      ? selected !== null && bar.to >= selected.from && bar.from <= selected.to
      : index >= from && index <= to;
  const marked = bars.filter(isIn);
  const head = Math.min(Math.max(cursor, 0), bars.length - 1);
  const select = (first: number, last: number): void => {
    const [start, end] = [bars[first], bars[last]];
    setDraft(null);
    if (start !== undefined && end !== undefined) onSelect({ from: start.from, to: end.to });
  };
  const indexAt = ({ clientX }: PointerEvent): number => {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    return Math.min(
      bars.length - 1,
      Math.max(0, Math.floor(((clientX - box.left) / box.width) * bars.length)),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step !== 0) {
      const next = Math.min(bars.length - 1, Math.max(0, head + step));
      setCursor(next);
      setDraft({ anchor: event.shiftKey ? (draft?.anchor ?? head) : next, head: next });
    } else if (event.key === 'Enter' && draft !== null) select(from, to);
    else if (event.key === 'Escape' && (draft !== null || selected !== null)) {
      setDraft(null);
      onSelect(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const gapBars = bars.map((bar) => gaps.some(({ key }) => key.sort >= bar.from && key.sort <= bar.to));
  return (
    <div className={styles.histogram}>
      <div
        ref={area}
        className={styles.bars}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an input can't hold bars
        role="slider"
        aria-label="Time range: arrow keys move, Shift extends, Enter selects"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={Math.max(0, head)}
        aria-valuetext={textOf(marked.length > 0 ? marked : bars.slice(head, head + 1))}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture?.(event.pointerId);
          const index = indexAt(event);
          setDraft({ anchor: index, head: index });
        }}
        onPointerMove={(event) => {
          if (draft !== null && event.buttons === 1) setDraft({ ...draft, head: indexAt(event) });
        }}
        onPointerUp={() => {
          if (draft !== null) select(from, to);
        }}
      >
        {bars.map((bar, index) => (
          <div
            key={bar.from}
            className={styles.bar}
            data-in={isIn(bar, index)}
            data-gap={gapBars[index]}
            title={textOf([bar])}
          >
            {(['others', 'warnings', 'errors'] as const).map((part) =>
              bar[part] === 0 ? null : (
                <span
                  key={part}
                  data-part={part}
                  style={{ height: `max(2px, ${(bar[part] / highest) * 100}%)` }}
                />
              ),
            )}
          </div>
        ))}
      </div>
      <div className={styles.axis}>
        <span>{bars[0] === undefined ? '' : timeText(bars[0].from)}</span>
        <span className={styles.selection} data-testid="selection">
          {marked.length > 0 ? textOf(marked) : ''}
        </span>
        <span>{bars.length === 0 ? '' : timeText(bars.at(-1)?.to ?? 0)}</span>
      </div>
    </div>
  );
}
