import {
  dayOf,
  startOfDay,
  type Day,
  type WorkDate,
  type WorkStep,
  workSteps,
} from '../../../src-shared/model/licence/calendar.ts';
import { licenceStates } from '../../../src-shared/model/licence/licence.ts';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { describeLicence } from '../fleet/labels.ts';
import { formatLocal } from '../../ui/feedback/Moment.tsx';
import type { LicenceRow } from './rows.ts';

const weekdayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** E.g. `27 Nov`, and with the year if `now` is in another one. */
export function formatDay(day: Day, now: number): string {
  const text = dayFormat.format(startOfDay(day));
  return day.slice(0, 4) === dayOf(now).slice(0, 4) ? text : `${text} ${day.slice(0, 4)}`;
}

/** E.g. `Fri 27 Nov`. */
export function formatWeekday(day: Day, now: number): string {
  return `${weekdayFormat.format(startOfDay(day))} ${formatDay(day, now)}`;
}

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

const stepSentences: Record<WorkStep, string> = {
  quote: 'Ask the vendor for a quote',
  order: 'Order the renewal',
  carry: 'Carry the request out and the answer back',
  apply: 'Apply the answer',
};

/** What to do next for a licence, as `Order the renewal` and `by Fri 27 Nov`. */
export function describeNext(row: LicenceRow, now: number): { sentence: string; by: string | null } {
  if (row.licence === null) return { sentence: 'No data yet', by: null };
  if (row.licence.state === 'not-required') return { sentence: 'No licence required', by: null };
  if (row.next === null) return { sentence: 'Renew now: every planned date has passed', by: null };
  if (licenceStates[row.licence.state].severity === 'bad') return { sentence: 'Renew now', by: null };
  return { sentence: stepSentences[row.next.step], by: formatWeekday(row.next.day, now) };
}

export function describeWorkDate({ step, day }: WorkDate, now: number): string {
  return `${workSteps[step].label} by ${formatWeekday(day, now)}`;
}
