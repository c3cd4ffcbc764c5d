import { type Command, Option } from 'commander';
import { type AuditChip, auditChipSchema } from '../../../src-shared/model/audit/auditEvents.ts';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './options.ts';

/** Adds the commands for notifications. */
export function addNotificationCommands(program: Command, { globals, finish }: CommandContext): void {
  program
    .command('notification')
    .description('show notifications')
    .command('list')
    .description('list notifications, newest first; cleared notifications are kept for a week')
    .action(async () => {
      const { listNotifications } = await import('./commands/notifications.ts');
      await finish(listNotifications(globals()));
    });
}

/** Adds the commands for the audit trail. */
export function addAuditCommands(program: Command, { globals, finish }: CommandContext): void {
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
