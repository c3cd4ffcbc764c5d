import { Option, type Command } from 'commander';
import { defaultIdleMinutes } from '../../../src-shared/contract/webSession.ts';
import type { CommandContext } from './commandContext.ts';
import { numberBetween, wholeNumber } from './options.ts';

type LabOptions = {
  appliances?: number;
  tenants?: number;
  seed?: string;
  fault?: readonly string[];
  faults?: boolean;
};

/** Adds the commands that run until they are stopped: the lab and the web host. */
export function addHostCommands(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('lab')
    .description('run sample appliances, tenants and services on this computer, until stopped')
    .option('--appliances <n>', 'number of appliances', wholeNumber(1, 200))
    .option('--tenants <n>', 'number of tenants', wholeNumber(0, 2000))
    .option('--seed <text>', 'seed of the random sample data')
    .option(
      '--fault <name...>',
      'cause these faults, each on its own tenant or appliance; all for every fault',
    )
    .option('--faults', 'list the faults that --fault can cause, and end')
    .action(async ({ fault = [], faults = false, ...sample }: LabOptions) => {
      const { listLabFaults, runLab } = await import('./commands/lab.ts');
      const { output } = globals();
      await finish(faults ? listLabFaults(output) : runLab(output, { ...sample, fault }));
    });
  program
    .command('web')
    .description('serve the console to a browser on this computer, until stopped')
    .option('--port <n>', 'port on 127.0.0.1 and ::1; default: a free port', wholeNumber(0, 65535), 0)
    .addOption(
      new Option(
        '--host-name <name>',
        'fixed host name, less secure than the random default; for browsers without *.localhost (Safari)',
      ).choices(['127.0.0.1', 'localhost']),
    )
    .option(
      '--idle-minutes <n>',
      'sign out after this time without input; 0 for never',
      numberBetween(0, 7 * 24 * 60),
      defaultIdleMinutes,
    )
    .option('--no-open', 'do not open a browser')
    .action(async (options: { port: number; open: boolean; hostName?: string; idleMinutes: number }) => {
      const { runWeb } = await import('./commands/web.ts');
      await finish(runWeb(globals(), options));
    });
}
