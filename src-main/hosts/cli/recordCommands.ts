import { type Command, Option } from 'commander';
import { type AuditChip, auditChipSchema } from '../../../src-shared/model/audit/auditEvents.ts';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './options.ts';

/** Adds the commands for notifications, for the log of an appliance, and for the audit trail. */
export function addRecordCommands(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('notification')
    .description('show notifications')
    .command('list')
    .description('list notifications, newest first; cleared notifications are kept for a week')
    .action(async () => {
      const { listNotifications } = await import('./commands/notifications.ts');
      await finish(listNotifications(globals()));
    });
  const syslog = program.command('syslog').description('read and search the logs of appliances');
  syslog
    .command('search <query> [appliances...]')
    .description('find lines in the kept logs, after reading the newest ones')
    .option('--limit <n>', 'number of lines', wholeNumber(1, 100_000), 200)
    .option('--oldest', 'the oldest lines instead of the newest', false)
    .option('--count', 'print how many lines there are', false)
    .option('--offline', 'connect to no appliance', false)
    .action(
      async (
        query: string,
        names: string[],
        options: { limit: number; oldest: boolean; count: boolean; offline: boolean },
      ) => {
        const { searchSyslog } = await import('./commands/searchSyslog.ts');
        await finish(searchSyslog(globals(), { query, names, ...options }));
      },
    );
  syslog
    .command('tail <appliance>')
    .description('print the last lines')
    .option('--lines <n>', 'number of lines', wholeNumber(0, 5000), 50)
    .option('--follow', 'keep printing new lines until stopped', false)
    .action(async (name: string, options: { lines: number; follow: boolean }) => {
      const { tailSyslog } = await import('./commands/syslog.ts');
      await finish(tailSyslog(globals(), { name, ...options }));
    });
  const audit = program.command('audit').description('show who did what, and the result');
  audit
    .command('list')
    .description('list the latest records, newest first')
    .option('--limit <n>', 'number of records', wholeNumber(1, 500), 100)
    .option('--query <text>', 'only records that contain this text', '')
    .addOption(
      new Option('--show <what>', 'only records of one kind')
        .choices(['all', ...auditChipSchema.options])
        .default('all'),
    )
    .action(async (options: { limit: number; query: string; show: AuditChip | 'all' }) => {
      const { listAudit } = await import('./commands/audit.ts');
      await finish(listAudit(globals(), options));
    });
  audit
    .command('verify')
    .description('verify the hash of every record')
    .action(async () => {
      const { verifyAudit } = await import('./commands/audit.ts');
      await finish(verifyAudit(globals()));
    });
}
