import { Option, type Command } from 'commander';
import { collectValues, type CommandContext } from './commandContext.ts';
import { colourSchema } from '../../../src-shared/model/appliance/tags.ts';
import type { EditOptions } from './editedAppliance.ts';
import type { NewAppliance } from './newAppliance.ts';
import type { FailOn } from './commands/status.ts';

const sudoOption = () =>
  new Option('--sudo <how>', 'how privileged commands run').choices(['none', 'nopasswd', 'password']);
const colourOption = () =>
  new Option('--colour <name>', 'colour on the page; red is meant for production').choices(
    colourSchema.options,
  );

/** Options without a default: what is not given stays as it is. */
function addEditCommand(appliance: Command, { globals, finish }: CommandContext): void {
  appliance
    .command('edit <name>')
    .description('change an entry; what is not given stays as it is')
    .option('--rename <name>', 'new name')
    .option('--address <user@host[:port]>', 'new address')
    .option('--identity <file>', 'key to log in with, here and at the jump hosts given with it')
    .option('--jump <user@host[:port]>', 'jump hosts instead of those before; may be repeated', collectValues)
    .option('--no-jump', 'reach it directly')
    .addOption(sudoOption())
    .option('--legacy-algorithms', 'allow SHA-1 and RSA host keys under 2048 bits on the way to it')
    .option('--no-legacy-algorithms', 'no longer allow them')
    .option('--group <name>', 'group it is listed under')
    .option('--cluster <name>', 'cluster whose members share their tenants')
    .option('--description <text>', 'description for people')
    .option('--tag <word>', 'tags instead of those before; may be repeated', collectValues)
    .option('--no-tag', 'remove all tags')
    .addOption(colourOption())
    .action(async (name: string, options: EditOptions) => {
      const { editAppliance } = await import('./commands/appliance.ts');
      await finish(editAppliance(globals(), name, options));
    });
}

function addLockCommands(appliance: Command, { globals, finish }: CommandContext): void {
  for (const { verb, locked, description } of [
    { verb: 'lock', locked: true, description: 'refuse every change of its tenants until it is unlocked' },
    { verb: 'unlock', locked: false, description: 'allow changes of its tenants again' },
  ])
    appliance
      .command(`${verb} <name>`)
      .description(description)
      .action(async (name: string) => {
        const { lockAppliance } = await import('./commands/appliance.ts');
        await finish(lockAppliance(globals(), name, locked));
      });
}

function addInventoryCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const appliance = program.command('appliance').description('the appliances that this console knows');
  appliance
    .command('add <name> <user@host[:port]>')
    .description('enter an appliance')
    .option(
      '--identity <file>',
      'key to log in with: a private key, or a public one whose private half the agent holds; by default all keys of the agent',
    )
    .option('--host-key <fingerprint>', 'pin this host key: SHA256:…')
    .option('--jump <user@host[:port]>', 'jump host, in order; may be repeated', collectValues, [])
    .option(
      '--jump-host-key <fingerprint>',
      'pin the host key of a jump host; one for each --jump, in the same order',
      collectValues,
      [],
    )
    .addOption(sudoOption().default('nopasswd'))
    .option('--legacy-algorithms', 'allow SHA-1 and RSA host keys under 2048 bits on the way to it')
    .option('--group <name>', 'group it is listed under', '')
    .option('--cluster <name>', 'cluster whose members share their tenants', '')
    .option('--description <text>', 'description for people', '')
    .option('--tag <word>', 'tag to find it by; may be repeated', collectValues, [])
    .addOption(colourOption().default('none'))
    .action(async (name: string, target: string, options: Omit<NewAppliance, 'name' | 'target'>) => {
      const { addAppliance } = await import('./commands/appliance.ts');
      await finish(addAppliance(globals(), { name, target, ...options }));
    });
  appliance
    .command('list')
    .description('list them')
    .option('--tag <word>', 'only those with this tag; may be repeated', collectValues, [])
    .action(async (options: { tag: string[] }) => {
      const { listAppliances } = await import('./commands/appliance.ts');
      await finish(listAppliances(globals(), options));
    });
  addEditCommand(appliance, context);
  addLockCommands(appliance, context);
  appliance
    .command('show <name>')
    .description('one of them, with its host keys and last-known values')
    .action(async (name: string) => {
      const { showAppliance } = await import('./commands/appliance.ts');
      await finish(showAppliance(globals(), name));
    });
  appliance
    .command('remove <name>')
    .description('forget one with its host keys and last-known values; its audit records stay')
    .option('--yes', 'do not ask', false)
    .action(async (name: string, options: { yes: boolean }) => {
      const { removeAppliance } = await import('./commands/appliance.ts');
      await finish(removeAppliance(globals(), name, options));
    });
}

/** The inventory, and how appliances are. */
export function addApplianceCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  addInventoryCommands(program, context);
  program
    .command('status [names...]')
    .description('ask appliances how they are; all of them by default')
    .addOption(
      new Option(
        '--fail-on <health>',
        'exit with 1 if an appliance has this health or worse, or was not seen, or if none is entered',
      ).choices(['warn', 'bad']),
    )
    .action(async (names: string[], options: { failOn?: FailOn }) => {
      const { printStatus } = await import('./commands/status.ts');
      await finish(printStatus(globals(), names, options));
    });
  program
    .command('doctor [appliance]')
    .description('check this computer, and one appliance, and say what to do about what is wrong')
    .action(async (name: string | undefined) => {
      const { runDoctor } = await import('./commands/doctor.ts');
      await finish(runDoctor(globals(), name));
    });
}
