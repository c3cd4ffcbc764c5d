import type { ReactNode } from 'react';
import { asWallTime, startOfDay, workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import type { ClosedRange } from '../../../../src-shared/model/licence/closedDays.ts';
import { formatDay } from '../../../../src-shared/model/licence/dayText.ts';
import { licenceModes, licenceStaleAfterMs } from '../../../../src-shared/model/licence/licence.ts';
import { dayMs } from '../../../../src-shared/base/time.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { describeLicence } from '../../fleet/labels.ts';
import { calendarScale, closedSpans, type Scale } from '../calendarScale.ts';
import { describeWorkDate, formatLocalMinute, formatUtcMinute } from '../labels.ts';
import { isLicensed, type LicenceRow } from '../rows.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const ranges = [
  { months: '3', text: '3 months' },
  { months: '8', text: '8 months' },
  { months: '24', text: '2 years' },
] as const;
export type CalendarMonths = (typeof ranges)[number]['months'];

/** When each licence expires, and the work before it, on one scale of time. */
export function ExpiryCalendar({
  rows,
  now,
  months,
  closed,
  onMonths,
  onMark,
}: {
  rows: readonly LicenceRow[];
  now: number;
  months: CalendarMonths;
  closed: readonly ClosedRange[];
  onMonths: (months: CalendarMonths) => void;
  /** Null for viewers. */
  onMark: ((name: string) => void) | null;
}) {
  const scale = calendarScale(now, Number(months));
  const spans = closedSpans(scale, closed);
  return (
    <Card
      title="Expiry calendar"
      label="Expiry calendar"
      flush
      aside={
        <div className={styles.legend}>
          <Legend />
          <Chips label="Shown time">
            {ranges.map((range) => (
              <FilterChip
                key={range.months}
                on={range.months === months}
                onToggle={() => onMonths(range.months)}
              >
                {range.text}
              </FilterChip>
            ))}
          </Chips>
        </div>
      }
    >
      <div className={styles.calendarFrame} data-testid="table">
        <table className={styles.calendar}>
          <thead>
            <tr>
              <th scope="col">Appliance</th>
              <th scope="col" className={styles.trackCell}>
                <span className={layout.srOnly}>Timeline</span>
                <Months scale={scale} />
              </th>
              <th scope="col">Expires (local)</th>
              <th scope="col" className={styles.end}>
                Data age
              </th>
              {onMark === null ? null : (
                <th scope="col">
                  <span className={layout.srOnly}>Steps</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <CalendarRow key={row.id} row={row} scale={scale} spans={spans} now={now} onMark={onMark} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Legend() {
  return (
    <ul className={styles.legendList} aria-label="Legend">
      {Object.values(workSteps).map(({ mark, label }) => (
        <li key={mark}>
          <i className={styles.mark}>{mark}</i> {label.toLowerCase()}
        </li>
      ))}
      <li>
        <i className={styles.diamond} /> expires
      </li>
      <li>
        <i className={styles.graceSample} /> grace
      </li>
      <li>
        <i className={styles.closedSample} /> closed
      </li>
      <li>✓ done</li>
      <li className={feedback.word} data-tone="warn">
        amber: due next
      </li>
    </ul>
  );
}

function Months({ scale }: { scale: Scale }) {
  return (
    <div className={styles.track} aria-hidden="true">
      {scale.months.map(({ start, label, width }) => (
        <span
          key={start}
          className={styles.month}
          style={{ left: `${scale.percentAt(start)}%`, width: `${width}%` }}
        >
          {label}
        </span>
      ))}
      <span className={styles.today} style={{ left: `max(30px, ${scale.today}%)` }}>
        today
      </span>
    </div>
  );
}

type RowProps = {
  row: LicenceRow;
  scale: Scale;
  spans: readonly { from: number; to: number }[];
  now: number;
};

function CalendarRow({ onMark, ...props }: RowProps & { onMark: ((name: string) => void) | null }) {
  const { row, now } = props;
  const name = (
    <th scope="row">
      <PlaceLink to={places.appliance(row.name)} className={textStyles.nameLink}>
        {row.name}
      </PlaceLink>
      {isLicensed(row) && row.licence?.mode != null ? (
        <span className={textStyles.faint}> {licenceModes[row.licence.mode].label}</span>
      ) : null}
    </th>
  );
  if (row.licence?.expiresAt == null)
    return (
      <tr>
        {name}
        <td colSpan={2} className={textStyles.sub}>
          <WithoutExpiry row={row} now={now} />
        </td>
        <td className={styles.end}>
          {row.licence === null ? null : <Age observedAt={row.observedAt} freshForMs={licenceStaleAfterMs} />}
        </td>
        {onMark === null ? null : <td aria-label="No steps" />}
      </tr>
    );
  const { expiresAt } = row.licence;
  return (
    <tr data-due={row.schedule.isDue}>
      {name}
      <td className={styles.trackCell}>
        <Timeline {...props} expiresAt={expiresAt} />
      </td>
      <td title={`${formatUtcMinute(expiresAt)}, ${formatLocalMinute(expiresAt)} local time`}>
        <DaysLeft row={row} now={now} />{' '}
        <span className={textStyles.sub}>{formatLocalExpiry(expiresAt, now)}</span>
      </td>
      <td className={styles.end}>
        <DataAge row={row} />
      </td>
      {onMark === null ? null : (
        <td className={styles.rowAction}>
          <Button small kind="quiet" onClick={() => onMark(row.name)} label={`Steps of ${row.name}…`}>
            Steps…
          </Button>
        </td>
      )}
    </tr>
  );
}

function DataAge({ row }: { row: LicenceRow }) {
  const isOld = useIsOld(row.observedAt, licenceStaleAfterMs);
  return (
    <span title={isOld ? 'The licence may have changed since it was read' : undefined}>
      <Age observedAt={row.observedAt} freshForMs={licenceStaleAfterMs} />
      {isOld ? <span className={layout.srOnly}> ago, may have changed</span> : null}
    </span>
  );
}

/** E.g. `10 Dec 13:00`: the day and minute in which the licence ends where this computer is. */
function formatLocalExpiry(expiresAt: string, now: number): string {
  const [day = '', time = ''] = formatLocalMinute(expiresAt).split(' ');
  return `${formatDay(day, now)} ${time.slice(0, 5)}`;
}

function WithoutExpiry({ row, now }: { row: LicenceRow; now: number }) {
  if (row.licence === null) return <>No data yet. It appears after the appliance’s first answer.</>;
  if (!isLicensed(row)) return <>No licence required. No authority key is installed.</>;
  const { tone, text } = describeLicence(row.licence, now);
  return (
    <>
      <span className={feedback.word} data-tone={tone}>
        {text}
      </span>
      : {row.licence.reason}
    </>
  );
}

/** The days left, as the fleet’s table shows them. */
export function DaysLeft({ row, now }: { row: LicenceRow; now: number }) {
  const { tone, text } = describeLicence(row.licence, now);
  return (
    <b className={`${feedback.word} ${textStyles.tabular}`} data-tone={tone === 'ok' ? undefined : tone}>
      {text.replace(/^expires in /u, '')}
    </b>
  );
}

function describeTimeline(row: LicenceRow, expiresAt: string, now: number): string {
  const dates = row.schedule.dates.map((date) => describeWorkDate(date, now));
  return [`${row.name} expires ${formatUtcMinute(expiresAt)}`, ...dates].join('; ');
}

function Bar({ scale, from, to, kind }: { scale: Scale; from: number; to: number; kind: string }): ReactNode {
  const left = Math.max(0, scale.percentAt(from));
  const right = Math.min(100, scale.percentAt(to));
  if (right <= left) return null;
  return (
    <i className={styles.bar} data-kind={kind} style={{ left: `${left}%`, width: `${right - left}%` }} />
  );
}

function Timeline({ row, expiresAt, scale, spans, now }: RowProps & { expiresAt: string }) {
  const isOld = useIsOld(row.observedAt, licenceStaleAfterMs);
  const expires = asWallTime(Date.parse(expiresAt));
  const today = asWallTime(now);
  const { dates: planned, next, isDue } = row.schedule;
  const graceEndsAt = row.licence?.graceEndsAt ?? null;
  const [first] = planned;
  const isShown = (instant: number): boolean => instant >= scale.from && instant < scale.to;
  // Marks of steps that are days apart would cover each other on a scale of years.
  const dates = scale.to - scale.from > 400 * dayMs ? planned.slice(0, 1) : planned;
  return (
    <>
      <span className={layout.srOnly}>{describeTimeline(row, expiresAt, now)}</span>
      <div className={styles.track} aria-hidden="true">
        {scale.months.map(({ start }) => (
          <i key={start} className={styles.monthLine} style={{ left: `${scale.percentAt(start)}%` }} />
        ))}
        {spans.map(({ from, to }) => (
          <Bar key={from} scale={scale} from={from} to={to} kind="closed" />
        ))}
        <Bar scale={scale} from={today} to={expires} kind={isOld ? 'old' : 'valid'} />
        {first === undefined ? null : (
          <Bar scale={scale} from={startOfDay(first.day)} to={expires} kind={isDue ? 'due' : 'work'} />
        )}
        {graceEndsAt === null ? null : (
          <Bar scale={scale} from={expires} to={asWallTime(Date.parse(graceEndsAt))} kind="grace" />
        )}
        <i className={styles.todayLine} style={{ left: `${scale.today}%` }} />
        {dates
          .map((date) => ({ date, at: startOfDay(date.day) + dayMs / 2 }))
          .filter(({ at }) => isShown(at))
          .map(({ date, at }) => (
            <i
              key={date.step}
              className={styles.mark}
              data-past={at < today - dayMs / 2}
              data-done={date.done !== null}
              data-due={date.step === next?.step && isDue}
              style={{ left: `${scale.percentAt(at)}%` }}
              title={describeWorkDate(date, now)}
            >
              {date.done === null ? workSteps[date.step].mark : '✓'}
            </i>
          ))}
        {isShown(expires) ? (
          <i
            className={styles.diamond}
            data-due={isDue}
            style={{ left: `${scale.percentAt(expires)}%` }}
            title={`Expires ${formatUtcMinute(expiresAt)}`}
          />
        ) : null}
      </div>
    </>
  );
}
