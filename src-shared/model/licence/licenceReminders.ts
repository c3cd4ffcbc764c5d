import { reminderDaysOf, type Reminders } from './calendarSettings.ts';
import {
  addDays,
  daysBetween,
  lastValidDay,
  localDayOf,
  workRoles,
  type Day,
  type WorkRole,
} from './calendar.ts';
import { formatWeekday } from './dayText.ts';
import type { LicenceShowOutput } from './licence.ts';
import type { LicenceSchedule } from './licenceWork.ts';
import { nextSteps, roleOfStep } from './nextSteps.ts';

/** A reminder of one role. It is raised once; `id` names the due date and the number of days before it. */
export type LicenceReminder = { id: string; role: WorkRole; text: string };

/** A date of which a role is reminded, with the days on which it is. */
export type RemindedDate = { role: WorkRole; id: string; day: Day; sentence: string; on: Day[] };

const lowerFirst = (text: string) => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;

/** The dates of a licence of which roles are reminded: the step to do next, and the expiry. */
export function listRemindedDates(
  licence: LicenceShowOutput,
  schedule: LicenceSchedule,
  reminders: Reminders,
): RemindedDate[] {
  const days = reminderDaysOf(reminders);
  const { next } = schedule;
  if (licence.expiresAt === null || licence.state === 'not-required') return [];
  const last = lastValidDay(licence.expiresAt);
  const onDays = (role: WorkRole, day: Day) => days[role].map((before) => addDays(day, -before));
  const ofStep = next === null || next.day === null || next.step === 'receive' ? null : next;
  const role = ofStep === null ? 'administrator' : roleOfStep(ofStep.step, licence.mode);
  return [
    ...(ofStep?.day == null
      ? []
      : [
          {
            role,
            id: ofStep.step,
            day: ofStep.day,
            sentence: lowerFirst(nextSteps[ofStep.step].sentence),
            on: onDays(role, ofStep.day),
          },
        ]),
    {
      role: 'administrator',
      id: 'expiry',
      day: last,
      sentence: 'the licence expires',
      on: onDays('administrator', last),
    },
  ];
}

/** The reminder of a date that is due today: the latest one whose day has come. */
function findDue(date: RemindedDate, now: number): LicenceReminder | null {
  const today = localDayOf(now);
  const due = date.on.findLast((on) => on <= today);
  if (due === undefined) return null;
  const day = formatWeekday(date.day, now);
  const when =
    date.id === 'expiry' ? `its last day is ${day}` : date.day < today ? `was due by ${day}` : `by ${day}`;
  return {
    id: `${date.id} ${date.day} ${daysBetween(due, date.day)}`,
    role: date.role,
    text: `for ${workRoles[date.role].label}: ${date.sentence}, ${when}`,
  };
}

/** The reminder of a licence that is in grace, has expired, is missing or can’t be verified. */
function findProblemReminder(
  licence: LicenceShowOutput,
  reminders: Reminders,
  today: Day,
): LicenceReminder | null {
  const role = 'administrator';
  const text = `for ${workRoles[role].label}: the licence is ${licence.state}: ${licence.reason}`;
  switch (licence.state) {
    case 'grace':
      return { id: `grace ${reminders.dailyInGrace ? today : ''}`.trim(), role, text };
    case 'expired':
    case 'missing':
    case 'unverifiable':
      return { id: licence.state, role, text };
    case 'valid':
    case 'expiring':
    case 'not-required':
      return null;
  }
}

/**
 * The reminders of a licence that are due at `now` (epoch ms); none while it is snoozed. After a snooze, the due ones
 * are raised once more.
 */
export function listDueReminders(input: {
  licence: LicenceShowOutput;
  schedule: LicenceSchedule;
  reminders: Reminders;
  /** The day on which the last snooze ended; null without one. */
  snoozedUntil: Day | null;
  now: number;
}): LicenceReminder[] {
  const { licence, schedule, reminders, snoozedUntil } = input;
  const today = localDayOf(input.now);
  if (schedule.snooze !== null) return [];
  const problem = findProblemReminder(licence, reminders, today);
  const due =
    problem !== null
      ? [problem]
      : listRemindedDates(licence, schedule, reminders).flatMap((date) => findDue(date, input.now) ?? []);
  const after = snoozedUntil !== null && snoozedUntil <= today ? ` after ${snoozedUntil}` : '';
  return due.map((reminder) => ({ ...reminder, id: `${reminder.id}${after}` }));
}

/** Null if no reminder is planned; `isDue` if its day is today. */
export type NextReminderDay = { day: Day; isDue: boolean } | null;

/** When each role is reminded next of any of the licences. */
export function findNextReminders(
  licences: readonly { licence: LicenceShowOutput; schedule: LicenceSchedule }[],
  reminders: Reminders,
  now: number,
): Record<WorkRole, NextReminderDay> {
  const today = localDayOf(now);
  const next: Record<WorkRole, NextReminderDay> = { purchasing: null, manager: null, administrator: null };
  for (const { licence, schedule } of licences) {
    if (schedule.snooze !== null) continue;
    const take = (role: WorkRole, day: Day) => {
      const before = next[role];
      if (day >= today && (before === null || day < before.day)) next[role] = { day, isDue: day === today };
    };
    if (findProblemReminder(licence, reminders, today) !== null) take('administrator', today);
    for (const { role, on } of listRemindedDates(licence, schedule, reminders))
      for (const day of on) take(role, day);
  }
  return next;
}
