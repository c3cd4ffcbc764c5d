import { Option, type Command } from 'commander';
import type { CommandContext } from './commandContext.ts';
import { credentialKindNames } from '../../../src-shared/model/secrets/credentialKindNames.ts';
import type { CredentialKind } from '../../../src-shared/model/secrets/credential.ts';

function addVaultCommands(program: Command, { globals, finish }: CommandContext): void {
  const vault = program.command('vault').description('manage the encrypted vault of this console');
  vault
    .command('create')
    .description('create the vault; its passphrase is asked for, or read from --passphrase-fd')
    .action(async () => {
      const { createVault } = await import('./commands/vault.ts');
      await finish(createVault(globals()));
    });
  vault
    .command('change-passphrase')
    .description('encrypt the vault with a new passphrase, which is asked for or read from standard input')
    .action(async () => {
      const { changePassphrase } = await import('./commands/vault.ts');
      await finish(changePassphrase(globals()));
    });
  vault
    .command('status')
    .description('show whether there is a vault, and what protects it')
    .action(async () => {
      const { showVault } = await import('./commands/vault.ts');
      await finish(showVault(globals()));
    });
}

/** Adds the commands for the vault and the named credentials in it. */
export function addSecretCommands(program: Command, context: CommandContext): void {
  addVaultCommands(program, context);
  const { globals, finish } = context;
  const credential = program
    .command('credential')
    .description('manage named credentials, which several appliances can use');
  credential
    .command('list')
    .description('list the credentials and the appliances that use each; secrets are never printed')
    .action(async () => {
      const { listCredentials } = await import('./commands/credential.ts');
      await finish(listCredentials(globals()));
    });
  credential
    .command('add <name>')
    .description('add a credential; its secrets are asked for, or read from standard input, one per line')
    .addOption(new Option('--kind <kind>', 'what it holds').choices(credentialKindNames).default('password'))
    .option('--user <name>', 'use its password only for this user')
    .action(async (name: string, options: { kind: CredentialKind; user?: string }) => {
      const { addCredential } = await import('./commands/credential.ts');
      await finish(addCredential(globals(), name, options));
    });
  credential
    .command('rotate <credential>')
    .description('replace the secrets of a credential for all appliances that use it')
    .action(async (name: string) => {
      const { rotateCredential } = await import('./commands/credential.ts');
      await finish(rotateCredential(globals(), name));
    });
  credential
    .command('use <credential> <appliances...>')
    .description('sign in to these appliances with a credential')
    .action(async (name: string, appliances: string[]) => {
      const { useCredential } = await import('./commands/credential.ts');
      await finish(useCredential(globals(), name, appliances));
    });
  credential
    .command('remove <credential>')
    .description('remove a credential that no appliance uses')
    .option('--yes', 'skip the confirmation', false)
    .action(async (name: string, options: { yes: boolean }) => {
      const { removeCredential } = await import('./commands/credential.ts');
      await finish(removeCredential(globals(), name, options));
    });
}
