import { formatInstant } from '../../../../src-shared/base/time.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import {
  credentialKinds,
  secretParts,
  type CredentialKind,
  type SecretValues,
} from '../../../../src-shared/model/secrets/credential.ts';
import type { Services } from '../../../services.ts';
import { assertConfirmed } from '../confirm.ts';
import { formatTable } from '../output.ts';
import { withCredential } from '../target.ts';
import { readNewSecrets } from '../terminalSecrets.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

/** Unlocks the vault first, so that no secret is entered in vain. Rejects with NOT_FOUND or VAULT_LOCKED. */
async function unlock({ secrets }: Services): Promise<void> {
  if (secrets.state().condition === 'absent')
    throw new AppError('NOT_FOUND', 'There is no vault yet. Create one: sallyport vault create');
  if (!(await secrets.unlockIfLocked()))
    throw new AppError(
      'VAULT_LOCKED',
      'The vault is locked, and there is no terminal to ask for its passphrase. Add --passphrase-fd N.',
    );
}

/** Reads each secret of a kind. Rejects with SECRET_NEEDED or INVALID_INPUT. */
async function readValues(globals: Globals, kind: CredentialKind): Promise<SecretValues> {
  if (globals.passphraseFd === 0)
    throw new AppError(
      'INVALID_INPUT',
      'Standard input has the secrets; pass the passphrase by another file descriptor.',
    );
  const { parts } = credentialKinds[kind];
  const secrets = await readNewSecrets(
    parts.map((part) => secretParts[part].label),
    false,
  );
  return Object.fromEntries(parts.map((part, index) => [part, secrets[index]]));
}

export function listCredentials(globals: Globals): Promise<number> {
  return withConsole(globals, ({ secrets }) => {
    const items = secrets.credentials.list();
    globals.output.print(items, () =>
      items.length === 0
        ? 'No credentials yet. Add one: sallyport credential add NAME'
        : formatTable(
            ['NAME', 'KIND', 'USER', 'ROTATED', 'USED BY'],
            items.map(({ name, kind, userName, rotatedAt, users }) => [
              name,
              credentialKinds[kind].label,
              userName,
              rotatedAt === null ? null : formatInstant(rotatedAt),
              users.join(', ') || null,
            ]),
          ),
    );
    return 0;
  });
}

export function addCredential(
  globals: Globals,
  name: string,
  { kind, user }: { kind: CredentialKind; user?: string },
): Promise<number> {
  return withConsole(globals, async (services) => {
    await unlock(services);
    const values = await readValues(globals, kind);
    const added = await services.secrets.credentials.add({ name, kind, userName: user ?? null, values });
    globals.output.print(added, () => `${name} added. Use it: sallyport credential use ${name} APPLIANCE`);
    return 0;
  });
}

export function rotateCredential(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, async (services) => {
    const { credentials } = services.secrets;
    const { kind } = credentials.get(name);
    await unlock(services);
    const rotated = await credentials.rotate(name, await readValues(globals, kind));
    globals.output.print(rotated, () => `${name} rotated. The next sign-ins use the new secret.`);
    return 0;
  });
}

export function useCredential(
  globals: Globals,
  name: string,
  appliances: readonly string[],
): Promise<number> {
  return withConsole(globals, async (services) => {
    const credential = services.secrets.credentials.get(name);
    // All are found and checked before the first is changed.
    const edits = appliances
      .map((appliance) => findAppliance(services, appliance))
      .map((entry) => ({ entry, target: withCredential(entry.target, credential) }));
    for (const { entry, target } of edits) {
      const { id, createdAt: _, locked: __, ...before } = entry;
      await services.appliances.edit(id, { ...before, target }, { fields: ['target'] });
    }
    const names = edits.map(({ entry }) => entry.name);
    globals.output.print({ name, appliances: names }, () => `${names.join(', ')}: signs in with ${name}`);
    return 0;
  });
}

export function removeCredential(globals: Globals, name: string, options: { yes: boolean }): Promise<number> {
  return withConsole(globals, async (services) => {
    services.secrets.credentials.assertUnused(name);
    if (!options.yes && !globals.output.json)
      globals.output.printError(`This removes ${name} and deletes its secret from the vault.`);
    await assertConfirmed(options.yes);
    await unlock(services);
    await services.secrets.credentials.remove(name);
    globals.output.print({ removed: name }, () => `${name} removed`);
    return 0;
  });
}
