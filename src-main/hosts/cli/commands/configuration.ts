import { AppError } from '../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { ConfigurationChanged } from '../../../../src-shared/contract/configuration.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import {
  compareConfigurations,
  markedTextOf,
} from '../../../../src-shared/model/configuration/configurationChanges.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { maxConfigurationBytes } from '../../../../src-shared/model/configuration/configurationLimits.ts';
import {
  describeAuthor,
  describeOrigin,
  describeReason,
} from '../../../../src-shared/model/configuration/versionOrigins.ts';
import type { Services } from '../../../services.ts';
import { assertConfirmed } from '../confirm.ts';
import { readInputText, readTableFile } from '../files.ts';
import { formatTable } from '../output.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

type FileRequest = { appliance: string; file: string; unchangedSince?: string };

async function readCandidate(file: string): Promise<string> {
  return file === '-' ? readInputText(maxConfigurationBytes) : readTableFile(file, maxConfigurationBytes);
}

/** The digest of the content that a candidate was made from: as given, or the present one. */
async function findBasis(
  services: Services,
  applianceId: string,
  given: string | undefined,
): Promise<string> {
  if (given === undefined)
    return (await services.configuration.show({ applianceId, version: null })).shown.digest;
  if (/^[\da-f]{64}$/u.test(given)) return given;
  throw new AppError('INVALID_INPUT', '--unchanged-since needs the digest that config show prints.');
}

const outcomeText: Record<ConfigurationOutput['outcome'], string> = {
  applied: 'Applied.',
  acceptable: 'The appliance would accept it. Nothing was changed.',
  refused: 'The appliance refuses it. Nothing was changed.',
  unchanged: 'The appliance has this configuration already. Nothing was changed.',
};

function formatChanges(changes: ConfigurationOutput['changes'], [before, after]: [string, string]): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map((change) => [change.path, change.kind, change.before, change.after]);
  return [formatTable(['KEY', 'CHANGE', before, after], rows)];
}

function formatOutput({ outcome, changes, problems }: ConfigurationOutput): string {
  return [
    ...formatChanges(changes, ['NOW', 'AFTER']),
    ...problems.map(({ path, message }) => visibleText(`${path} ${message}`.trim())),
    outcomeText[outcome],
  ].join('\n');
}

const readBackText: Record<ConfigurationChanged['readBack'], string> = {
  same: 'Read back: the appliance has it.',
  'rolled-back': 'Read back: the appliance had something else, so the earlier configuration was restored.',
  different:
    'Read back: the appliance has something else, and the earlier configuration could not be restored.',
  unknown: 'It could not be read back. Run config show.',
};

function printChanged(globals: Globals, changed: ConfigurationChanged): number {
  globals.output.print(changed, () => `${formatOutput(changed.output)}\n${readBackText[changed.readBack]}`);
  return changed.readBack === 'same' ? exitCodes.done : exitCodes.verificationFailed;
}

/** Prints the configuration with masked secrets, as a file that can be edited and applied. */
export function showConfiguration(
  globals: Globals,
  request: { appliance: string; version: number | null },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { id } = findAppliance(services, request.appliance);
    const { shown } = await services.configuration.show({ applianceId: id, version: request.version });
    globals.output.print(shown, () => visibleText(shown.text.replace(/\n$/u, '')));
    return exitCodes.done;
  });
}

export function listConfigurations(globals: Globals, appliance: string): Promise<number> {
  return withConsole(globals, async (services) => {
    const applianceId = findAppliance(services, appliance).id;
    const { shown } = await services.configuration.show({ applianceId, version: null });
    const { versions, drift } = shown;
    globals.output.print({ drift, versions }, () =>
      [
        ...(drift === null ? [] : [`${driftLine(drift)} Run config diff to see it.`]),
        versions.length === 0
          ? 'No version is kept yet.'
          : formatTable(
              ['VERSION', 'KEPT', 'ORIGIN', 'REVISION', 'STATE', 'BY', 'REASON'],
              versions.map((version) => [
                version.number,
                formatInstant(version.keptAt),
                describeOrigin(version),
                version.revision,
                version.isInstalled ? 'installed' : '',
                describeAuthor(version),
                describeReason(version),
              ]),
            ),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}

const driftLine = ({ changedAt }: NonNullable<ConfigurationShow['drift']>) =>
  `Changed on the appliance without its commands at ${formatInstant(changedAt)}.`;

/** Prints what was changed without the commands since the last change by them. */
async function diffDrift(globals: Globals, services: Services, applianceId: string): Promise<number> {
  const { drift } = (await services.configuration.show({ applianceId, version: null })).shown;
  globals.output.print({ drift }, () =>
    drift === null
      ? 'Nothing was changed without the commands.'
      : [...formatChanges(drift.changes, ['APPLIED', 'NOW']), driftLine(drift)].join('\n'),
  );
  return exitCodes.done;
}

/** Compares a kept version with another one or with the present content. */
async function diffVersions(
  globals: Globals,
  services: Services,
  { applianceId, from, to }: { applianceId: string; from: number; to: number | null },
): Promise<number> {
  const { configuration } = services;
  const before = (await configuration.show({ applianceId, version: from })).shown;
  const after = (await configuration.show({ applianceId, version: to })).shown;
  const changes = compareConfigurations(markedTextOf(before), markedTextOf(after));
  globals.output.print({ from, to, changes }, () => {
    const names: [string, string] = [`VERSION ${from}`, to === null ? 'NOW' : `VERSION ${to}`];
    if (changes.length > 0) return formatChanges(changes, names).join('\n');
    return before.digest === after.digest ? 'No changes.' : 'Only comments or the layout differ.';
  });
  return exitCodes.done;
}

type DiffRequest = {
  appliance: string;
  file: string | null;
  unchangedSince?: string;
  kept?: number;
  with?: number;
};

/** Shows what a file would change, what a kept version has, or what was changed without the commands. */
export function diffConfiguration(globals: Globals, request: DiffRequest): Promise<number> {
  const { appliance, file, kept } = request;
  if ((file !== null && kept !== undefined) || (kept === undefined && request.with !== undefined))
    throw new AppError('INVALID_INPUT', 'Give a file, or --kept <n> alone or with --with <n>.');
  return withConsole(globals, async (services) => {
    const applianceId = findAppliance(services, appliance).id;
    if (kept !== undefined)
      return diffVersions(globals, services, { applianceId, from: kept, to: request.with ?? null });
    if (file === null) return diffDrift(globals, services, applianceId);
    const text = await readCandidate(file);
    const unchangedSince = await findBasis(services, applianceId, request.unchangedSince);
    const { output } = await services.configuration.check({ applianceId, text, unchangedSince });
    globals.output.print(output, () => formatOutput(output));
    return output.outcome === 'refused' ? exitCodes.usage : exitCodes.done;
  });
}

type Confirmed = { reason: string; yes: boolean };

/** Shows what a file would change, applies it after a confirmation, and reads it back. */
export function applyConfiguration(globals: Globals, request: FileRequest & Confirmed): Promise<number> {
  return withConsole(globals, async (services) => {
    const { file, reason, yes } = request;
    const applianceId = findAppliance(services, request.appliance).id;
    const text = await readCandidate(file);
    const unchangedSince = await findBasis(services, applianceId, request.unchangedSince);
    const { output } = await services.configuration.check({ applianceId, text, unchangedSince });
    if (output.outcome === 'acceptable' && !yes) {
      process.stderr.write(`${formatOutput(output)}\n`);
      await assertConfirmed(yes);
    }
    const candidate = { applianceId, text, unchangedSince, reason };
    return printChanged(globals, await services.configuration.apply(candidate));
  });
}

/** Shows what a kept version would change, installs it again after a confirmation, and reads it back. */
export function rollBackConfiguration(
  globals: Globals,
  request: { appliance: string; version: number } & Confirmed,
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { version: number, reason, yes } = request;
    const applianceId = findAppliance(services, request.appliance).id;
    const { configuration } = services;
    const now = (await configuration.show({ applianceId, version: null })).shown;
    if (!yes) {
      const kept = (await configuration.show({ applianceId, version: number })).shown;
      const changes = compareConfigurations(markedTextOf(now), markedTextOf(kept));
      for (const table of formatChanges(changes, ['NOW', `VERSION ${number}`]))
        process.stderr.write(`${table}\n`);
    }
    await assertConfirmed(yes);
    const unchangedSince = now.digest;
    const input = { applianceId, number, unchangedSince, reason };
    return printChanged(globals, await configuration.rollBack(input));
  });
}
