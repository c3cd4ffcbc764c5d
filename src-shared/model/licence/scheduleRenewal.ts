import { daysBeforeOf, type LeadTimes } from './calendarSettings.ts';
import { daysBetween, lastValidDay, localDayOf, workBackDates, type Day, type WorkStep } from './calendar.ts';
import { parseClosedDays } from './closedDays.ts';
import { licenceModes, licenceStates, type LicenceShowOutput } from './licence.ts';
import { emptySchedule, type LicenceSchedule, type LicenceWork, type StepDone } from './licenceWork.ts';

/** A date needs action from this many days before it **[ours]**. */
const dueSoonDays = 7;

export function isDueSoon(day: Day, today: Day): boolean {
  return daysBetween(today, day) <= dueSoonDays;
}

/** What the console knows of the open renewal of an appliance. */
export type OpenTrip = { openedAt: string; openedBy: string; answer: Omit<StepDone, 'note'> | null };

type Input = {
  licence: LicenceShowOutput;
  work: LicenceWork;
  trip: OpenTrip | null;
  leadTimes: LeadTimes;
  /** Epoch milliseconds. */
  now: number;
};

/** When a step was done; null if it was not, as far as the console knows. */
function findDone(step: WorkStep, { work, trip }: Input): StepDone | null {
  switch (step) {
    case 'quote':
    case 'order':
      return work.done[step] ?? null;
    case 'carry':
      return trip?.answer == null ? null : { ...trip.answer, note: '' };
    case 'apply':
      return null;
  }
}

function findNext(dates: LicenceSchedule['dates'], input: Input, today: Day): LicenceSchedule['next'] {
  const { licence, trip } = input;
  if (licence.state === 'missing' || licence.state === 'unverifiable') return { step: 'install', day: null };
  if (licence.expiresAt === null) return null;
  if (licenceStates[licence.state].severity === 'bad') return { step: 'renew', day: null };
  // A step that is done implies those before it, and an open trip those before the carry.
  const started = Math.max(
    dates.findLastIndex(({ done }) => done !== null) + 1,
    trip === null ? 0 : dates.findIndex(({ step }) => step === 'carry'),
  );
  const next = dates[started];
  if (next !== undefined) return { step: next.step, day: next.day };
  const last = lastValidDay(licence.expiresAt);
  return licence.mode !== null && licenceModes[licence.mode].fetchesLicence
    ? { step: 'receive', day: last }
    : { step: 'apply', day: last < today ? null : last };
}

/** The dates of a renewal, what is done, and what to do next. */
export function scheduleRenewal(input: Input): LicenceSchedule {
  const { licence, work, leadTimes } = input;
  if (licence.state === 'not-required') return emptySchedule;
  const today = localDayOf(input.now);
  const dates =
    licence.expiresAt === null
      ? []
      : workBackDates({
          expiresAt: licence.expiresAt,
          mode: licence.mode,
          daysBefore: daysBeforeOf(leadTimes),
          closed: parseClosedDays(leadTimes.closedDays) ?? [],
        }).map((date) => ({ ...date, done: findDone(date.step, input) }));
  const next = findNext(dates, input, today);
  const snooze = work.snooze !== null && today < work.snooze.until ? work.snooze : null;
  const isNear = next !== null && (next.day === null || isDueSoon(next.day, today));
  const [first] = dates;
  const hasBegun = first !== undefined && (first.done !== null || isDueSoon(first.day, today));
  return {
    dates,
    next,
    isDue: isNear && snooze === null,
    hasBegun: (isNear || hasBegun) && snooze === null,
    snooze,
  };
}
