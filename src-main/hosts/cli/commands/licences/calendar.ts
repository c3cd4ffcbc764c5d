import { existsSync } from 'node:fs';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import {
  lastValidDay,
  nextWorkDate,
  workBackDates,
  workSteps,
} from '../../../../../src-shared/model/licence/calendar.ts';
import { listLicenceEvents, writeICalendar } from '../../../../../src-shared/model/licence/iCalendar.ts';
import { replaceText, writeNewFile } from '../../files.ts';
import { formatTable } from '../../output.ts';
import { noAppliancesText, pollAppliances, withConsole, type Globals } from '../../withConsole.ts';
import { readClusterLicences, withClusters } from './clusterLicences.ts';
import { formatBothTimes } from './licenceText.ts';
import { findAppliances } from './showLicences.ts';

/**
 * Prints when each licence expires and the work before it. An appliance that does not answer is listed with its last
 * known licence, and fails the command only if none is known.
 */
export function printCalendar(
  globals: Globals,
  request: { names: readonly string[]; ics?: string; offline: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const entries = findAppliances(services, request.names);
    const polled = request.offline ? null : await pollAppliances(services, entries, globals.output);
    const rows = entries.map((entry) => {
      const { id, name } = entry;
      const { licence } = services.fleet.view(id);
      const expiresAt = licence?.value.expiresAt ?? null;
      const mode = licence?.value.mode ?? null;
      const dates = expiresAt === null ? [] : workBackDates({ expiresAt, mode });
      return {
        id,
        name,
        state: licence?.value.state ?? null,
        mode,
        expiresAt,
        lastDay: expiresAt === null ? null : lastValidDay(expiresAt),
        dates: dates.map(({ step, day }) => ({ step, day })),
        next: nextWorkDate(dates, Date.now()),
        observedAt: licence?.observedAt ?? null,
        cluster: readClusterLicences(services, entry),
      };
    });
    if (request.ics !== undefined) {
      const events = rows.flatMap(({ id, name, expiresAt, mode }) =>
        expiresAt === null
          ? []
          : listLicenceEvents({ applianceId: id, applianceName: name, expiresAt, mode }),
      );
      const text = writeICalendar(events, Date.now());
      if (existsSync(request.ics)) replaceText(request.ics, text);
      else writeNewFile(request.ics, text);
    }
    globals.output.print(rows, () =>
      rows.length === 0
        ? noAppliancesText
        : withClusters(
            rows,
            formatTable(
              ['NAME', 'EXPIRES', 'QUOTE', 'ORDER', 'CARRY', 'APPLY', 'NEXT', 'SEEN'],
              rows.map(({ name, expiresAt, dates, next, observedAt }) => [
                name,
                expiresAt === null ? null : formatBothTimes(expiresAt),
                ...(['quote', 'order', 'carry', 'apply'] as const).map(
                  (step) => dates.find((date) => date.step === step)?.day ?? null,
                ),
                next === null ? null : `${workSteps[next.step].label}, ${next.day}`,
                observedAt,
              ]),
            ),
          ),
    );
    const isUnknown = rows.some(({ observedAt }) => observedAt === null);
    return polled !== null && isUnknown ? polled.exitCode : exitCodes.done;
  });
}
