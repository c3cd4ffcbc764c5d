import { Option, type Command } from 'commander';
import { watchGroups } from '../../../src-shared/model/syslog/watch/watchRule.ts';
import type { CommandContext } from './commandContext.ts';
import type { AddedRule } from './commands/watchSyslog.ts';
import { collectValues, wholeNumber } from './options.ts';

/** Adds the commands for rules that watch kept lines and raise notifications. */
export function addWatchCommands(syslog: Command, { globals, finish }: CommandContext): void {
  const watch = syslog.command('watch').description('raise notifications about log lines by rules');
  watch
    .command('add <name> <query>')
    .description('add a rule: enough lines that match within a time raise a notification')
    .option('--threshold <n>', 'number of lines', wholeNumber(1, 10_000), 1)
    .option('--within <seconds>', 'the time in which they were written', wholeNumber(1, 86_400), 60)
    .option('--quiet <seconds>', 'raise no other one for this time', wholeNumber(60, 604_800), 600)
    .addOption(
      new Option('--group-by <what>', 'count lines of each apart').choices(watchGroups).default('none'),
    )
    .addOption(
      new Option('--appliance <appliance>', 'only this appliance; repeat the option for several')
        .argParser(collectValues)
        .default([]),
    )
    .action(async (name: string, query: string, options: Omit<AddedRule, 'name' | 'query'>) => {
      const { addWatchRule } = await import('./commands/watchSyslog.ts');
      await finish(addWatchRule(globals(), { name, query, ...options }));
    });
  watch
    .command('list')
    .description('list the rules')
    .action(async () => {
      const { listWatchRules } = await import('./commands/watchSyslog.ts');
      await finish(listWatchRules(globals()));
    });
  for (const state of ['off', 'on'] as const)
    watch
      .command(`${state} <name>`)
      .description(
        state === 'on' ? 'let a rule raise notifications again' : 'keep a rule that raises nothing',
      )
      .action(async (name: string) => {
        const { switchWatchRule } = await import('./commands/watchSyslog.ts');
        await finish(switchWatchRule(globals(), name, state === 'on'));
      });
  watch
    .command('remove <name>')
    .description('remove a rule')
    .action(async (name: string) => {
      const { removeWatchRule } = await import('./commands/watchSyslog.ts');
      await finish(removeWatchRule(globals(), name));
    });
}
