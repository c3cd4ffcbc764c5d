import { memo, type MouseEvent } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { Severity, SyslogLine } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { timeDigits } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { Marked } from '../../../ui/text/Machine.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import type { LogRow } from '../buffer.ts';
import styles from '../syslog.module.css';

/** Each severity as a word and a tone. */
const severityWords: Record<Severity, { word: string; tone: 'bad' | 'warn' | 'plain' }> = {
  emerg: { word: 'emerg', tone: 'bad' },
  alert: { word: 'alert', tone: 'bad' },
  crit: { word: 'crit', tone: 'bad' },
  err: { word: 'err', tone: 'bad' },
  warning: { word: 'warn', tone: 'warn' },
  notice: { word: 'notice', tone: 'plain' },
  info: { word: 'info', tone: 'plain' },
  debug: { word: 'debug', tone: 'plain' },
};

function severityTitle(line: SyslogLine): string {
  if (line.severity === null) return 'severity unknown';
  return line.severityFrom === 'words' ? `${line.severity}, guessed from the text` : line.severity;
}

function LogLine({ line, name, query }: { line: SyslogLine; name: string; query: string }) {
  const program = line.program === null ? '' : `${line.program}${line.pid === null ? '' : `[${line.pid}]`}`;
  const when = line.time ?? line.receivedAt;
  const { word, tone } = line.severity === null ? { word: '–', tone: 'plain' } : severityWords[line.severity];
  return (
    <>
      <span className={styles.edge} data-edge={tone} />
      <span className={styles.logTime} title={`${when}${line.time === null ? ' (arrival time)' : ''}`}>
        {formatLineTime(when, timeDigits(line))}
      </span>
      <span className={styles.severity} data-edge={tone} title={severityTitle(line)}>
        {word}
      </span>
      <span className={styles.logName}>
        <Marked text={name} query={query} />
      </span>
      <span className={styles.logName} title={visibleText(program)}>
        <Marked text={visibleText(program)} query={query} />
      </span>
      <span className={styles.message}>
        <Marked text={visibleText(line.message)} query={query} />
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

/** Drawn once: a row that stays in sight is not touched when others arrive. */
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
      onClick={(event: MouseEvent) => {
        // Text that was marked with the mouse is copied as it is.
        if (getSelection()?.isCollapsed !== false) props.onChoose(row.key, event.shiftKey);
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
