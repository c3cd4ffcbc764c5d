import { AppError } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { dayMs, formatInstant } from '../../../../../src-shared/base/time.ts';
import type { LicenceHistory } from '../../../../../src-shared/model/licence/licenceCommands.ts';
import { findSeenClockProblems } from '../../../../../src-shared/model/licence/clockProblems.ts';
import { toneColours } from '../../../../../src-shared/model/tunnels/tone.ts';
import { licenceStates, type LicenceShowOutput } from '../../../../../src-shared/model/licence/licence.ts';
import { formatTable } from '../../output.ts';
import { assertConfirmed } from '../../confirm.ts';
import {
  findAppliance,
  noAppliancesText,
  pollLicences,
  withConsole,
  type Globals,
} from '../../withConsole.ts';
import type { Services } from '../../../../services.ts';
import { readClusterLicences, withClusters } from './clusterLicences.ts';
import { findInterruptedWindow, formatInterruptedWindows } from './interruptedWindows.ts';
import { formatBothTimes, formatClockProblems } from './licenceText.ts';

type LicenceVersion = LicenceHistory['versions'][number];

/** The named appliances, each once; all without a name. Throws NOT_FOUND. */
export function findAppliances(services: Services, names: readonly string[]) {
  return names.length === 0
    ? services.inventory.list()
    : [...new Set(names)].map((name) => findAppliance(services, name));
}

/** `isSeen`: the appliance has just said so, and it is no memory. */
function stateCell({ state }: Pick<LicenceShowOutput, 'state'>, isSeen: boolean) {
  const { label, severity } = licenceStates[state];
  return { text: label, colour: toneColours[isSeen ? (severity ?? 'ok') : 'unknown'] };
}

/** Prints the installed licences, as the appliances show them now, or as they were last seen. */
export function showLicences(globals: Globals, names: readonly string[]): Promise<number> {
  return withConsole(globals, async (services) => {
    const entries = findAppliances(services, names);
    const { exitCode, failures } = await pollLicences(services, entries, globals.output);
    // First, because a window that renewed the licence makes its request void.
    const windows = await Promise.all(entries.map(({ id }) => findInterruptedWindow(services, id)));
    const trips = await services.licences.trips();
    const rows = entries.map((entry, at) => {
      const { id, name } = entry;
      const { licence, status } = services.fleet.view(id);
      const trip = trips.find(({ entryId, ended }) => entryId === id && ended === null);
      return {
        name,
        licence: licence?.value ?? null,
        observedAt: licence?.observedAt ?? null,
        cluster: readClusterLicences(services, entry),
        openTrip: trip === undefined ? null : { id: trip.id, name: trip.name, step: trip.step },
        clockProblems: findSeenClockProblems({
          status: status?.value ?? null,
          statusSeenAt: status?.observedAt ?? null,
          licence: licence?.value ?? null,
        }),
        interruptedWindow: windows[at] ?? null,
        error: failures.get(id)?.toData() ?? null,
      };
    });
    for (const { name, clockProblems } of rows)
      if (clockProblems.length > 0)
        globals.output.printError(`${name}: ${formatClockProblems(clockProblems)}`);
    for (const line of formatInterruptedWindows(rows)) globals.output.printError(line);
    globals.output.print(rows, (paint) =>
      rows.length === 0
        ? noAppliancesText
        : withClusters(
            rows,
            formatTable(
              ['NAME', 'STATE', 'SEQUENCE', 'EXPIRES', 'DAYS LEFT', 'RENEWAL', 'SEEN'],
              rows.map(({ name, licence, openTrip, observedAt, error }) => [
                name,
                licence === null ? null : stateCell(licence, error === null),
                licence?.sequence,
                licence?.expiresAt == null ? null : formatBothTimes(licence.expiresAt),
                licence?.expiresAt == null
                  ? null
                  : `${Math.floor((Date.parse(licence.expiresAt) - Date.now()) / dayMs)}`,
                openTrip === null ? null : `${openTrip.name}: ${openTrip.step}`,
                observedAt === null ? null : formatInstant(observedAt),
              ]),
              paint,
            ),
          ),
    );
    return exitCode;
  });
}

export function showHistory(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, async (services) => {
    const { versions } = await services.licences.history(findAppliance(services, name).id);
    globals.output.print(versions, () =>
      versions.length === 0
        ? 'No licence is installed, and none is kept.'
        : formatTable(
            ['SEQUENCE', 'INSTALLED', 'EXPIRES', 'STATE'],
            versions.map(({ sequence, installedAt, expiresAt, isInstalled }) => [
              sequence,
              formatInstant(installedAt),
              formatBothTimes(expiresAt),
              isInstalled ? 'installed' : 'kept',
            ]),
          ),
    );
    return exitCodes.done;
  });
}

const describeVersion = ({ sequence, expiresAt }: LicenceVersion) =>
  `Sequence ${sequence}, valid until ${formatBothTimes(expiresAt)},`;

/** Says what is installed and what will be. Throws NOT_FOUND or INVALID_INPUT if `sequence` can’t be installed again. */
function describeRollback(versions: readonly LicenceVersion[], sequence: number): string[] {
  const kept = versions.find((version) => version.sequence === sequence);
  if (kept === undefined) {
    const others = versions.map((version) => version.sequence).join(', ');
    throw new AppError(
      'NOT_FOUND',
      `Sequence ${sequence} is not kept. ${others === '' ? 'No version is kept.' : `These are: ${others}.`}`,
    );
  }
  if (kept.isInstalled) throw new AppError('INVALID_INPUT', `Sequence ${sequence} is installed already.`);
  const installed = versions.find(({ isInstalled }) => isInstalled);
  const lostMs = installed === undefined ? 0 : Date.parse(installed.expiresAt) - Date.parse(kept.expiresAt);
  return [
    ...(installed === undefined ? [] : [`${describeVersion(installed)} is installed.`]),
    `${describeVersion(kept)} will be installed again.`,
    ...(lostMs > 0 ? [`It expires ${Math.ceil(lostMs / dayMs)} days earlier.`] : []),
  ];
}

/** Installs a kept version again. */
export function rollBackLicence(
  globals: Globals,
  request: { name: string; sequence: number; yes: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { id, name } = findAppliance(services, request.name);
    const { sequence } = request;
    const before = await services.licences.history(id);
    const lines = describeRollback(before.versions, sequence);
    if (!globals.output.json) for (const line of lines) globals.output.printError(`${name}: ${line}`);
    await assertConfirmed(request.yes);
    const { versions } = await services.licences.rollBack({ applianceId: id, sequence });
    globals.output.print({ name, sequence, versions }, () => `${name}: sequence ${sequence} is installed.`);
    return exitCodes.done;
  });
}
