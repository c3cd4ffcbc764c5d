import { z } from 'zod';
import { dayMs, formatDuration, formatInstant, minuteMs } from '../../base/time.ts';
import type { ApplianceStatus } from '../appliance/applianceStatus.ts';
import { licenceStates, readLicenceState, type LicenceShowOutput } from './licence.ts';

/** A larger difference between an appliance's clock and another one is a problem **[ours]**. */
export const maxClockDifferenceMs = minuteMs;
const yearDays = 365.25;

function formatSpan(milliseconds: number): string {
  const years = milliseconds / dayMs / yearDays;
  return years < 2 ? formatDuration(milliseconds) : `${Math.round(years)} years`;
}

/** E.g. `10 years ahead of this computer’s`. */
export function describeClockDifference(differenceMs: number, other: string): string {
  return `${formatSpan(Math.abs(differenceMs))} ${differenceMs > 0 ? 'ahead of' : 'behind'} ${other}`;
}

/** The way out after a wrong clock has set the high-water mark to `from`. */
export function describeReset(from: string): string {
  return `If ${from} was wrong, set the clock right and renew the licence without a restart between request and answer: the licence authority’s answer corrects it`;
}

/** A problem of an appliance's clock, with a code of `docs/tunnel-codes.md` **[ours]**. */
export const clockProblemSchema = z.object({
  code: z.enum(['A-2003', 'A-2005', 'A-2006', 'A-2007']),
  severity: z.enum(['bad', 'warn']),
  text: z.string().max(512),
});
export type ClockProblem = z.infer<typeof clockProblemSchema>;

/** The state that the licence would have at another time. Null without a verified licence. */
function stateAt(licence: LicenceShowOutput | null, now: number) {
  if (licence === null) return null;
  const { notBefore, expiresAt, graceEndsAt } = licence;
  if (notBefore === null || expiresAt === null || graceEndsAt === null) return null;
  const graceDays = (Date.parse(graceEndsAt) - Date.parse(expiresAt)) / dayMs;
  return readLicenceState({ notBefore, expiresAt, graceDays }, now).state;
}

/**
 * What is wrong with an appliance's clock. `seenNow`: what it showed at `observedAt` of this computer's clock; null if that is
 * not known. A licence that counts as another state because of the clock makes the problem serious. Pure.
 */
export function findClockProblems(seen: {
  seenNow: string | null;
  observedAt: string | null;
  ranBackFrom: string | null;
  licence: LicenceShowOutput | null;
}): ClockProblem[] {
  const { seenNow, observedAt, ranBackFrom, licence } = seen;
  const problems: ClockProblem[] = [];
  const here = observedAt === null ? null : Date.parse(observedAt);
  const right = here === null ? null : stateAt(licence, here);
  const isWrong = licence !== null && right !== null && right !== licence.state;
  const effect = isWrong
    ? `; its licence counts as ${licenceStates[licence.state].label} because of that`
    : '';
  const differenceMs = seenNow === null || here === null ? 0 : Date.parse(seenNow) - here;
  const isDifferent = Math.abs(differenceMs) > maxClockDifferenceMs;
  const difference = describeClockDifference(differenceMs, 'this computer’s');
  const { aheadOf, behind } = licence?.clock ?? { aheadOf: null, behind: null };
  if (ranBackFrom !== null) {
    const from = formatInstant(ranBackFrom);
    const is = isDifferent ? ` is ${difference}. It` : '';
    const text = `its clock${is} was set back from ${from}; the licence is checked at that time${effect}. ${describeReset(from)}`;
    problems.push({ code: 'A-2003', severity: 'bad', text });
  } else if (isDifferent) {
    const severity = effect === '' ? 'warn' : 'bad';
    problems.push({ code: 'A-2005', severity, text: `its clock is ${difference}${effect}` });
  } else if (aheadOf !== null) {
    const text = `its clock was set ahead, or the machine was paused; by its uptime it should show ${formatInstant(aheadOf)}`;
    problems.push({ code: 'A-2006', severity: 'warn', text });
  }
  if (behind !== null && problems.length === 0) {
    const text = `its clock is before the licence’s date of issue, ${formatInstant(behind)}`;
    problems.push({ code: 'A-2007', severity: 'warn', text });
  }
  return problems;
}

/**
 * What is wrong with the clock of an appliance by its last status, which was seen at `statusSeenAt` of this computer's clock.
 * Without a status, the licence tells whether the clock ran back. Pure.
 */
export function findSeenClockProblems(seen: {
  status: Pick<ApplianceStatus, 'clock'> | null;
  statusSeenAt: string | null;
  licence: LicenceShowOutput | null;
}): ClockProblem[] {
  const { status, statusSeenAt, licence } = seen;
  return findClockProblems({
    seenNow: status?.clock.now ?? null,
    observedAt: statusSeenAt,
    ranBackFrom: status === null ? (licence?.clockRanBackFrom ?? null) : status.clock.ranBackFrom,
    licence,
  });
}
