import { InvalidArgumentError, Option, type Command } from 'commander';
import { statementKindSchema, usageKinds } from '../../../src-shared/model/usage/usageReport.ts';
import { usageMonthSchema } from '../../../src-shared/model/usage/usageSummary.ts';
import type { CommandContext } from './commandContext.ts';
import type { DiffOptions } from './commands/usage/diffUsage.ts';
import type { ExportOptions } from './commands/usage/exportUsage.ts';
import type { ReportOptions } from './commands/usage/reportUsage.ts';
import { wholeNumber } from './options.ts';

function parseMonth(text: string): string {
  if (usageMonthSchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('Enter a month like 2026-11.');
}

const monthOption = (description: string) => new Option('--month <month>', description).argParser(parseMonth);
const presentMonth = 'the month, e.g. 2026-11; default: the present one of the appliance';

function addReportCommand(usage: Command, { globals, finish }: CommandContext): void {
  usage
    .command('report <appliance>')
    .description('print a report byte for byte as the appliance would send it')
    .addOption(
      new Option('--kind <kind>', 'which report').choices(Object.keys(usageKinds)).makeOptionMandatory(),
    )
    .addOption(monthOption(presentMonth))
    .option('--out <file>', 'write to this new file, which only you can read')
    .action(async (name: string, options: ReportOptions) => {
      const { reportUsage } = await import('./commands/usage/reportUsage.ts');
      await finish(reportUsage(globals(), name, options));
    });
}

function addBillCommands(usage: Command, { globals, finish }: CommandContext): void {
  usage
    .command('preview [appliances...]')
    .description('price the present counts by the plan in the licence; default: of all appliances')
    .addOption(monthOption(presentMonth))
    .action(async (names: string[], options: { month?: string }) => {
      const { previewUsage } = await import('./commands/usage/previewUsage.ts');
      await finish(previewUsage(globals(), { names, ...options }));
    });
  usage
    .command('diff <appliance>')
    .description('say why the bill of a month differs from that of another one')
    .addOption(monthOption(presentMonth))
    .addOption(
      new Option('--against <month>', 'the other month; default: the one before').argParser(parseMonth),
    )
    .action(async (name: string, options: DiffOptions) => {
      const { diffUsage } = await import('./commands/usage/diffUsage.ts');
      await finish(diffUsage(globals(), name, options));
    });
}

function addExportCommand(usage: Command, { globals, finish }: CommandContext): void {
  usage
    .command('export <appliance>')
    .description('let the appliance sign a report with the next number, and write it with checksums')
    .addOption(
      new Option('--kind <kind>', 'which report').choices(statementKindSchema.options).default('standard'),
    )
    .addOption(monthOption('the month, e.g. 2026-11'))
    .addOption(
      new Option('--number <n>', 'export this kept statement again')
        .argParser(wholeNumber(1, 1_000_000))
        .conflicts('month'),
    )
    .requiredOption('--out <folder>', 'write into this new folder, which only you can read')
    .action(async (name: string, options: ExportOptions) => {
      const { exportUsage } = await import('./commands/usage/exportUsage.ts');
      await finish(exportUsage(globals(), name, options));
    });
}

/** Adds the commands for usage reports and the bill that follows from them. */
export function addUsageCommands(program: Command, context: CommandContext): void {
  const usage = program
    .command('usage')
    .description('show what leaves an appliance for billing, and the bill that follows');
  addReportCommand(usage, context);
  addBillCommands(usage, context);
  addExportCommand(usage, context);
}
