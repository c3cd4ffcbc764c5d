import type { Command } from 'commander';
import type { CommandContext } from './commandContext.ts';

/** Adds the commands for the managed policy file. */
export function addPolicyCommands(program: Command, { globals, finish }: CommandContext): void {
  const policy = program.command('policy').description('show the managed policy of this computer');
  policy
    .command('show')
    .description('print what the policy file locks and forbids, and its problems')
    .action(async () => {
      const { showPolicy } = await import('./commands/policy.ts');
      await finish(showPolicy(globals().output));
    });
  policy
    .command('check <file>')
    .description('check a policy file before it is installed')
    .action(async (file: string) => {
      const { checkPolicy } = await import('./commands/policy.ts');
      await finish(checkPolicy(globals().output, file));
    });
}
