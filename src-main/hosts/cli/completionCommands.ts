import { Argument, type Command } from 'commander';
import type { CommandContext } from './commandContext.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Adds the command that prints a shell's completion script. */
export function addCompletionCommand(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .description(
      'print the completion script of a shell: it completes commands, appliances, credentials and tenants',
    )
    .action(async (shell: Shell) => {
      const { printCompletion } = await import('./commands/completion.ts');
      await finish(printCompletion(globals().output, shell));
    });
}
