import { AppError } from '../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { ConfigurationChanged } from '../../../../src-shared/contract/configuration.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { ConfigurationOutput } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { maxConfigurationBytes } from '../../../../src-shared/model/configuration/configurationYaml.ts';
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

function formatOutput({ outcome, changes, problems }: ConfigurationOutput): string {
  return [
    ...(changes.length === 0
      ? []
      : [
          formatTable(
            ['KEY', 'CHANGE', 'NOW', 'AFTER'],
            changes.map(({ path, kind, before, after }) => [path, kind, before, after]),
          ),
        ]),
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
    const { versions, hasDrifted } = shown;
    globals.output.print({ hasDrifted, versions }, () =>
      [
        ...(hasDrifted === true ? ['Changed on the appliance since the last apply.'] : []),
        versions.length === 0
          ? 'No version is kept yet.'
          : formatTable(
              ['VERSION', 'KEPT', 'ORIGIN', 'REVISION', 'STATE'],
              versions.map(({ number, keptAt, origin, revision, isInstalled }) => [
                number,
                keptAt,
                origin,
                revision,
                isInstalled ? 'installed' : '',
              ]),
            ),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}

/** Asks the appliance what a file would change. Changes nothing. */
export function diffConfiguration(globals: Globals, request: FileRequest): Promise<number> {
  return withConsole(globals, async (services) => {
    const applianceId = findAppliance(services, request.appliance).id;
    const text = await readCandidate(request.file);
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

/** Installs a kept version again after a confirmation, and reads it back. */
export function rollBackConfiguration(
  globals: Globals,
  request: { appliance: string; version: number } & Confirmed,
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { version: number, reason, yes } = request;
    const applianceId = findAppliance(services, request.appliance).id;
    const unchangedSince = await findBasis(services, applianceId, undefined);
    await assertConfirmed(yes);
    const input = { applianceId, number, unchangedSince, reason };
    return printChanged(globals, await services.configuration.rollBack(input));
  });
}
