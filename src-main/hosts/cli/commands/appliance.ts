import { formatInstant } from '../../../../src-shared/base/time.ts';
import { licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import { sshCommandOf } from '../../../../src-shared/model/appliance/sshCommand.ts';
import { connectModes } from '../../../../src-shared/model/appliance/connectModes.ts';
import { applianceColours, hasTag } from '../../../../src-shared/model/appliance/tags.ts';
import { assertConfirmed } from '../confirm.ts';
import { formatValue, formatTable } from '../output.ts';
import { readEditedAppliance, readEditedHostKeys, type EditOptions } from '../editedAppliance.ts';
import { readNewAppliance, type NewAppliance } from '../newAppliance.ts';
import { findAppliance, noAppliancesText, withConsole, type Globals } from '../withConsole.ts';
import type { Credential } from '../../../../src-shared/model/secrets/credential.ts';
import type { Services } from '../../../services.ts';
import { hopNameOf } from '../../../ssh/transport/hopName.ts';

/** Throws NOT_FOUND. */
function findCredential({ secrets }: Services, name: string | boolean | undefined): Credential | null {
  return typeof name === 'string' ? secrets.credentials.get(name) : null;
}

export function addAppliance(globals: Globals, options: NewAppliance): Promise<number> {
  return withConsole(globals, async (services) => {
    const { input, hostKey, jumpHostKeys } = await readNewAppliance(
      options,
      services.inventory.findConflicts,
      findCredential(services, options.credential),
    );
    const entry = await services.appliances.add(input, hostKey, jumpHostKeys);
    globals.output.print(entry, () => `${entry.name} added: ${hopNameOf(entry.target)}`);
    return 0;
  });
}

export function editAppliance(globals: Globals, name: string, options: EditOptions): Promise<number> {
  return withConsole(globals, async (services) => {
    const before = findAppliance(services, name);
    const input = await readEditedAppliance(before, options, findCredential(services, options.credential));
    const hostKeys = readEditedHostKeys(options, input);
    const entry = await services.appliances.edit(before.id, input, { hostKeys });
    globals.output.print(entry, () => `${entry.name} changed`);
    return 0;
  });
}

export function lockAppliance(globals: Globals, name: string, locked: boolean): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = await services.appliances.setLock(findAppliance(services, name).id, locked);
    globals.output.print(entry, () => `${entry.name} ${locked ? 'is read-only' : 'is unlocked'}`);
    return 0;
  });
}

export function listAppliances(globals: Globals, { tag }: { tag: readonly string[] }): Promise<number> {
  return withConsole(globals, (services) => {
    const all = services.inventory.list();
    const entries = all.filter((entry) => tag.every((wanted) => hasTag(entry.tags, wanted)));
    globals.output.print(entries, () =>
      entries.length === 0
        ? all.length === 0
          ? noAppliancesText
          : 'No matching appliances.'
        : formatTable(
            ['NAME', 'ADDRESS', 'JUMPS', 'SUDO', 'CONNECT', 'LOCK', 'TAGS', 'HOST KEY'],
            entries.map((entry) => [
              entry.name,
              hopNameOf(entry.target),
              entry.jumps.map(hopNameOf).join(', ') || '–',
              entry.sudo,
              entry.connect,
              entry.locked ? 'read-only' : null,
              entry.tags.join(', ') || null,
              services.inventory.pinned(entry.target)?.fingerprint ?? 'not pinned',
            ]),
          ),
    );
    return 0;
  });
}

export function showAppliance(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, (services) => {
    const entry = findAppliance(services, name);
    const view = services.fleet.view(entry.id);
    const hostKeys = services.inventory.pinnedOf(entry);
    globals.output.print({ ...view, hostKeys }, () =>
      [
        ['name', entry.name],
        ['group', entry.group || '–'],
        ['cluster', entry.cluster || '–'],
        ['description', entry.description || '–'],
        ['tags', entry.tags.join(', ') || '–'],
        ['colour', applianceColours[entry.colour].label],
        ['lock', entry.locked ? 'read-only: its tenants can’t be changed' : 'unlocked'],
        ['address', hopNameOf(entry.target)],
        ['jumps', entry.jumps.map(hopNameOf).join(', ') || '–'],
        ['logs in with', entry.target.authentication.keyFile ?? 'keys of the agent'],
        ['credential', entry.target.authentication.credential ?? '–'],
        ['sudo', entry.sudo],
        ['connection', connectModes[entry.connect].label],
        ...(entry.legacyAlgorithms ? [['legacy algorithms', 'allowed']] : []),
        ['added', formatInstant(entry.createdAt)],
        ...hostKeys.map((key) => [
          'host key',
          `${key.host}:${key.port} ${key.type} ${key.fingerprint}, pinned ${formatInstant(key.pinnedAt)} by ${key.pinnedBy}`,
        ]),
        ['last seen', view.observedAt === null ? null : formatInstant(view.observedAt)],
        ['version', view.status?.value.versions.appliance],
        ['licence', view.licence === null ? null : licenceStates[view.licence.value.state].label],
        ['tenants', view.tenants?.total],
      ]
        .map(([label, value]) => `${String(label).padEnd(13)} ${formatValue(value)}`)
        .join('\n'),
    );
    return 0;
  });
}

export function printSshCommand(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, (services) => {
    const command = sshCommandOf(findAppliance(services, name));
    globals.output.print({ command }, () => command);
    return 0;
  });
}

export function removeAppliance(globals: Globals, name: string, options: { yes: boolean }): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, name);
    if (!options.yes && !globals.output.json)
      globals.output.printError(
        `This removes ${entry.name} (${hopNameOf(entry.target)}), its host keys, last known values and notifications, and the history, contacts and notes of its tenants. Audit records are kept.`,
      );
    await assertConfirmed(options.yes);
    await services.appliances.remove(entry.id, entry.name);
    globals.output.print({ removed: entry.name }, () => `${entry.name} removed`);
    return 0;
  });
}
