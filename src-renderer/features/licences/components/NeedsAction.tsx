import type { ReactNode } from 'react';
import { workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import { licenceStaleAfterMs, licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import type { TripSummary } from '../../../../src-shared/model/licence/trip.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { ToneDot } from '../../../ui/feedback/Tone.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import {
  describeExpiry,
  describeNext,
  formatDay,
  formatLocalMinute,
  formatUtcMinute,
  formatWeekday,
} from '../labels.ts';
import { daysUntilNext, type LicenceRow, needsAction } from '../rows.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The licences that need work now, with the next step of each. `onRenew` is null for viewers. */
export function NeedsAction({
  rows,
  now,
  trips,
  onRenew,
}: {
  rows: readonly LicenceRow[];
  now: number;
  trips: readonly TripSummary[];
  onRenew: ((name: string) => void) | null;
}) {
  const due = rows.filter((row) => needsAction(row, now));
  if (due.length === 0) return null;
  return (
    <Card
      title={`Needs action (${due.length})`}
      label="Needs action"
      tone="warn"
      flush
      aside={<NextDate rows={due} now={now} />}
    >
      <ul className={styles.actions}>
        {due.map((row) => (
          <ActionRow key={row.id} row={row} now={now}>
            <RenewButton
              trip={trips.find(({ entryId, ended }) => ended === null && entryId === row.id) ?? null}
              onRenew={onRenew === null ? null : () => onRenew(row.name)}
            />
          </ActionRow>
        ))}
      </ul>
    </Card>
  );
}

function RenewButton({ trip, onRenew }: { trip: TripSummary | null; onRenew: (() => void) | null }) {
  const navigateTo = useNavigateTo();
  if (trip !== null)
    return (
      <Button kind="primary" onClick={() => navigateTo(places.licenceTrip(trip.id))}>
        Continue trip
      </Button>
    );
  return onRenew === null ? null : <Button onClick={onRenew}>Renew offline…</Button>;
}

function NextDate({ rows, now }: { rows: readonly LicenceRow[]; now: number }) {
  const [soonest] = rows
    .filter(({ next }) => next !== null)
    .sort((a, b) => (a.next?.day ?? '').localeCompare(b.next?.day ?? ''));
  if (soonest?.next == null) return null;
  const days = daysUntilNext(soonest, now) ?? 0;
  return (
    <span className={textStyles.sub}>
      Next date: {workSteps[soonest.next.step].label.toLowerCase()}, {soonest.name}, by{' '}
      <b className={feedback.word} data-tone="warn">
        {formatWeekday(soonest.next.day, now)}, {days === 0 ? 'today' : `in ${days} d`}
      </b>
    </span>
  );
}

function ActionRow({ row, now, children }: { row: LicenceRow; now: number; children: ReactNode }) {
  const isOld = useIsOld(row.observedAt, licenceStaleAfterMs);
  const { sentence, by } = describeNext(row, now);
  const expiresAt = row.licence?.expiresAt ?? null;
  const tone = row.licence === null ? 'unknown' : (licenceStates[row.licence.state].severity ?? 'warn');
  return (
    <li className={styles.action}>
      <ToneDot tone={tone} observedAt={row.observedAt} label={row.name} />
      <div>
        <PlaceLink to={places.appliance(row.name)} className={textStyles.nameLink}>
          {row.name}
        </PlaceLink>{' '}
        {describeExpiry(row, now)}
        <span className={`${styles.second} ${textStyles.mono}`}>
          {expiresAt === null ? null : formatUtcMinute(expiresAt)}
        </span>
        {expiresAt === null ? null : (
          <span className={`${styles.second} ${textStyles.mono}`}>
            {formatLocalMinute(expiresAt)} local time
          </span>
        )}
      </div>
      <div>
        {sentence}
        {by === null ? null : (
          <>
            {' '}
            by <b>{by}</b>
          </>
        )}
        <span className={styles.second}>
          {isOld ? (
            <>
              Last seen <Age observedAt={row.observedAt} freshForMs={licenceStaleAfterMs} />. The licence may
              have changed since.
            </>
          ) : (
            <WhyNow row={row} now={now} />
          )}
        </span>
      </div>
      <div className={textStyles.sub}>
        For{' '}
        <span className={styles.role}>
          {row.next === null ? workSteps.apply.role : workSteps[row.next.step].role}
        </span>
      </div>
      <div className={styles.actionEnd}>{children}</div>
    </li>
  );
}

function WhyNow({ row, now }: { row: LicenceRow; now: number }) {
  const { licence } = row;
  if (licence === null) return null;
  if (licence.state === 'grace' && licence.graceEndsAt !== null)
    return (
      <>
        No new tenants or ports after {formatDay(licence.graceEndsAt.slice(0, 10), now)} (licence grace ends).
      </>
    );
  return <MomentText text={`The appliance reports: ${licence.reason}.`} />;
}
