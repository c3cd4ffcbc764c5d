import type { ReactNode } from 'react';
import type { KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { useElementWidth } from '../../../ui/table/useElementWidth.ts';
import { findTicks } from './axisTicks.ts';
import { type Bar, countOf, countWithin, placeSpan, type Span, type SpanCount, sumBars } from './bars.ts';
import { describeSpan, describeTick } from './spanText.ts';
import { useRangeDraft } from './useRangeDraft.ts';
import styles from './kept.module.css';

type Props = {
  bars: readonly Bar[];
  gaps: readonly KeptGap[];
  selected: Span | null;
  /** What the selected range holds; null if that is not known. */
  selectedCount: SpanCount | null;
  onSelect: (span: Span | null) => void;
};

const describeBar = (bar: Bar): string => describeSpan(bar, sumBars([bar]));

/**
 * How many lines there are over the time, by severity. A range is selected by dragging, or by the arrow keys, Shift and
 * Enter. The bars move while lines arrive; the range keeps its times.
 */
export function Histogram({ bars, gaps, selected, selectedCount, onSelect }: Props) {
  const range = useRangeDraft({ bars, hasSelected: selected !== null, onSelect });
  const { draft } = range;
  const [first, last, head] = [bars[0], bars.at(-1), bars[range.head]];
  if (first === undefined || last === undefined || head === undefined) return null;
  const scale = { from: first.from, to: last.to };
  const marked = draft ?? selected;
  const markedText =
    marked === null ? '' : describeSpan(marked, draft === null ? selectedCount : countWithin(bars, draft));
  const pointed = range.pointed === null ? undefined : bars[range.pointed];
  return (
    <div className={styles.histogram}>
      <div className={styles.readout}>
        <span className={styles.selection} data-testid="selection">
          {markedText}
        </span>
        <span data-testid="pointed-bar">{pointed === undefined ? '' : describeBar(pointed)}</span>
      </div>
      <div
        className={styles.bars}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an input can't hold bars
        role="slider"
        aria-label="Time range: arrow keys move, Shift extends, Enter selects"
        aria-valuemin={0}
        aria-valuemax={bars.length - 1}
        aria-valuenow={range.head}
        aria-valuetext={markedText === '' ? describeBar(head) : markedText}
        tabIndex={0}
        {...range.handlers}
      >
        {marked === null ? null : <MarkedSpan scale={scale} span={marked} />}
        <BarList bars={bars} gaps={gaps} pointed={range.pointed} />
      </div>
      <Axis scale={scale} />
    </div>
  );
}

const percent = (part: number): string => `${part * 100}%`;

function MarkedSpan({ scale, span }: { scale: Span; span: Span }) {
  const place = placeSpan(scale, span);
  return place === null ? null : (
    <div
      className={styles.marked}
      data-testid="marked-span"
      style={{ left: percent(place.start), width: percent(place.end - place.start) }}
    />
  );
}

const parts = ['others', 'warnings', 'errors'] as const;

function BarList({
  bars,
  gaps,
  pointed,
}: Pick<Props, 'bars' | 'gaps'> & { pointed: number | null }): ReactNode {
  const highest = Math.max(1, ...bars.map(countOf));
  return bars.map((bar, index) => (
    <div
      key={bar.from}
      className={styles.bar}
      data-testid="bar"
      data-pointed={index === pointed}
      data-gap={gaps.some(({ key }) => key.sort >= bar.from && key.sort <= bar.to)}
    >
      {parts.map((part) =>
        bar[part] === 0 ? null : (
          // Few lines stay visible beside many. A minimum is kept even if the parts are higher than the bar together.
          <span key={part} data-part={part} style={{ height: percent(bar[part] / highest), minHeight: 2 }} />
        ),
      )}
    </div>
  ));
}

/** Of a label in pixels, with its mark. */
const widthOf = (text: string): number => text.length * 7 + 5;

function Axis({ scale }: { scale: Span }) {
  const [widthPx, measure] = useElementWidth();
  const length = scale.to - scale.from;
  return (
    <div ref={measure} className={styles.axis} data-testid="axis">
      {findTicks({ ...scale, widthPx })
        .map((tick, index) => ({
          part: (tick.at - scale.from) / length,
          text: describeTick(tick, index === 0),
        }))
        .filter(({ part, text }) => (1 - part) * widthPx >= widthOf(text))
        .map(({ part, text }) => (
          <span key={part} style={{ left: percent(part) }}>
            {text}
          </span>
        ))}
    </div>
  );
}
