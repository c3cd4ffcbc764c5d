import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { formatLocalInstant } from '../../../../../src-shared/base/localInstant.ts';
import type { ClockProblem } from '../../../../../src-shared/model/licence/clockProblems.ts';
import { licenceChecks, type CheckResult } from '../../../../../src-shared/model/licence/licenceChecks.ts';
import type { ImportOutput } from '../../../../../src-shared/model/licence/licenceCommands.ts';
import type { LicenceChange, TripLoss } from '../../../../../src-shared/model/licence/trip.ts';
import { formatTable } from '../../output.ts';

const outcomeLabels: Record<CheckResult['outcome'], string> = {
  passed: 'OK',
  failed: 'FAILED',
  skipped: 'skipped',
};

/** `text`, which says an instant in UTC, with that instant in the time zone of this computer unless that is UTC too. */
function withLocalTime(text: string, instant: string): string {
  const local = formatLocalInstant(instant);
  return local === formatInstant(instant) ? text : `${text} (${local})`;
}

/** An instant in UTC and in the time zone of this computer. */
export function formatBothTimes(instant: string): string {
  return withLocalTime(formatInstant(instant), instant);
}

export function formatChecks(checks: readonly CheckResult[]): string {
  return formatTable(
    ['RESULT', 'CHECK', 'DETAIL'],
    checks.map(({ check, outcome, detail, instant }) => [
      outcomeLabels[outcome],
      licenceChecks[check].label,
      instant === null ? detail : withLocalTime(detail, instant),
    ]),
  );
}

/** The problems of an appliance's clock, one in a line. Empty without one. */
export function formatClockProblems(problems: readonly ClockProblem[]): string {
  return problems.map(({ code, text }) => `${code} ${text}.`).join('\n');
}

export function formatForecast({ forecast }: Pick<ImportOutput, 'forecast'>): string {
  return formatTable(
    ['FORECAST', 'RESULT', 'DETAIL'],
    forecast.map(({ item, outcome, detail }) => [item, outcome, detail]),
  );
}

const marks: Record<LicenceChange['effect'], string> = { gain: '+', loss: '!', same: '', neutral: '' };

export function formatChanges(changes: readonly LicenceChange[]): string {
  return formatTable(
    ['', 'FIELD', 'NOW', 'AFTER', 'CHANGE'],
    changes.map(({ field, before, after, difference, effect }) => [
      marks[effect],
      field,
      before,
      after,
      difference,
    ]),
  );
}

/** Each loss with the tunnels that it touches. Empty without a loss. */
export function formatLosses(losses: readonly TripLoss[]): string {
  return losses
    .flatMap(({ sentence, tunnels, acknowledged }) => [
      `${acknowledged === null ? 'Loss' : 'Loss, acknowledged'}: ${sentence}`,
      ...tunnels.map(({ clientId, port, target, state }) => `  ${clientId} ${port}  ${target}  ${state}`),
    ])
    .join('\n');
}

/** Joins the parts of a text that are not empty. */
export function joinParts(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
