import { memo, useEffect, useRef, useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { Severity, SyslogLine } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { Marked } from '../../../ui/text/Machine.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import type { LogBuffer, LogRow, LogSnapshot } from '../buffer.ts';
import styles from '../syslog.module.css';

const lineHeight = 20;
/** How near to the newest line still counts as being there, pixels. */
const nearEnd = 30;

function edgeOf(severity: Severity | null): 'bad' | 'warn' | 'plain' {
  switch (severity) {
    case 'emerg':
    case 'alert':
    case 'crit':
    case 'err':
      return 'bad';
    case 'warning':
      return 'warn';
    case 'notice':
    case 'info':
    case 'debug':
    case null:
      return 'plain';
  }
}

function severityTitle(line: SyslogLine): string {
  if (line.severity === null) return 'severity not given';
  return line.severityFrom === 'words' ? `${line.severity}, guessed from its text` : line.severity;
}

function LogLine({ line, name, query }: { line: SyslogLine; name: string; query: string }) {
  const program = line.program === null ? '' : `${line.program}${line.pid === null ? '' : `[${line.pid}]`}`;
  const when = line.time ?? line.receivedAt;
  const title = severityTitle(line);
  return (
    <>
      <svg className={styles.edge} data-edge={edgeOf(line.severity)} role="img" aria-label={title}>
        <title>{title}</title>
      </svg>
      <span className={styles.logTime} title={`${when}${line.time === null ? ' (arrival time)' : ''}`}>
        {formatLineTime(when)}
      </span>
      <span className={styles.logName}>
        <Marked text={name} query={query} />
      </span>
      <span className={styles.logName} title={visibleText(program)}>
        <Marked text={visibleText(program)} query={query} />
      </span>
      <span title={visibleText(line.message)}>
        <Marked text={visibleText(line.message)} query={query} />
      </span>
    </>
  );
}

type RowProps = { row: LogRow; top: number; nameOf: (applianceId: string) => string; query: string };

/** Drawn once: a row that stays in sight is not touched when others arrive. */
const Row = memo(function Row({ row, top, nameOf, query }: RowProps) {
  const style = { transform: `translateY(${top}px)` };
  if (row.kind === 'gap') {
    const text = visibleText(row.text);
    return (
      <div className={`${styles.logLine} ${styles.gap}`} style={style} data-testid="log-gap" title={text}>
        {text}
      </div>
    );
  }
  return (
    <div className={styles.logLine} style={style} data-testid="log-line">
      <LogLine line={row.line} name={nameOf(row.line.applianceId)} query={query} />
    </div>
  );
});

/** Rows that are drawn beyond what is seen; scrolling draws again after as many. */
const overscan = 20;

/** Indexes of the rows to draw. The log is never taller than the window, so nothing has to be measured. */
function rangeToDraw({ count, following, top }: { count: number; following: boolean; top: number }) {
  const seen = Math.ceil(window.innerHeight / lineHeight);
  const last = following ? count : Math.min(count, top + seen + 2 * overscan);
  return { first: Math.max(0, following ? count - seen - overscan : top - overscan), last };
}

/** The lines themselves. Scrolling up pauses, coming back to the end follows again. */
export function LogView({
  buffer,
  snapshot,
  nameOf,
  query,
}: {
  buffer: LogBuffer;
  snapshot: LogSnapshot;
  nameOf: (applianceId: string) => string;
  query: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const { rows, following } = snapshot;
  const [topRow, setTopRow] = useState(0);
  const { first, last } = rangeToDraw({ count: rows.length, following, top: topRow });

  // After each drawing, since the array of rows grows in place.
  useEffect(() => {
    const element = scroller.current;
    if (!following || element === null) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  });

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop } = element;
    const toEnd = element.scrollHeight - element.clientHeight - scrollTop;
    const up = scrollTop < lastTop.current - 1;
    const down = scrollTop > lastTop.current + 1;
    lastTop.current = scrollTop;
    const row = Math.floor(scrollTop / lineHeight);
    setTopRow(row - (row % overscan));
    if (following && up && toEnd > nearEnd) buffer.pause();
    else if (!following && down && toEnd < 2) buffer.follow();
  };

  return (
    <section
      ref={scroller}
      className={styles.log}
      onScroll={onScroll}
      aria-label="Log"
      tabIndex={0}
      data-testid="log"
    >
      <div
        className={styles.logBody}
        role="log"
        aria-label="Syslog lines"
        aria-live="off"
        style={{ height: rows.length * lineHeight }}
      >
        {rows.slice(first, last).map((row, index) => (
          <Row key={row.key} row={row} top={(first + index) * lineHeight} nameOf={nameOf} query={query} />
        ))}
      </div>
    </section>
  );
}
