import { removeInvisibleCharacters } from '../../base/machineText.ts';
import { formatInstant } from '../../base/time.ts';
import type { Reminders } from './calendarSettings.ts';
import { addDays, lastValidDay, workRoles, workSteps, type Day } from './calendar.ts';
import type { LicenceShowOutput } from './licence.ts';
import { reminderDaysOf } from './calendarSettings.ts';
import type { LicenceSchedule } from './licenceWork.ts';

/**
 * An event of a whole day, or at an instant. `uid` stays the same when the event is exported again, so that it replaces
 * the old one. `alarmDays`: days before the event on which calendars remind of it.
 */
export type CalendarEvent = {
  uid: string;
  start: { day: Day } | { instant: string };
  summary: string;
  description: string;
  alarmDays: readonly number[];
};

const maxLineBytes = 75;
const encoder = new TextEncoder();

/** RFC 5545, 3.3.11: a backslash, semicolon, comma or line end in a text is escaped. */
function escapeText(text: string): string {
  return text
    .split('\n')
    .map((line) => removeInvisibleCharacters(line).replaceAll(/[\\;,]/gu, String.raw`\$&`))
    .join(String.raw`\n`);
}

/** RFC 5545, 3.1: no line has more than 75 bytes; the next line begins with a space. Never splits a character. */
function foldLine(line: string): string {
  const lines: string[] = [];
  let current = '';
  let bytes = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (bytes + size > maxLineBytes) {
      lines.push(current);
      current = ' ';
      bytes = 1;
    }
    current += character;
    bytes += size;
  }
  return [...lines, current].join('\r\n');
}

const basicDay = (day: Day) => day.replaceAll('-', '');

const basicInstant = (instant: string) =>
  `${new Date(instant).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '')}Z`;

function startLines(start: CalendarEvent['start']): string[] {
  // Without an end, an event at an instant ends when it starts.
  if ('instant' in start) return [`DTSTART:${basicInstant(start.instant)}`];
  return [`DTSTART;VALUE=DATE:${basicDay(start.day)}`, `DTEND;VALUE=DATE:${basicDay(addDays(start.day, 1))}`];
}

/** Calendars remind at 9:00 of the day for a whole day, which begins at midnight, and at the same time for an instant. */
function alarmTrigger(start: CalendarEvent['start'], days: number): string {
  if ('instant' in start) return `-P${days}D`;
  return days === 0 ? 'PT9H' : `-P${days - 1}DT15H`;
}

function eventLines({ uid, start, summary, description, alarmDays }: CalendarEvent, stamp: string): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${escapeText(uid)}`,
    `DTSTAMP:${stamp}`,
    ...startLines(start),
    `SUMMARY:${escapeText(summary)}`,
    `DESCRIPTION:${escapeText(description)}`,
    'TRANSP:TRANSPARENT',
    ...alarmDays.flatMap((days) => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `DESCRIPTION:${escapeText(summary)}`,
      `TRIGGER:${alarmTrigger(start, days)}`,
      'END:VALARM',
    ]),
    'END:VEVENT',
  ];
}

/** Writes an iCalendar file (RFC 5545). `now`: epoch milliseconds of its time stamps. */
export function writeICalendar(events: readonly CalendarEvent[], now: number): string {
  const stamp = basicInstant(new Date(now).toISOString());
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sallyport//Licence calendar//EN',
    'CALSCALE:GREGORIAN',
    ...events.flatMap((event) => eventLines(event, stamp)),
    'END:VCALENDAR',
  ];
  return `${lines.map(foldLine).join('\r\n')}\r\n`;
}

type ListedLicence = {
  applianceId: string;
  applianceName: string;
  licence: LicenceShowOutput;
  schedule: LicenceSchedule;
  reminders: Reminders;
};

/**
 * The events of one licence: the day of each step of the work before its expiry, its expiry and the end of grace. A
 * step that is done has no alarms; a snoozed licence has none before its snooze ends.
 */
export function listLicenceEvents(listed: ListedLicence): CalendarEvent[] {
  const { applianceId, applianceName, licence, schedule, reminders } = listed;
  const { expiresAt, graceEndsAt } = licence;
  if (expiresAt === null) return [];
  const last = lastValidDay(expiresAt);
  const days = reminderDaysOf(reminders);
  const snoozedUntil = schedule.snooze?.until ?? '';
  const alarmsOf = (day: Day, before: readonly number[]) =>
    before.filter((count) => addDays(day, -count) >= snoozedUntil);
  const expiry = `The licence of ${applianceName} expires at ${formatInstant(expiresAt)}.`;
  const steps = schedule.dates.map(({ step, day, movedBy, done }): CalendarEvent => {
    const { label, role } = workSteps[step];
    const lines = [
      expiry,
      `Responsible: ${workRoles[role].label}.`,
      ...(movedBy === null ? [] : [`Moved to the last open day before: ${movedBy}.`]),
      ...(done === null ? [] : [`Done by ${done.by}${done.note === '' ? '' : `: ${done.note}`}.`]),
    ];
    return {
      uid: `${applianceId}-${last}-${step}@sallyport`,
      start: { day },
      summary: `${applianceName}: ${label}${done === null ? '' : ' (done)'}`,
      description: lines.join('\n'),
      alarmDays: done === null ? alarmsOf(day, days[role]) : [],
    };
  });
  const ends: CalendarEvent[] = [
    {
      uid: `${applianceId}-${last}-expiry@sallyport`,
      start: { instant: expiresAt },
      summary: `${applianceName}: licence expires`,
      description: expiry,
      alarmDays: alarmsOf(last, days.administrator),
    },
  ];
  if (graceEndsAt !== null && graceEndsAt !== expiresAt)
    ends.push({
      uid: `${applianceId}-${last}-grace@sallyport`,
      start: { instant: graceEndsAt },
      summary: `${applianceName}: licence grace ends`,
      description: `${expiry}\nNo new tenants or ports after ${formatInstant(graceEndsAt)}.`,
      alarmDays: [],
    });
  return [...steps, ...ends];
}
