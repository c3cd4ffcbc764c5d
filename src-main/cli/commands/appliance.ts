import { AppError } from '../../../src-shared/errors.ts';
import { applianceInputSchema } from '../../../src-shared/model/applianceEntry.ts';
import { fingerprintSchema } from '../../../src-shared/model/hostKey.ts';
import { shown, table } from '../output.ts';
import { parseTarget, readableKeyFile } from '../target.ts';
import { named, withConsole, type Globals } from '../withConsole.ts';
import { hopNameOf } from '../../ssh/hopName.ts';

export async function addAppliance(
  globals: Globals,
  given: {
    name: string;
    target: string;
    identity: string;
    hostKey?: string;
    jump: string[];
    sudo: string;
    group: string;
    description: string;
  },
): Promise<number> {
  const keyFile = await readableKeyFile(given.identity);
  const fingerprint = given.hostKey === undefined ? null : fingerprintSchema.safeParse(given.hostKey);
  if (fingerprint?.success === false)
    throw new AppError('INVALID_INPUT', '--host-key must look like SHA256: and 43 characters.');
  const input = applianceInputSchema.safeParse({
    name: given.name,
    target: parseTarget(given.target, keyFile),
    jumps: given.jump.map((jump) => parseTarget(jump, keyFile)),
    sudo: given.sudo,
    group: given.group,
    description: given.description,
  });
  if (!input.success)
    throw new AppError('INVALID_INPUT', input.error.issues.map((issue) => issue.message).join('; '));
  // A fingerprint alone does not tell the key's type; the first connection that matches it adds that.
  const hostKey = fingerprint === null ? null : { type: '', fingerprint: fingerprint.data };
  return withConsole(globals, async (console) => {
    const entry = await console.appliances.add(input.data, hostKey);
    globals.output.print(entry, () => `${entry.name} added: ${hopNameOf(entry.target)}`);
    return 0;
  });
}

export function listAppliances(globals: Globals): Promise<number> {
  return withConsole(globals, (console) => {
    const entries = console.inventory.list();
    globals.output.print(entries, () =>
      entries.length === 0
        ? 'No appliance yet: sallyport appliance add NAME USER@HOST --identity FILE'
        : table(
            ['NAME', 'ADDRESS', 'JUMPS', 'SUDO', 'HOST KEY'],
            entries.map((entry) => [
              entry.name,
              hopNameOf(entry.target),
              entry.jumps.map(hopNameOf).join(', ') || '–',
              entry.sudo,
              console.inventory.pinned(entry.target)?.fingerprint ?? 'not pinned',
            ]),
          ),
    );
    return 0;
  });
}

export function showAppliance(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, (console) => {
    const entry = named(console, name);
    const view = console.fleet.view(entry.id);
    const hostKeys = console.inventory.pinnedOf(entry);
    globals.output.print({ ...view, hostKeys }, () =>
      [
        ['name', entry.name],
        ['address', hopNameOf(entry.target)],
        ['jumps', entry.jumps.map(hopNameOf).join(', ') || '–'],
        ['key file', entry.target.authentication.keyFile],
        ['sudo', entry.sudo],
        ['added', entry.createdAt],
        ...hostKeys.map((key) => [
          'host key',
          `${key.host}:${key.port} ${key.type} ${key.fingerprint}, pinned ${key.pinnedAt} by ${key.pinnedBy}`,
        ]),
        ['last answer', view.observedAt],
        ['version', view.status?.value.versions.appliance],
        ['licence', view.licence?.value.state],
        ['tenants', view.tenants?.total],
      ]
        .map(([label, value]) => `${String(label).padEnd(12)} ${shown(value)}`)
        .join('\n'),
    );
    return 0;
  });
}

export function removeAppliance(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, async (console) => {
    const entry = named(console, name);
    await console.appliances.remove(entry.id, entry.name);
    globals.output.print({ removed: entry.name }, () => `${entry.name} removed`);
    return 0;
  });
}
