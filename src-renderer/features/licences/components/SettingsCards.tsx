import { type ReactNode, useState } from 'react';
import {
  type LeadTimes,
  parseReminderDays,
  type Reminders,
} from '../../../../src-shared/model/licence/calendarSettings.ts';
import { workRoles, type WorkRole, workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import { formatDay, formatWeekday } from '../../../../src-shared/model/licence/dayText.ts';
import {
  findNextReminders,
  type NextReminderDay,
} from '../../../../src-shared/model/licence/licenceReminders.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { useMay } from '../../system/queries.ts';
import { useCalendarSettings } from '../queries.ts';
import type { LicenceRow } from '../rows.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

// Loaded when they open, so that the form stays with the page of settings.
const EditReminders = lazyComponent(async () => (await import('./CalendarSettingsForm.tsx')).RemindersForm);
const EditLeadTimes = lazyComponent(async () => (await import('./CalendarSettingsForm.tsx')).LeadTimesForm);

type CardProps = { rows: readonly LicenceRow[]; now: number };

/** When roles are reminded, and how early each step is planned. */
export function SettingsCards(props: CardProps) {
  const settings = useCalendarSettings();
  return (
    <Loaded query={settings} skeleton={<Skeleton lines={4} />}>
      {({ leadTimes, reminders }) => (
        <div className={styles.settingsCards}>
          <RemindersCard {...props} reminders={reminders} />
          <LeadTimesCard {...props} leadTimes={leadTimes} />
        </div>
      )}
    </Loaded>
  );
}

function SettingsCard({
  title,
  hint,
  form,
  children,
}: {
  title: string;
  hint: string;
  form: ReactNode;
  children: ReactNode;
}) {
  const mayEdit = useMay('admin');
  const [isEditing, setIsEditing] = useState(false);
  return (
    <Card
      title={title}
      label={title}
      flush
      aside={
        <span className={styles.cardAside}>
          <span className={textStyles.sub}>{hint}</span>
          {mayEdit ? (
            <Button small onClick={() => setIsEditing(true)} label={`Edit ${title.toLowerCase()}…`}>
              Edit…
            </Button>
          ) : null}
        </span>
      }
    >
      {children}
      <Dialog opened={isEditing} onClose={() => setIsEditing(false)} title={title} size={560}>
        {form}
      </Dialog>
    </Card>
  );
}

const listDays = (text: string) => {
  const days = parseReminderDays(text) ?? [];
  return days.length === 0 ? null : new Intl.ListFormat('en-GB').format(days.map(String));
};

function remindedBefore(text: string, dates: string): string {
  const days = listDays(text);
  return days === null ? `not reminded of ${dates}` : `${days} d before ${dates}`;
}

function describeReminders(reminders: Reminders): Record<WorkRole, string> {
  const { purchasingDays, managerDays, administratorDays, dailyInGrace } = reminders;
  return {
    purchasing: remindedBefore(purchasingDays, 'quote and order dates'),
    manager: remindedBefore(managerDays, 'carry and apply dates'),
    administrator: `${remindedBefore(administratorDays, 'expiry')}, then ${dailyInGrace ? 'daily' : 'once'} in grace`,
  };
}

function NextReminder({ next, now }: { next: NextReminderDay; now: number }) {
  if (next === null) return <span className={textStyles.sub}>none planned</span>;
  return next.isDue ? (
    <span className={feedback.word} data-tone="warn">
      due today
    </span>
  ) : (
    <span className={textStyles.sub}>next {formatDay(next.day, now)}</span>
  );
}

function RemindersCard({ rows, now, reminders }: CardProps & { reminders: Reminders }) {
  const described = describeReminders(reminders);
  const next = findNextReminders(
    rows.flatMap(({ licence, schedule }) => (licence === null ? [] : [{ licence, schedule }])),
    reminders,
    now,
  );
  return (
    <SettingsCard
      title="Reminders"
      hint="sent to roles, so they survive staff changes"
      form={<EditReminders.Component props={{ reminders }} fallback={<Skeleton lines={5} />} />}
    >
      <ul className={styles.settingRows}>
        {(['purchasing', 'manager', 'administrator'] as const).map((role) => (
          <li key={role} className={styles.reminderRow}>
            <b>{workRoles[role].label}</b>
            <span className={textStyles.sub}>{described[role]}</span>
            <NextReminder next={next[role]} now={now} />
          </li>
        ))}
        <li className={textStyles.sub}>Air-gapped appliances are never reminded about licence pings.</li>
      </ul>
    </SettingsCard>
  );
}

/** The dates that closed days move, one line for each reason, step and day. */
function listMoves(rows: readonly LicenceRow[], now: number): string[] {
  const moves = new Map<string, { names: string[]; text: (names: string) => string }>();
  for (const { name, schedule } of rows)
    for (const { step, day, movedBy, done } of schedule.dates) {
      if (movedBy === null || movedBy === 'weekend' || done !== null) continue;
      const key = `${movedBy} ${step} ${day}`;
      const reason = `${movedBy.slice(0, 1).toUpperCase()}${movedBy.slice(1)}`;
      const move = moves.get(key) ?? {
        names: [],
        text: (names) =>
          `${reason}: “${workSteps[step].label.toLowerCase()}” for ${names} moves to ${formatWeekday(day, now)}.`,
      };
      move.names.push(name);
      moves.set(key, move);
    }
  return [...moves.values()].map(({ names, text }) => text(joinNames(names)));
}

const maxNames = 3;

function joinNames(names: readonly string[]): string {
  const shown = names.slice(0, maxNames);
  const rest = names.length - shown.length;
  return new Intl.ListFormat('en-GB').format(rest > 0 ? [...shown, `${rest} more`] : shown);
}

const maxMoves = 3;

function LeadTimesCard({ rows, now, leadTimes }: CardProps & { leadTimes: LeadTimes }) {
  const { quoteDays, orderDays, carryDays, applyDays, closedDays } = leadTimes;
  const moves = listMoves(rows, now);
  return (
    <SettingsCard
      title="Lead times"
      hint="used for every work-back date"
      form={<EditLeadTimes.Component props={{ leadTimes }} fallback={<Skeleton lines={5} />} />}
    >
      <ul className={styles.settingRows}>
        <li className={styles.leadTimes}>
          {Object.entries({ Quote: quoteDays, Order: orderDays, Carry: carryDays, Apply: applyDays }).map(
            ([label, days]) => (
              <span key={label}>
                <b>{label}</b> <span className={textStyles.sub}>{days} d</span>
              </span>
            ),
          )}
        </li>
        <li className={textStyles.sub}>
          A date on a weekend or a closed day moves to the last open day before it.{' '}
          {closedDays === '' ? 'No closed days are set.' : `Closed: ${closedDays}.`}
        </li>
        {moves.slice(0, maxMoves).map((move) => (
          <li key={move} className={textStyles.sub}>
            {move}
          </li>
        ))}
        {moves.length > maxMoves ? (
          <li className={textStyles.sub}>and {moves.length - maxMoves} more moved dates</li>
        ) : null}
        <li className={textStyles.sub}>
          Connected appliances fetch the licence themselves: no carry, no apply.
        </li>
      </ul>
    </SettingsCard>
  );
}
