import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { TripView } from '../../../../../src-shared/model/licence/trip.ts';
import type { Output } from '../../output.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { readAnswerText } from './answerText.ts';
import { findTripToApply } from './findTrip.ts';
import {
  formatBothTimes,
  formatChanges,
  formatChecks,
  formatClockProblems,
  formatForecast,
  formatLosses,
  joinParts,
} from './licenceText.ts';
import { describeSequence, renewLicence, type ApplyOptions, type Renewal } from './renewLicence.ts';

function printDryRun(output: Output, appliance: string, view: TripView) {
  const { name, trip, checks, clockProblems, changes, losses } = view;
  const forecast = trip.dryRun?.output.forecast ?? [];
  output.print({ appliance, name, isApplied: false, checks, clockProblems, changes, losses, forecast }, () =>
    joinParts(
      formatChecks(checks),
      formatClockProblems(clockProblems),
      formatForecast({ forecast }),
      formatChanges(changes),
      formatLosses(losses),
      `${appliance} would accept the answer. Nothing was changed.`,
    ),
  );
}

function describeApplied(appliance: string, { outcome, view, licence }: Renewal): string[] {
  if (licence === null)
    return [
      `${appliance}: the licence was installed and read back. The link was lost since; to show it: sallyport licence show ${appliance}`,
    ];
  const shown = describeSequence(licence);
  const until = licence.expiresAt === null ? [] : [`Valid until ${formatBothTimes(licence.expiresAt)}.`];
  const sentences: Record<Exclude<Renewal['outcome'], 'acceptable'>, string> = {
    applied: `${shown} is installed and was read back.`,
    'already-installed': `${shown} was installed before and was read back. Nothing was sent.`,
    superseded: `This answer was applied ${formatBothTimes(view.trip.applied?.at ?? '')}. A later licence, ${shown}, is installed now. Nothing was sent.`,
  };
  return outcome === 'acceptable' ? [] : [`${appliance}: ${sentences[outcome]}`, ...until];
}

/** With `dryRun`, the exit code tells whether the appliance would accept the answer. */
export function applyLicence(
  globals: Globals,
  request: { appliance: string; file: string | undefined; options: ApplyOptions },
): Promise<number> {
  const { file, options } = request;
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const text = file === undefined ? null : await readAnswerText(file);
    const { entry, tripId } = await findTripToApply(services, request.appliance, text);
    const renewal = await renewLicence(services, { tripId, file, text, options });
    const { outcome, view, licence } = renewal;
    if (outcome === 'acceptable') {
      printDryRun(output, entry.name, view);
      return exitCodes.done;
    }
    const receipt = view.trip.applied?.receipt ?? '';
    const printed = { appliance: entry.name, name: view.name, isApplied: true, outcome, licence, receipt };
    output.print(printed, () =>
      [
        ...describeApplied(entry.name, renewal),
        ...(options.receipt === undefined ? ['Receipt, to carry back:', receipt] : []),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
