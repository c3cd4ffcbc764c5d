import { memo, type MouseEvent } from 'react';
import { formatSkewError } from '../../../../src-shared/model/syslog/applianceClock.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import {
  paddingBefore,
  programText,
  severityNames,
  timeDigits,
} from '../../../../src-shared/model/syslog/syslogLine.ts';
import type { KeptLine } from '../../../../src-shared/model/syslog/keptLine.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { severityTitle, toneOfSeverity } from '../components/severityTone.ts';
import type { Columns } from './columns.ts';
import { describeGap, instantText } from './gaps.ts';
import type { KeptRow } from './keptRows.ts';
import { MarkedTexts } from './MarkedTexts.tsx';
import { keepTextSelection } from '../components/keepTextSelection.ts';
import type { ShownLine } from './shownLine.ts';
import styles from './kept.module.css';

/** The skew of an appliance's clock, as `+2.4 s`; empty below half a second. */
export function skewText(skewMs: number): string {
  if (Math.abs(skewMs) < 500) return '';
  const seconds = Math.abs(skewMs) / 1000;
  const text = seconds < 100 ? seconds.toFixed(1) : Math.round(seconds).toString();
  return `${skewMs < 0 ? '−' : '+'}${text} s`;
}

/** The skew with how far it may be off. Empty without a skew. */
function statedSkew({ skewMs, skewErrorMs }: KeptLine): string {
  const skew = skewText(skewMs);
  return skew === '' ? '' : `${skew} ${formatSkewError(skewErrorMs)}`.trimEnd();
}

/** The time of a line by the console's clock, if it is another one than the line has, or may be off. */
export function CorrectedTime({ shown: { kept, line } }: { shown: ShownLine }) {
  const skew = statedSkew(kept);
  return (
    <>
      {formatLineTime(new Date(kept.key.sort).toISOString(), timeDigits(line))}{' '}
      {formatSkewError(kept.skewErrorMs)}
      {skew === '' ? '' : `, the appliance’s clock was ${skew} off`}
    </>
  );
}

/** What is known of the time of a line by the console's clock. */
function describeTime({ line, kept }: ShownLine, isOrdered: boolean): string {
  const when = new Date(kept.key.sort).toISOString();
  const error = formatSkewError(kept.skewErrorMs);
  return [
    `${when}${error === '' ? '' : ` ${error}`}${line.time === null ? ' (arrival time)' : ''}`,
    ...(isOrdered ? [] : ['The clocks do not tell which of this line and the one above is older.']),
  ].join('. ');
}

/** The cells of a line. Its time is by the console's clock. */
export function LineCells({
  shown,
  name,
  marks,
  columns,
  isOrdered = true,
}: {
  shown: ShownLine;
  name: string;
  marks: readonly string[];
  columns: Columns;
  /** Whether the line above is surely older. */
  isOrdered?: boolean;
}) {
  const { line, kept } = shown;
  const tone = toneOfSeverity(line.severity);
  const when = new Date(kept.key.sort).toISOString();
  const padding = paddingBefore(line);
  const program = visibleText(programText(line));
  return (
    <>
      <span className={styles.edge} data-edge={tone} />
      <span className={styles.time} data-ordered={isOrdered} title={describeTime(shown, isOrdered)}>
        {isOrdered ? null : '≈ '}
        {formatLineTime(when, timeDigits(line))}
      </span>
      {columns.skew ? (
        <span
          className={styles.skew}
          title="How far the appliance’s clock was ahead, and how far that may be off"
        >
          {statedSkew(kept)}
        </span>
      ) : null}
      {columns.appliance ? <span className={styles.name}>{name}</span> : null}
      {columns.severity ? (
        <span className={styles.severity} data-edge={tone} title={severityTitle(line)}>
          {line.severity === null ? '–' : severityNames[line.severity].short}
        </span>
      ) : null}
      {columns.program ? (
        <span className={styles.name} title={program}>
          {program}
        </span>
      ) : null}
      <span className={styles.message}>
        <MarkedTexts
          text={visibleText(padding === '' ? line.message : `${padding} ${line.message}`)}
          marks={marks}
        />
      </span>
    </>
  );
}

function RowContent({ row, name, marks, columns }: Pick<RowProps, 'row' | 'name' | 'marks' | 'columns'>) {
  switch (row.kind) {
    case 'line':
      return (
        <LineCells shown={row.shown} name={name} marks={marks} columns={columns} isOrdered={row.isOrdered} />
      );
    case 'fold': {
      const { line } = row.first;
      const tone = toneOfSeverity(line.severity);
      return (
        <>
          <span className={styles.edge} data-edge={tone} />
          <span className={styles.foldCount}>
            {row.isOpen ? '▾' : '▸'} {row.count} ×
          </span>
          <span className={styles.severity} data-edge={tone}>
            {line.severity === null ? '' : severityNames[line.severity].short}
          </span>
          <span className={styles.message}>{visibleText(`${programText(line)} ${row.pattern}`)}</span>
          <span className={styles.time}>
            {instantText(row.first.kept.key.sort)} – {instantText(row.last.kept.key.sort)}
          </span>
        </>
      );
    }
    case 'gap': {
      const { title, text } = describeGap(row.gap, name);
      return (
        <>
          <span className={styles.gapText}>
            <b>{title}</b> {text}
          </span>
          <span className={styles.gapMore}>Details</span>
        </>
      );
    }
    default:
      return <span>New since you last looked</span>;
  }
}

const rowClasses = {
  line: styles.line,
  fold: `${styles.line} ${styles.fold}`,
  gap: `${styles.line} ${styles.gap}`,
  looked: `${styles.line} ${styles.looked}`,
} as const;

type RowProps = {
  elementId: string;
  row: Exclude<KeptRow, { kind: 'context' }>;
  name: string;
  marks: readonly string[];
  columns: Columns;
  isChosen: boolean;
  isBookmarked: boolean;
  onChoose: (id: string, isExtending: boolean) => void;
  onOpen: (id: string) => void;
};

/** Drawn once: rows in sight are not drawn again when others are loaded. */
export const KeptRowView = memo(function KeptRowView(props: RowProps) {
  const { row } = props;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the list has the focus and its keys
    <div
      id={props.elementId}
      className={rowClasses[row.kind]}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an option can't hold several cells
      role="option"
      aria-selected={props.isChosen}
      tabIndex={-1}
      data-row={row.id}
      data-folded={row.kind === 'line' && row.isFolded}
      data-bookmarked={props.isBookmarked}
      data-testid={`kept-${row.kind}`}
      onMouseDown={keepTextSelection}
      onClick={(event: MouseEvent) => {
        // The end of a text selection by mouse is no choice of a line.
        if (!event.shiftKey && getSelection()?.isCollapsed === false) return;
        props.onChoose(row.id, event.shiftKey);
        if (row.kind === 'fold' && !event.shiftKey) props.onOpen(row.id);
      }}
      onDoubleClick={() => {
        if (row.kind === 'line') props.onOpen(row.id);
      }}
    >
      <RowContent row={row} name={props.name} marks={props.marks} columns={props.columns} />
    </div>
  );
});
