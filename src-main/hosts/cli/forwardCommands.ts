import { Argument, Option, type Command } from 'commander';
import {
  destinationKindNames,
  type DestinationKind,
} from '../../../src-shared/model/syslog/forward/destination.ts';
import type { CommandContext } from './commandContext.ts';
import type { AddedDestination } from './commands/forwardSyslog.ts';
import { collectValues } from './options.ts';

function addAddCommand(forward: Command, { globals, finish }: CommandContext): void {
  forward
    .command('add')
    .description(
      'add a destination; its address is like tls://HOST:6514, relp+tls://HOST:2514 or https://HOST:3100',
    )
    .argument('<name>')
    .addArgument(new Argument('<kind>').choices(destinationKindNames))
    .argument('<address>')
    .addOption(
      new Option('--appliance <appliance>', 'only this appliance; repeat the option for several')
        .argParser(collectValues)
        .default([]),
    )
    .option('--ca-file <file>', 'certificates to trust instead of those of this computer')
    .option('--certificate <file>', 'this computer’s own certificate')
    .option('--key <file>', 'the key of --certificate; only this user may be able to read it')
    .option('--token-file <file>', 'file with a bearer token; only this user may be able to read it')
    .option('--loki-tenant <name>', 'Loki’s tenant (X-Scope-OrgID)')
    .option('--from-now', 'send no lines that are kept already', false)
    .action(
      async (
        name: string,
        kind: DestinationKind,
        address: string,
        options: Omit<AddedDestination, 'name' | 'kind' | 'address'>,
      ) => {
        const { addDestination } = await import('./commands/forwardSyslog.ts');
        await finish(addDestination(globals(), { name, kind, address, ...options }));
      },
    );
}

/** Adds the commands that hand kept lines over to other systems. */
export function addForwardCommands(syslog: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const forward = syslog.command('forward').description('send kept lines to a log server');
  addAddCommand(forward, context);
  forward
    .command('list')
    .description('list the destinations and how many lines each has')
    .action(async () => {
      const { listDestinations } = await import('./commands/forwardSyslog.ts');
      await finish(listDestinations(globals()));
    });
  forward
    .command('remove <name>')
    .description('remove a destination; the lines stay where they are')
    .action(async (name: string) => {
      const { removeDestination } = await import('./commands/forwardSyslog.ts');
      await finish(removeDestination(globals(), name));
    });
  forward
    .command('run [names...]')
    .description('read the logs and send their lines until stopped')
    .option('--once', 'send what there is now, and end with the first problem', false)
    .option('--offline', 'connect to no appliance', false)
    .action(async (names: string[], options: { once: boolean; offline: boolean }) => {
      const { runForwarding } = await import('./commands/forwardSyslog.ts');
      await finish(runForwarding(globals(), { names, ...options }));
    });
}
