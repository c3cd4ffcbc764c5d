import type { Command } from 'commander';
import type { CommandContext } from './commandContext.ts';

/** Adds the commands for what a security officer asks about this program. */
export function addTrustCommands(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('trust')
    .description(
      'print host keys, algorithms, secrets, fuses, open connections and what leaves this computer',
    )
    .option('--connect', 'connect to the appliances first, to see their algorithms')
    .action(async (options: { connect?: true }) => {
      const { printTrust } = await import('./commands/trust.ts');
      await finish(printTrust(globals(), options));
    });
  program
    .command('notices')
    .description('print the licences of the third-party software in this program')
    .action(async () => {
      const { printNotices } = await import('./commands/notices.ts');
      await finish(printNotices(globals().output));
    });
}
