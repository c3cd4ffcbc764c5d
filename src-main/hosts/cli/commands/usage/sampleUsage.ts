import { AppError, exitCodeOf } from '../../../../../src-shared/errors.ts';
import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { formatTable } from '../../output.ts';
import { untilStopped } from '../../stopSignal.ts';
import { describeProblem, noAppliancesText, withConsole, type Globals } from '../../withConsole.ts';
import { findAppliances } from '../licences/showLicences.ts';
import { formatAge } from './usageText.ts';

/** Keeps today's counts of each appliance, and prints the newest kept ones with their age. Exits with the code of the worst error. */
export function sampleUsage(globals: Globals, names: readonly string[]): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const entries = findAppliances(services, names);
    const { usageSamples, usageWarnings } = services;
    await untilStopped(() => Promise.all(entries.map(usageSamples.sample)));
    const alerts = usageWarnings.alerts();
    const appliances = entries.map(({ id, name }) => ({
      name,
      ...usageSamples.stateOf(id),
      warnings: alerts.filter(({ applianceId }) => applianceId === id).map(({ text }) => text),
    }));
    const failed = entries.flatMap((entry, at) => {
      const error = appliances[at]?.failed ?? null;
      return error === null ? [] : [{ entry, error: new AppError(error.code, error.message) }];
    });
    for (const { entry, error } of failed) output.printError(describeProblem(services, entry, error));
    output.print({ appliances }, () =>
      appliances.length === 0
        ? noAppliancesText
        : formatTable(
            ['NAME', 'LAST COUNTS', 'AGE', 'WARNINGS'],
            appliances.map(({ name, takenAt, ageSeconds, warnings }) => [
              name,
              takenAt === null ? null : formatInstant(takenAt),
              ageSeconds === null ? null : formatAge(ageSeconds),
              warnings.join(' ') || null,
            ]),
          ),
    );
    return Math.max(0, ...failed.map(({ error }) => exitCodeOf(error.code)));
  });
}
