import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { existsSync } from 'node:fs';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import {
  lastValidDay,
  orderedSteps,
  workRoles,
  type WorkStep,
} from '../../../../../src-shared/model/licence/calendar.ts';
import { listLicenceEvents, writeICalendar } from '../../../../../src-shared/model/licence/iCalendar.ts';
import { findNextReminders } from '../../../../../src-shared/model/licence/licenceReminders.ts';
import type { LicenceMode } from '../../../../../src-shared/model/licence/licence.ts';
import type { LicenceSchedule } from '../../../../../src-shared/model/licence/licenceWork.ts';
import { nextSteps, roleOfStep } from '../../../../../src-shared/model/licence/nextSteps.ts';
import type { ApplianceView } from '../../../../../src-shared/contract/fleet.ts';
import { replaceText, writeNewFile } from '../../files.ts';
import { formatTable } from '../../output.ts';
import { noAppliancesText, pollLicences, withConsole, type Globals } from '../../withConsole.ts';
import { readClusterLicences, withClusters } from './clusterLicences.ts';
import type { Services } from '../../../../services.ts';
import { formatBothTimes } from './licenceText.ts';
import { findAppliances } from './showLicences.ts';

function describeNext({ next, snooze }: LicenceSchedule, mode: LicenceMode | null): string | null {
  if (next === null) return null;
  const { sentence } = nextSteps[next.step];
  const role = roleOfStep(next.step, mode);
  const by = next.day === null ? '' : ` by ${next.day}`;
  const snoozed = snooze === null ? '' : `, snoozed until ${snooze.until}`;
  return `${sentence}${by} (${workRoles[role].label})${snoozed}`;
}

function describeStep({ dates }: LicenceSchedule, step: WorkStep): string | null {
  const date = dates.find((planned) => planned.step === step);
  return date === undefined ? null : date.done === null ? date.day : `${date.day} done`;
}

function toRow({ entry: { id, name }, licence, schedule }: ApplianceView) {
  const value = licence?.value ?? null;
  const expiresAt = value?.expiresAt ?? null;
  const { dates, next, isDue, snooze } = schedule;
  return {
    id,
    name,
    state: value?.state ?? null,
    mode: value?.mode ?? null,
    sequence: value?.sequence ?? null,
    expiresAt,
    lastDay: expiresAt === null ? null : lastValidDay(expiresAt),
    graceEndsAt: value?.graceEndsAt ?? null,
    dates,
    next:
      next === null
        ? null
        : {
            ...next,
            sentence: nextSteps[next.step].sentence,
            role: roleOfStep(next.step, value?.mode ?? null),
          },
    isDue,
    snooze,
    observedAt: licence?.observedAt ?? null,
  };
}

function writeEvents(services: Services, views: readonly ApplianceView[], file: string): void {
  const reminders = services.licenceWork.reminders();
  const events = views.flatMap(({ entry, licence, schedule }) =>
    licence === null
      ? []
      : listLicenceEvents({
          applianceId: entry.id,
          applianceName: entry.name,
          licence: licence.value,
          schedule,
          reminders,
        }),
  );
  const text = writeICalendar(events, Date.now());
  if (existsSync(file)) replaceText(file, text);
  else writeNewFile(file, text);
}

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
    const polled = request.offline ? null : await pollLicences(services, entries, globals.output);
    const views = entries.map(({ id }) => services.fleet.view(id));
    const rows = views.map((view) => ({
      ...toRow(view),
      cluster: readClusterLicences(services, view.entry),
    }));
    if (request.ics !== undefined) writeEvents(services, views, request.ics);
    const reminders = services.licenceWork.reminders();
    const known = views.flatMap(({ licence, schedule }) =>
      licence === null ? [] : [{ licence: licence.value, schedule }],
    );
    const settings = {
      leadTimes: services.licenceWork.leadTimes(),
      reminders,
      nextReminders: findNextReminders(known, reminders, Date.now()),
    };
    globals.output.print({ items: rows, ...settings }, () =>
      [
        rows.length === 0
          ? noAppliancesText
          : withClusters(
              rows,
              formatTable(
                ['NAME', 'MODE', 'EXPIRES', 'QUOTE', 'ORDER', 'CARRY', 'APPLY', 'NEXT', 'SEEN'],
                rows.map(({ name, mode, expiresAt, observedAt }, index) => {
                  const schedule = views[index]?.schedule;
                  if (schedule === undefined) return [];
                  return [
                    name,
                    mode,
                    expiresAt === null ? null : formatBothTimes(expiresAt),
                    ...orderedSteps.map((step) => describeStep(schedule, step)),
                    describeNext(schedule, mode),
                    observedAt === null ? null : formatInstant(observedAt),
                  ];
                }),
              ),
            ),
        ...(request.ics === undefined ? [] : ['', `The dates were written to ${request.ics}.`]),
      ].join('\n'),
    );
    const isUnknown = rows.some(({ observedAt }) => observedAt === null);
    return polled !== null && isUnknown ? polled.exitCode : exitCodes.done;
  });
}
