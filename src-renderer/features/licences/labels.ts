import { localDayOf, type WorkRole, workSteps } from '../../../src-shared/model/licence/calendar.ts';
import { formatWeekday } from '../../../src-shared/model/licence/dayText.ts';
import { nextSteps, roleOfStep } from '../../../src-shared/model/licence/nextSteps.ts';
import { licenceStates } from '../../../src-shared/model/licence/licence.ts';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { describeLicence } from '../fleet/labels.ts';
import { formatLocal } from '../../ui/feedback/Moment.tsx';
import { hasHostKeyProblem, type LicenceRow, type ScheduledDate } from './rows.ts';

/** E.g. `2026-12-09 23:59 UTC`; licences expire at a whole second that people rarely need. */
export function formatUtcMinute(instant: string): string {
  return formatInstant(instant).replace(/:00 UTC$/u, ' UTC');
}

/** E.g. `2026-12-10 00:59 here`. */
export function formatLocalMinute(instant: string): string {
  return formatLocal(instant).replace(/:00$/u, '');
}

export function describeExpiry({ licence }: LicenceRow, now: number): string {
  const { text } = describeLicence(licence, now);
  return licence?.state === 'valid' ? `expires in ${text}` : text;
}

/** What to do next for a licence, as `Order the renewal` and `by Fri 27 Nov`. */
export function describeNext(row: LicenceRow, now: number): { sentence: string; by: string | null } {
  const { next } = row.schedule;
  if (row.licence === null) return { sentence: 'No data yet', by: null };
  if (next === null) return { sentence: licenceStates['not-required'].label, by: null };
  if (hasHostKeyProblem(row))
    return { sentence: 'Confirm the new host key before you plan this renewal', by: null };
  const { sentence } = nextSteps[next.step];
  if (next.day === null) return { sentence, by: null };
  const isLate = next.day < localDayOf(now);
  return { sentence, by: `${isLate ? 'was due by' : 'by'} ${formatWeekday(next.day, now)}` };
}

/** Who does the next step. */
export function roleOfNext(row: LicenceRow): WorkRole {
  if (hasHostKeyProblem(row) || row.schedule.next === null) return 'administrator';
  return roleOfStep(row.schedule.next.step, row.licence?.mode ?? null);
}

export function describeWorkDate({ step, day, movedBy, done }: ScheduledDate, now: number): string {
  const { label } = workSteps[step];
  if (done !== null) return `${label}: done${done.note === '' ? '' : ` (${done.note})`}`;
  const moved = movedBy === null ? '' : ` (moved: ${movedBy})`;
  return `${label} by ${formatWeekday(day, now)}${moved}`;
}

/** E.g. `Quote and order done (PO 88140).`; empty if nothing is done. */
export function describeDone(dates: readonly ScheduledDate[]): string {
  const done = dates.filter((date) => date.done !== null);
  if (done.length === 0) return '';
  const names = done.map(({ step }) => step).join(' and ');
  const notes = done.flatMap(({ done: mark }) => (mark === null || mark.note === '' ? [] : [mark.note]));
  return `${names.slice(0, 1).toUpperCase()}${names.slice(1)} done${notes.length === 0 ? '' : ` (${notes.join(', ')})`}.`;
}
