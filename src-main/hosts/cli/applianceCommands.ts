import { Argument, Option, type Command } from 'commander';
import { addChoiceOptions } from './choiceOptions.ts';
import type { CommandContext } from './commandContext.ts';
import { collectValues } from './options.ts';
import { colourNames } from '../../../src-shared/model/appliance/colourNames.ts';
import { connectModeNames } from '../../../src-shared/model/appliance/connectModeNames.ts';
import type { ImportOptions } from './commands/importAppliances.ts';
import type { ChoiceOptions } from './commands/run/chooseAppliances.ts';
import type { EditOptions } from './editedAppliance.ts';
import type { NewAppliance } from './newAppliance.ts';
import type { FailOn } from './commands/status.ts';

const sudoOption = () =>
  new Option('--sudo <how>', 'how to run privileged commands').choices(['none', 'nopasswd', 'password']);
const connectOption = () =>
  new Option('--connect <when>', 'when this console connects to it').choices(connectModeNames);
const colourOption = () =>
  new Option(
    '--colour <name>',
    'colour of the appliance in the console’s window, e.g. red for production',
  ).choices(colourNames);

/** The options have no defaults, so that options that the user omits change nothing. */
function addEditCommand(appliance: Command, { globals, finish }: CommandContext): void {
  appliance
    .command('edit <appliance>')
    .description('change an appliance’s entry in this console; omitted options change nothing')
    .option('--rename <name>', 'new name')
    .option('--host-key <fingerprint>', 'pin this host key if none is pinned yet: SHA256:…')
    .option(
      '--jump-host-key <fingerprint>',
      'pin the host key of a jump host; repeat the option for each jump host, in order',
      collectValues,
    )
    .option('--address <user@host[:port]>', 'new address')
    .option('--identity <file>', 'private key to log in with, also to the hosts given with --jump')
    .option(
      '--jump <user@host[:port]>',
      'replace the jump hosts; repeat the option for several, in order',
      collectValues,
    )
    .option('--no-jump', 'remove all jump hosts')
    .addOption(sudoOption())
    .option(
      '--legacy-algorithms',
      'allow SHA-1, and RSA host keys shorter than 2048 bits, on this connection',
    )
    .option('--no-legacy-algorithms', 'stop allowing SHA-1 and short RSA host keys')
    .option('--group <name>', 'group in the list of appliances')
    .option('--cluster <name>', 'cluster of appliances that share tenants')
    .option('--description <text>', 'description of the appliance')
    .option('--tag <word>', 'replace the tags; repeat the option for several', collectValues)
    .option('--no-tag', 'remove all tags')
    .addOption(connectOption())
    .addOption(colourOption())
    .option('--credential <credential>', 'credential that answers for its user')
    .option('--no-credential', 'remove the credential')
    .action(async (name: string, options: EditOptions) => {
      const { editAppliance } = await import('./commands/appliance.ts');
      await finish(editAppliance(globals(), name, options));
    });
}

function addLockCommands(appliance: Command, { globals, finish }: CommandContext): void {
  for (const { verb, locked, description } of [
    {
      verb: 'lock',
      locked: true,
      description: 'make an appliance read-only: refuse all changes to its tenants until it is unlocked',
    },
    { verb: 'unlock', locked: false, description: 'allow changes to an appliance’s tenants again' },
  ])
    appliance
      .command(`${verb} <appliance>`)
      .description(description)
      .action(async (name: string) => {
        const { lockAppliance } = await import('./commands/appliance.ts');
        await finish(lockAppliance(globals(), name, locked));
      });
}

function addConnectionCommand(appliance: Command, { globals, finish }: CommandContext): void {
  addChoiceOptions(
    appliance
      .command('connection')
      .description('set when this console connects to several appliances')
      .addArgument(new Argument('<when>', 'when').choices(connectModeNames))
      .argument('[appliances...]', 'their names'),
  ).action(async (when: string, names: string[], options: ChoiceOptions) => {
    const { setConnection } = await import('./commands/connection.ts');
    await finish(setConnection(globals(), { when, names, options }));
  });
}

function addAddCommand(appliance: Command, { globals, finish }: CommandContext): void {
  appliance
    .command('add <name> <user@host[:port]>')
    .description('add an appliance')
    .option(
      '--identity <file>',
      'private key to log in with, or a public key whose private key is in the agent; default: all keys in the agent',
    )
    .option('--host-key <fingerprint>', 'pin this host key: SHA256:…')
    .option(
      '--jump <user@host[:port]>',
      'jump host; repeat the option for several, in order',
      collectValues,
      [],
    )
    .option(
      '--jump-host-key <fingerprint>',
      'pin the host key of a jump host; repeat the option for each --jump, in the same order',
      collectValues,
      [],
    )
    .addOption(sudoOption().default('nopasswd'))
    .option(
      '--legacy-algorithms',
      'allow SHA-1, and RSA host keys shorter than 2048 bits, on this connection',
    )
    .option('--group <name>', 'group in the list of appliances', '')
    .option('--cluster <name>', 'cluster of appliances that share tenants', '')
    .option('--description <text>', 'description of the appliance', '')
    .option('--tag <word>', 'tag for searching; repeat the option for several', collectValues, [])
    .addOption(connectOption().default('always'))
    .addOption(colourOption().default('none'))
    .option('--credential <credential>', 'credential that answers for its user')
    .action(async (name: string, target: string, options: Omit<NewAppliance, 'name' | 'target'>) => {
      const { addAppliance } = await import('./commands/appliance.ts');
      await finish(addAppliance(globals(), { name, target, ...options }));
    });
}

function addInventoryCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const appliance = program.command('appliance').description('manage the appliances of this console');
  addAddCommand(appliance, context);
  appliance
    .command('list')
    .description('list the appliances')
    .option('--tag <word>', 'only appliances with this tag; repeat the option for several', collectValues, [])
    .action(async (options: { tag: string[] }) => {
      const { listAppliances } = await import('./commands/appliance.ts');
      await finish(listAppliances(globals(), options));
    });
  addEditCommand(appliance, context);
  addLockCommands(appliance, context);
  addConnectionCommand(appliance, context);
  appliance
    .command('import [file]')
    .description('import new and changed appliances from a CSV file or from ~/.ssh/config')
    .option('--ssh-config [file]', 'read this ssh_config, by default ~/.ssh/config')
    .option('--preview', 'show which appliances are new, changed or unchanged, without importing', false)
    .option('--yes', 'skip the confirmation', false)
    .action(async (file: string | undefined, options: ImportOptions) => {
      const { importAppliances } = await import('./commands/importAppliances.ts');
      await finish(importAppliances(globals(), file, options));
    });
  appliance
    .command('show <appliance>')
    .description('show an appliance with its host keys and last known values')
    .action(async (name: string) => {
      const { showAppliance } = await import('./commands/appliance.ts');
      await finish(showAppliance(globals(), name));
    });
  appliance
    .command('ssh-command <appliance>')
    .description('print the ssh command that opens a shell on an appliance')
    .action(async (name: string) => {
      const { printSshCommand } = await import('./commands/appliance.ts');
      await finish(printSshCommand(globals(), name));
    });
  appliance
    .command('remove <appliance>')
    .description(
      'remove an appliance with its host keys, last known values, history, contacts and notes; audit records are kept',
    )
    .option('--yes', 'skip the confirmation', false)
    .action(async (name: string, options: { yes: boolean }) => {
      const { removeAppliance } = await import('./commands/appliance.ts');
      await finish(removeAppliance(globals(), name, options));
    });
}

/** Adds the commands for the inventory and the state of appliances. */
export function addApplianceCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  addInventoryCommands(program, context);
  program
    .command('status [appliances...]')
    .description('show the current state of appliances; default: all')
    .addOption(
      new Option(
        '--fail-on <health>',
        'exit with status 1 if an appliance has this or a worse health or did not answer, or if there are no appliances',
      ).choices(['warn', 'bad']),
    )
    .action(async (names: string[], options: { failOn?: FailOn }) => {
      const { printStatus } = await import('./commands/status.ts');
      await finish(printStatus(globals(), names, options));
    });
  program
    .command('doctor [appliance]')
    .description('check this computer and an appliance, and show how to fix each problem')
    .action(async (name: string | undefined) => {
      const { runDoctor } = await import('./commands/doctor.ts');
      await finish(runDoctor(globals(), name));
    });
}
