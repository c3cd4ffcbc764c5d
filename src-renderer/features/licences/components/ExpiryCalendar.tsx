import type { ReactNode } from 'react';
import { startOfDay, workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import { licenceModes, licenceStaleAfterMs } from '../../../../src-shared/model/licence/licence.ts';
import { dayMs } from '../../../../src-shared/base/time.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { describeLicence } from '../../fleet/labels.ts';
import { calendarScale, type Scale } from '../calendarScale.ts';
import { describeWorkDate, formatDay, formatLocalMinute, formatUtcMinute } from '../labels.ts';
import { isLicensed, type LicenceRow, needsAction } from '../rows.ts';
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
  onMonths,
}: {
  rows: readonly LicenceRow[];
  now: number;
  months: CalendarMonths;
  onMonths: (months: CalendarMonths) => void;
}) {
  const scale = calendarScale(now, Number(months));
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
                <Months scale={scale} now={now} />
              </th>
              <th scope="col">Expires</th>
              <th scope="col" className={styles.end}>
                Data age
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <CalendarRow key={row.id} row={row} scale={scale} now={now} />
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
      <li className={feedback.word} data-tone="warn">
        amber: due next
      </li>
    </ul>
  );
}

function Months({ scale, now }: { scale: Scale; now: number }) {
  return (
    <div className={styles.track} aria-hidden="true">
      {scale.months.map(({ start, label }) => (
        <span key={start} className={styles.month} style={{ left: `${scale.percentAt(start)}%` }}>
          {label}
        </span>
      ))}
      <span className={styles.today} style={{ left: `${scale.percentAt(now)}%` }}>
        today
      </span>
    </div>
  );
}

function CalendarRow({ row, scale, now }: { row: LicenceRow; scale: Scale; now: number }) {
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
      </tr>
    );
  const { expiresAt } = row.licence;
  return (
    <tr data-due={needsAction(row, now)}>
      {name}
      <td className={styles.trackCell}>
        <Timeline row={row} expiresAt={expiresAt} scale={scale} now={now} />
      </td>
      <td title={`${formatUtcMinute(expiresAt)}, ${formatLocalMinute(expiresAt)} local time`}>
        <DaysLeft row={row} now={now} />{' '}
        <span className={textStyles.sub}>{formatDay(expiresAt.slice(0, 10), now)}</span>
      </td>
      <td className={styles.end}>
        <Age observedAt={row.observedAt} freshForMs={licenceStaleAfterMs} />
      </td>
    </tr>
  );
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
  const dates = row.dates.map((date) => describeWorkDate(date, now));
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

function Timeline({
  row,
  expiresAt,
  scale,
  now,
}: {
  row: LicenceRow;
  expiresAt: string;
  scale: Scale;
  now: number;
}) {
  const isOld = useIsOld(row.observedAt, licenceStaleAfterMs);
  const expires = Date.parse(expiresAt);
  const graceEndsAt = row.licence?.graceEndsAt ?? null;
  const [first] = row.dates;
  const isShown = (instant: number): boolean => instant >= scale.from && instant < scale.to;
  // Marks of steps that are days apart would cover each other on a scale of years.
  const dates = scale.to - scale.from > 400 * dayMs ? row.dates.slice(0, 1) : row.dates;
  return (
    <>
      <span className={layout.srOnly}>{describeTimeline(row, expiresAt, now)}</span>
      <div className={styles.track} aria-hidden="true">
        {scale.months.map(({ start }) => (
          <i key={start} className={styles.monthLine} style={{ left: `${scale.percentAt(start)}%` }} />
        ))}
        <Bar scale={scale} from={now} to={expires} kind={isOld ? 'old' : 'valid'} />
        {first === undefined ? null : (
          <Bar
            scale={scale}
            from={startOfDay(first.day)}
            to={expires}
            kind={needsAction(row, now) ? 'due' : 'work'}
          />
        )}
        {graceEndsAt === null ? null : (
          <Bar scale={scale} from={expires} to={Date.parse(graceEndsAt)} kind="grace" />
        )}
        <i className={styles.todayLine} style={{ left: `${scale.percentAt(now)}%` }} />
        {dates
          .map((date) => ({ date, at: startOfDay(date.day) + dayMs / 2 }))
          .filter(({ at }) => isShown(at))
          .map(({ date, at }) => (
            <i
              key={date.step}
              className={styles.mark}
              data-past={at < now - dayMs / 2}
              data-due={date === row.next && needsAction(row, now)}
              style={{ left: `${scale.percentAt(at)}%` }}
              title={describeWorkDate(date, now)}
            >
              {workSteps[date.step].mark}
            </i>
          ))}
        {isShown(expires) ? (
          <i
            className={styles.diamond}
            data-due={needsAction(row, now)}
            style={{ left: `${scale.percentAt(expires)}%` }}
            title={`Expires ${formatUtcMinute(expiresAt)}`}
          />
        ) : null}
      </div>
    </>
  );
}
