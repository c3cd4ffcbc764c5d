import type { TripView, TripWay } from '../../../../src-shared/model/licence/trip.ts';
import type { TripStep } from '../../../../src-shared/model/licence/tripSteps.ts';
import { localDayOf, type Day } from '../../../../src-shared/model/licence/calendar.ts';
import { formatWeekday } from '../../../../src-shared/model/licence/dayText.ts';

export const wayLabels: Record<TripWay, string> = {
  file: 'file',
  text: 'text',
  qr: 'QR code',
  sheet: 'printed sheet',
};

/** The steps in order, as the page shows them. */
export const stepOrder = ['request', 'carry', 'answer', 'verify', 'dryRun', 'apply', 'receipt'] as const;

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

/** E.g. `20 Nov, 09:46` in local time. */
export function formatShortMoment(instant: string): string {
  return timeFormat.format(new Date(instant));
}

/** The signs that file names allow on every system. */
export function fileStem(name: string): string {
  return name.replaceAll(/[^\w.-]+/gu, '_').replace(/^[.-]+/u, '');
}

function countLosses({ losses }: TripView): string | null {
  const open = losses.filter(({ acknowledged }) => acknowledged === null).length;
  if (open === 0) return null;
  return losses.length === 1 ? '1 loss left' : `${open} of ${losses.length} losses left`;
}

function describeDone(item: { at: string; way?: TripWay } | null): string | null {
  if (item === null) return null;
  return `${formatShortMoment(item.at)}${item.way === undefined ? '' : `, ${wayLabels[item.way]}`}`;
}

/** What a step did, or what it will touch. */
export function describeStep(
  view: TripView,
  step: TripStep,
  { now, carryDay }: { now: number; carryDay: Day | null },
): string {
  const { trip } = view;
  switch (step) {
    case 'request':
      return `${formatShortMoment(trip.openedAt)}, signed`;
    case 'carry':
      return describeDone(trip.carried) ?? carryBy(carryDay, now);
    case 'answer':
      return describeDone(trip.answer) ?? 'read the file or QR';
    case 'verify':
      return view.checks.some(({ outcome }) => outcome === 'failed')
        ? 'refused'
        : (countLosses(view) ?? (trip.answer === null ? 'on this computer' : 'passed'));
    case 'dryRun':
      return describeDone(trip.dryRun) ?? `on ${trip.applianceName}`;
    case 'apply':
      return describeDone(trip.applied) ?? 'read back, roll back';
    case 'receipt':
      return describeDone(trip.receiptCarried) ?? 'back to the vendor';
  }
}

function carryBy(day: Day | null, now: number): string {
  if (day === null) return 'to the vendor';
  return day < localDayOf(now) ? 'as soon as you can' : `by ${formatWeekday(day, now)}`;
}

/** `3 s behind this computer`, for the appliance’s clock when the request was made. */
export function describeClock(differenceMs: number): string {
  const seconds = Math.round(Math.abs(differenceMs) / 1000);
  if (seconds < 2) return 'agrees with this computer';
  const amount =
    seconds < 120
      ? `${seconds} s`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} min`
        : `${Math.round(seconds / 3600)} h`;
  return `${amount} ${differenceMs < 0 ? 'behind' : 'ahead of'} this computer`;
}

/** The first and last signs of an identity or a nonce, to compare by eye. */
export function shorten(value: string): string {
  return value.length <= 12 ? value : `${value.slice(0, 4)}…${value.slice(-4)}`;
}
