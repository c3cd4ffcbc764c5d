import { memo, type MouseEvent } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import {
  paddingBefore,
  programText,
  severityNames,
  type SyslogLine,
  timeDigits,
} from '../../../../src-shared/model/syslog/syslogLine.ts';
import { Marked } from '../../../ui/text/Machine.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import type { LogRow } from '../buffer.ts';
import { keepTextSelection } from './keepTextSelection.ts';
import { severityTitle, toneOfSeverity } from './severityTone.ts';
import styles from '../syslog.module.css';

function LogLine({ line, name, query }: { line: SyslogLine; name: string; query: string }) {
  const program = programText(line);
  const padding = paddingBefore(line);
  const when = line.time ?? line.receivedAt;
  const tone = toneOfSeverity(line.severity);
  return (
    <>
      <span className={styles.edge} data-edge={tone} />
      <span className={styles.logTime} title={`${when}${line.time === null ? ' (arrival time)' : ''}`}>
        {formatLineTime(when, timeDigits(line))}
      </span>
      <span className={styles.severity} data-edge={tone} title={severityTitle(line)}>
        {line.severity === null ? '–' : severityNames[line.severity].short}
      </span>
      <span className={styles.logName}>
        <Marked text={name} query={query} />
      </span>
      <span className={styles.logName} title={visibleText(program)}>
        <Marked text={visibleText(program)} query={query} />
      </span>
      <span className={styles.message}>
        <Marked
          text={visibleText(padding === '' ? line.message : `${padding} ${line.message}`)}
          query={query}
        />
      </span>
    </>
  );
}

type RowProps = {
  id: string;
  row: LogRow;
  nameOf: (applianceId: string) => string;
  query: string;
  isChosen: boolean;
  /** Shows the whole text, however long. */
  isOpen: boolean;
  onChoose: (key: number, isExtending: boolean) => void;
};

/** Drawn once: rows in sight are not drawn again when others arrive. */
export const LogRowView = memo(function LogRowView(props: RowProps) {
  const { row, isChosen } = props;
  const isGap = row.kind === 'gap';
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the list has the focus and its keys
    <div
      id={`${props.id}-${row.key}`}
      className={isGap ? `${styles.logLine} ${styles.gap}` : styles.logLine}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an option can't hold several cells
      role="option"
      aria-selected={isChosen}
      tabIndex={-1}
      data-row={row.key}
      data-open={props.isOpen}
      data-testid={isGap ? 'log-gap' : 'log-line'}
      onMouseDown={keepTextSelection}
      onClick={(event: MouseEvent) => {
        // The end of a text selection by mouse is no choice of a line.
        if (event.shiftKey || getSelection()?.isCollapsed !== false) props.onChoose(row.key, event.shiftKey);
      }}
    >
      {isGap ? (
        visibleText(row.text)
      ) : (
        <LogLine line={row.line} name={props.nameOf(row.line.applianceId)} query={props.query} />
      )}
    </div>
  );
});
