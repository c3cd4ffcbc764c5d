import type { Command } from 'commander';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './wholeNumber.ts';

/** What was written down: notifications, an appliance's log, the audit trail. */
export function addRecordCommands(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('notification')
    .description('alerts of the console')
    .command('list')
    .description('newest first; resolved ones are kept for a week')
    .action(async () => {
      const { listNotifications } = await import('./commands/notifications.ts');
      await finish(listNotifications(globals()));
    });
  program
    .command('syslog')
    .description("an appliance's log")
    .command('tail <appliance>')
    .description('its last lines')
    .option('--lines <n>', 'how many', wholeNumber(0, 5000), 50)
    .option('--follow', 'follow new lines until stopped', false)
    .action(async (name: string, options: { lines: number; follow: boolean }) => {
      const { tailSyslog } = await import('./commands/syslog.ts');
      await finish(tailSyslog(globals(), { name, ...options }));
    });
  const audit = program.command('audit').description('what was done, by whom, and the result');
  audit
    .command('list')
    .description('the latest records, newest first')
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 100)
    .option('--query <text>', 'only those that hold this text', '')
    .action(async (options: { limit: number; query: string }) => {
      const { listAudit } = await import('./commands/audit.ts');
      await finish(listAudit(globals(), options));
    });
  audit
    .command('verify')
    .description('read every record again and recompute every hash')
    .action(async () => {
      const { verifyAudit } = await import('./commands/audit.ts');
      await finish(verifyAudit(globals()));
    });
}
