import { Option, type Command } from 'commander';
import { defaultIdleMinutes } from '../../../src-shared/contract/webSession.ts';
import type { CommandContext } from './commandContext.ts';
import { numberBetween, wholeNumber } from './wholeNumber.ts';

/** Commands that run until they are stopped: the lab, and the console for a browser. */
export function addHostCommands(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('lab')
    .description('run appliances, tenants and services of its own on loopback, until stopped')
    .option('--appliances <n>', 'how many appliances', wholeNumber(1, 200))
    .option('--tenants <n>', 'how many tenants', wholeNumber(0, 2000))
    .option('--seed <text>', 'where its randomness starts')
    .action(async (options: Record<string, string | number | undefined>) => {
      const { runLab } = await import('./commands/lab.ts');
      await finish(runLab(globals().output, options));
    });
  program
    .command('web')
    .description('serve the console to a browser on this computer, until stopped')
    .option('--port <n>', 'port on 127.0.0.1 and ::1; a free one by default', wholeNumber(0, 65535), 0)
    .addOption(
      new Option(
        '--host-name <name>',
        'a fixed name instead of a random one, for browsers that do not know *.localhost (Safari); weaker',
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
