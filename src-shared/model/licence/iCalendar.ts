import { removeInvisibleCharacters } from '../../base/machineText.ts';
import { dayMs } from '../../base/time.ts';
import type { LicenceMode } from './licence.ts';
import { dayOf, lastValidDay, startOfDay, workBackDates, workSteps, type Day } from './calendar.ts';

/** An event of a whole day. `uid` stays the same when the event is exported again, so that it replaces the old one. */
export type CalendarEvent = { uid: string; day: Day; summary: string; description: string };

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

/** Writes an iCalendar file (RFC 5545). `now`: epoch milliseconds of its time stamps. */
export function writeICalendar(events: readonly CalendarEvent[], now: number): string {
  const stamp = `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '')}Z`;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sallyport//Licence calendar//EN',
    'CALSCALE:GREGORIAN',
    ...events.flatMap(({ uid, day, summary, description }) => [
      'BEGIN:VEVENT',
      `UID:${escapeText(uid)}`,
      `DTSTAMP:${stamp}`,
      `DTSTART;VALUE=DATE:${basicDay(day)}`,
      `DTEND;VALUE=DATE:${basicDay(dayOf(startOfDay(day) + dayMs))}`,
      `SUMMARY:${escapeText(summary)}`,
      `DESCRIPTION:${escapeText(description)}`,
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return `${lines.map(foldLine).join('\r\n')}\r\n`;
}

/** The events of one licence: each step of the work before its expiry, and its last day. */
export function listLicenceEvents(licence: {
  applianceId: string;
  applianceName: string;
  expiresAt: string;
  mode: LicenceMode | null;
}): CalendarEvent[] {
  const { applianceId, applianceName, expiresAt } = licence;
  const last = lastValidDay(expiresAt);
  const utc = `${expiresAt.slice(0, 16).replace('T', ' ')} UTC`;
  const steps = workBackDates(licence).map(({ step, day }) => ({
    uid: `${applianceId}-${last}-${step}@sallyport`,
    day,
    summary: `${applianceName}: ${workSteps[step].label}`,
    description: `The licence of ${applianceName} expires at ${utc}.\nResponsible: ${workSteps[step].role}.`,
  }));
  return [
    ...steps,
    {
      uid: `${applianceId}-${last}-last-day@sallyport`,
      day: last,
      summary: `${applianceName}: last day of the licence`,
      description: `The licence of ${applianceName} expires at ${utc}.`,
    },
  ];
}
