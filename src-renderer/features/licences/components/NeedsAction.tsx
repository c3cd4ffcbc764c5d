import type { ReactNode } from 'react';
import { daysBetween, localDayOf, workRoles } from '../../../../src-shared/model/licence/calendar.ts';
import { formatDay, formatWeekday } from '../../../../src-shared/model/licence/dayText.ts';
import {
  licenceModes,
  licenceStaleAfterMs,
  licenceStates,
} from '../../../../src-shared/model/licence/licence.ts';
import { nextSteps } from '../../../../src-shared/model/licence/nextSteps.ts';
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
import { copyText } from '../../../ui/text/copy.ts';
import {
  describeDone,
  describeExpiry,
  describeNext,
  formatLocalMinute,
  formatUtcMinute,
  roleOfNext,
} from '../labels.ts';
import { useCalendarActions } from '../queries.ts';
import { writeQuoteRequest } from '../quoteRequest.ts';
import { hasHostKeyProblem, type LicenceRow, rowsToAct } from '../rows.ts';
import { stepOrder } from '../trip/tripLabels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

export type CalendarDialogs = {
  onRenew: (name: string) => void;
  onSnooze: (name: string) => void;
  onMark: (name: string) => void;
};

/** The licences that need work now, with the next step of each. `dialogs` is null for viewers. */
export function NeedsAction({
  rows,
  now,
  trips,
  dialogs,
}: {
  rows: readonly LicenceRow[];
  now: number;
  trips: readonly TripSummary[];
  dialogs: CalendarDialogs | null;
}) {
  const openTrips = new Set(trips.filter(({ ended }) => ended === null).map(({ entryId }) => entryId));
  const due = rowsToAct(rows, openTrips);
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
        {due.map((row) => {
          const trip = trips.find(({ entryId, ended }) => ended === null && entryId === row.id) ?? null;
          return (
            <ActionRow key={row.id} row={row} now={now} trip={trip}>
              <RowActions row={row} now={now} trip={trip} dialogs={dialogs} />
            </ActionRow>
          );
        })}
      </ul>
    </Card>
  );
}

function RowActions({
  row,
  now,
  trip,
  dialogs,
}: {
  row: LicenceRow;
  now: number;
  trip: TripSummary | null;
  dialogs: CalendarDialogs | null;
}) {
  const { endSnooze } = useCalendarActions();
  const { snooze, next } = row.schedule;
  const isMarkable = next?.step === 'quote' || next?.step === 'order';
  return (
    <>
      {dialogs === null ? null : snooze === null ? (
        <Button small kind="quiet" onClick={() => dialogs.onSnooze(row.name)} label={`Snooze ${row.name}…`}>
          Snooze…
        </Button>
      ) : (
        <Button
          small
          kind="quiet"
          busy={endSnooze.isPending}
          onClick={() => endSnooze.mutate({ applianceId: row.id, sequence: row.licence?.sequence ?? null })}
          label={`End snooze of ${row.name}`}
        >
          End snooze
        </Button>
      )}
      {dialogs !== null && isMarkable ? (
        <Button
          small
          kind="quiet"
          onClick={() => dialogs.onMark(row.name)}
          label={`Mark done steps of ${row.name}…`}
        >
          Mark done…
        </Button>
      ) : null}
      {dialogs !== null && isMarkable && trip === null && isRenewedOffline(row) ? (
        <Button small onClick={() => dialogs.onRenew(row.name)} label={`Renew offline… ${row.name}`}>
          Renew offline…
        </Button>
      ) : null}
      <MainAction row={row} now={now} trip={trip} dialogs={dialogs} />
    </>
  );
}

/** Whether people carry the renewal of a licence; connected appliances fetch theirs. */
function isRenewedOffline({ licence }: LicenceRow): boolean {
  return licence?.mode != null && !licenceModes[licence.mode].fetchesLicence;
}

/** The button that helps with the next step. */
function MainAction({
  row,
  now,
  trip,
  dialogs,
}: {
  row: LicenceRow;
  now: number;
  trip: TripSummary | null;
  dialogs: CalendarDialogs | null;
}) {
  const navigateTo = useNavigateTo();
  if (hasHostKeyProblem(row))
    return (
      <Button small onClick={() => navigateTo(places.appliance(row.name))}>
        Compare host keys
      </Button>
    );
  if (trip !== null)
    return (
      <Button small kind="primary" onClick={() => navigateTo(places.licenceTrip(trip.id))}>
        Continue trip
      </Button>
    );
  switch (row.schedule.next?.step) {
    case 'quote':
      return (
        <Button small onClick={() => copyText(writeQuoteRequest(row, now), 'Quote request copied')}>
          Copy quote request
        </Button>
      );
    case 'carry':
    case 'apply':
    case 'renew':
    case 'install':
      return dialogs === null ? null : (
        <Button small kind="primary" onClick={() => dialogs.onRenew(row.name)}>
          Renew offline…
        </Button>
      );
    case 'receive':
      return (
        <Button small onClick={() => navigateTo(places.appliance(row.name))}>
          Open {row.name}
        </Button>
      );
    case 'order':
    case undefined:
      return null;
  }
}

function NextDate({ rows, now }: { rows: readonly LicenceRow[]; now: number }) {
  const [soonest] = rows
    .flatMap(({ name, schedule: { next, isDue } }) =>
      !isDue || next?.day == null ? [] : [{ name, step: next.step, day: next.day }],
    )
    .sort((a, b) => a.day.localeCompare(b.day));
  if (soonest === undefined) return null;
  const days = daysBetween(localDayOf(now), soonest.day);
  const when = days < 0 ? `${-days} d ago` : days === 0 ? 'today' : `in ${days} d`;
  const { sentence } = nextSteps[soonest.step];
  return (
    <span className={textStyles.sub}>
      Next date: {sentence.slice(0, 1).toLowerCase()}
      {sentence.slice(1)}, {soonest.name},{' '}
      <b className={feedback.word} data-tone="warn">
        {formatWeekday(soonest.day, now)}, {when}
      </b>
    </span>
  );
}

function toneOf({ licence, schedule }: LicenceRow, isHostKey: boolean): 'warn' | 'bad' | 'off' {
  if (schedule.snooze !== null) return 'off';
  if (isHostKey) return 'bad';
  return licence !== null && licenceStates[licence.state].severity === 'bad' ? 'bad' : 'warn';
}

function ActionRow({
  row,
  now,
  trip,
  children,
}: {
  row: LicenceRow;
  now: number;
  trip: TripSummary | null;
  children: ReactNode;
}) {
  const isOld = useIsOld(row.observedAt, licenceStaleAfterMs);
  const { sentence, by } = describeNext(row, now);
  const expiresAt = row.licence?.expiresAt ?? null;
  return (
    <li className={styles.action}>
      <ToneDot tone={toneOf(row, hasHostKeyProblem(row))} observedAt={row.observedAt} label={row.name} />
      <div>
        <PlaceLink to={places.appliance(row.name)} className={textStyles.nameLink}>
          {row.name}
        </PlaceLink>{' '}
        {describeExpiry(row, now)}
        {expiresAt === null ? null : (
          <span className={`${styles.second} ${textStyles.mono}`}>
            {formatUtcMinute(expiresAt)}
            <br />
            {formatLocalMinute(expiresAt)} local time
          </span>
        )}
        {isOld ? (
          <span className={`${styles.second} ${feedback.word}`} data-tone="warn">
            read <Age observedAt={row.observedAt} freshForMs={licenceStaleAfterMs} /> ago, may have changed
          </span>
        ) : null}
      </div>
      <div>
        {sentence} {by === null ? null : <b>{by}</b>}
        <span className={styles.second}>
          <WhyNow row={row} now={now} trip={trip} />
        </span>
      </div>
      <div className={textStyles.sub}>
        For <span className={styles.role}>{workRoles[roleOfNext(row)].label}</span>
      </div>
      <div className={styles.actionEnd}>{children}</div>
    </li>
  );
}

function WhyNow({ row, now, trip }: { row: LicenceRow; now: number; trip: TripSummary | null }) {
  const { licence, schedule } = row;
  const { snooze } = schedule;
  if (snooze !== null)
    return (
      <>
        Snoozed by {snooze.by} until {formatDay(snooze.until, now)}: “{snooze.reason}”
      </>
    );
  if (licence === null) return null;
  if (hasHostKeyProblem(row))
    return <>No login since. The date of its licence is the last one that was read.</>;
  if (licence.state === 'grace' && licence.graceEndsAt !== null)
    return (
      <>
        No new tenants or ports after {formatLocalMinute(licence.graceEndsAt)} local time (licence grace
        ends).
      </>
    );
  const step =
    trip === null
      ? ''
      : `Trip ${trip.name}, step ${stepOrder.indexOf(trip.step) + 1} of ${stepOrder.length}.`;
  const known = [step, describeDone(schedule.dates), ...describeMove(row)].filter((text) => text !== '');
  return known.length > 0 ? (
    <>{known.join(' ')}</>
  ) : (
    <MomentText text={`The appliance reports: ${licence.reason}.`} />
  );
}

function describeMove({ schedule: { dates, next } }: LicenceRow): string[] {
  const date = dates.find(({ step }) => step === next?.step);
  return date?.movedBy == null ? [] : [`Moved to the last open day before (${date.movedBy}).`];
}
