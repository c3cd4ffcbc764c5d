import { Argument, type Command } from 'commander';
import { targetKindNames, type TargetKind } from '../../../src-shared/model/notifications/targets.ts';
import type { CommandContext } from './commandContext.ts';
import type { AddedTarget } from './commands/notificationTargets.ts';

function addAddCommand(watch: Command, { globals, finish }: CommandContext): void {
  watch
    .command('add')
    .description(
      'add a target of notifications; its address is like https://HOST/PATH, tls://HOST:6514, udp://HOST:514 or local',
    )
    .argument('<name>')
    .addArgument(new Argument('<kind>').choices(targetKindNames))
    .argument('[address]')
    .option('--address-file <file>', 'file with the address, if the address itself is a secret')
    .option('--secret-file <file>', 'file with the secret that signs each message of a webhook')
    .option('--token-file <file>', 'file with a bearer token; only this user may be able to read it')
    .option('--ca-file <file>', 'certificates to trust instead of those of this computer')
    .option('--certificate <file>', 'this computer’s own certificate')
    .option('--key <file>', 'the key of --certificate; only this user may be able to read it')
    .action(
      async (
        name: string,
        kind: TargetKind,
        address: string | undefined,
        options: Omit<AddedTarget, 'name' | 'kind' | 'address'>,
      ) => {
        const { addTarget } = await import('./commands/notificationTargets.ts');
        await finish(addTarget(globals(), { name, kind, address: address ?? '', ...options }));
      },
    );
}

/** Adds the command that watches all appliances without a page, and those for the targets of its notifications. */
export function addWatchServiceCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const watch = program
    .command('watch')
    .description('watch all appliances and send notifications to targets, until stopped');
  watch
    .command('run', { isDefault: true })
    .description('watch all appliances and send notifications to targets, until stopped; the default')
    .action(async () => {
      const { runWatch } = await import('./commands/watchAppliances.ts');
      await finish(runWatch(globals()));
    });
  addAddCommand(watch, context);
  watch
    .command('list')
    .description('list the targets of notifications and what was sent to each')
    .action(async () => {
      const { listTargets } = await import('./commands/notificationTargets.ts');
      await finish(listTargets(globals()));
    });
  watch
    .command('remove <name>')
    .description('remove a target')
    .action(async (name: string) => {
      const { removeTarget } = await import('./commands/notificationTargets.ts');
      await finish(removeTarget(globals(), name));
    });
  watch
    .command('test [names...]')
    .description('send a test notification; default: to all targets')
    .action(async (names: string[]) => {
      const { testTargets } = await import('./commands/notificationTargets.ts');
      await finish(testTargets(globals(), names));
    });
  watch
    .command('install-unit')
    .description('write a systemd unit of this user that runs sallyport watch')
    .option('--print', 'print the unit instead of writing it', false)
    .action(async (options: { print: boolean }) => {
      const { installWatchUnit } = await import('./commands/watchUnit.ts');
      await finish(installWatchUnit(globals(), options));
    });
}
