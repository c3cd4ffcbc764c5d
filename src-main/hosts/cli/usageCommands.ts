import { InvalidArgumentError, Option, type Command } from 'commander';
import { maxIdleDays } from '../../../src-shared/model/usage/manageAccounts.ts';
import { statementKindSchema, usageKinds } from '../../../src-shared/model/usage/usageReport.ts';
import { usageMonthSchema } from '../../../src-shared/model/usage/usageSummary.ts';
import type { CommandContext } from './commandContext.ts';
import type { DiffOptions } from './commands/usage/diffUsage.ts';
import type { ExportOptions } from './commands/usage/exportUsage.ts';
import type { ReconcileOptions } from './commands/usage/reconcileUsage.ts';
import type { ReportOptions } from './commands/usage/reportUsage.ts';
import type { UnmarkOptions, WhatIfOptions } from './commands/usage/whatIfUsage.ts';
import type { WarnOptions } from './commands/usage/warnUsage.ts';
import { collectValues, wholeNumber } from './options.ts';

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

function addChangeCommands(usage: Command, { globals, finish }: CommandContext): void {
  const reason = new Option('--reason <text>', 'reason or ticket for the audit trail');
  const yes = new Option('--yes', 'make the changes without asking').default(false);
  usage
    .command('what-if <appliance>')
    .description('show what changes would save, and which names they would reveal; changes nothing')
    .addOption(
      new Option(
        '--mark <file|->',
        'mark the accounts of this list as internal: an ID or its MD5 a line',
      ).conflicts('markApplication'),
    )
    .option('--mark-application <application>', 'mark an application as internal, by its number or name')
    .option('--names', 'print the names that the marked application would reveal')
    .option(
      '--deactivate-idle <days>',
      'deactivate accounts without a request for so many days',
      wholeNumber(1, maxIdleDays),
    )
    .option('--plan <id>', 'price by this plan of the licence')
    .option('--apply', 'make the changes of accounts, all or none', false)
    .addOption(reason)
    .addOption(yes)
    .action(async (name: string, options: WhatIfOptions) => {
      const { whatIfUsage } = await import('./commands/usage/whatIfUsage.ts');
      await finish(whatIfUsage(globals(), name, options));
    });
  usage
    .command('unmark <appliance>')
    .description('remove marks as internal development')
    .addOption(
      new Option('--accounts <file|->', 'the accounts: an ID or its MD5 a line').conflicts('application'),
    )
    .option('--application <application>', 'an application, by its number or name')
    .addOption(reason)
    .addOption(yes)
    .action(async (name: string, options: UnmarkOptions) => {
      const { unmarkUsage } = await import('./commands/usage/whatIfUsage.ts');
      await finish(unmarkUsage(globals(), name, options));
    });
}

function addKeptCommands(usage: Command, { globals, finish }: CommandContext): void {
  usage
    .command('sample [appliances...]')
    .description('keep the counts of today, for projections; default: of all appliances')
    .action(async (names: string[]) => {
      const { sampleUsage } = await import('./commands/usage/sampleUsage.ts');
      await finish(sampleUsage(globals(), names));
    });
  usage
    .command('warn <appliance>')
    .description('show or set the amount of a month above which the console warns')
    .option('--above <amount>', 'warn above this amount, e.g. 4500')
    .option('--currency <code>', 'its currency, e.g. EUR; default: that of the plan')
    .addOption(new Option('--off', 'warn no more').conflicts('above'))
    .action(async (name: string, options: WarnOptions) => {
      const { warnUsage } = await import('./commands/usage/warnUsage.ts');
      await finish(warnUsage(globals(), name, options));
    });
}

/** Reads `line=Position,amount=Betrag (EUR)`. A comma belongs to a name unless one of the four words and `=` follow. */
function parseColumns(text: string): ReconcileOptions['map'] {
  const words = { line: 'label', amount: 'amount', quantity: 'quantity', currency: 'currency' } as const;
  const parts = text.split(/,(?=(?:line|amount|quantity|currency)=)/u).map((part): [string, string] => {
    const [word, name] = parsePair(part);
    if (!isKeyOf(words, word))
      throw new InvalidArgumentError(`Enter names of columns for ${Object.keys(words).join(', ')}.`);
    return [words[word], name];
  });
  return Object.fromEntries(parts);
}

const isKeyOf = <Key extends string>(table: Readonly<Record<Key, unknown>>, word: string): word is Key =>
  Object.hasOwn(table, word);

/** Splits at the last `=`, because labels of invoices may have one. */
function parsePair(text: string): [string, string] {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError('Enter two texts with = between them.');
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** Collects the pairs of an option that can be given several times. */
const collectPairs = (text: string, before: Record<string, string> = {}): Record<string, string> => ({
  ...before,
  ...Object.fromEntries([parsePair(text)]),
});

function addReconcileCommand(usage: Command, { globals, finish }: CommandContext): void {
  usage
    .command('reconcile <appliance>')
    .description('say line by line where the vendor’s invoice differs from the preview, and why')
    .requiredOption('--invoice <file>', 'the invoice as CSV, up to 1 MB and 2,000 lines')
    .addOption(monthOption('the month of the invoice, e.g. 2026-10').makeOptionMandatory())
    .addOption(
      new Option(
        '--map <columns>',
        'the file’s columns, e.g. "line=Position,amount=Betrag,quantity=Menge,currency=Währung"; default: by usual names',
      ).argParser(parseColumns),
    )
    .addOption(
      new Option(
        '--decimal <sign>',
        'the sign before decimal places; default: if the file leaves no doubt',
      ).choices(['.', ',']),
    )
    .addOption(
      new Option(
        '--line <label=key>',
        'the preview’s key for a label of the invoice; can be repeated',
      ).argParser(collectPairs),
    )
    .addOption(
      new Option('--leave-out <label>', 'a line that is no charge, e.g. a sum; can be repeated').argParser(
        collectValues,
      ),
    )
    .addOption(
      new Option('--sign <sign=code>', 'the currency of a sign, e.g. $=USD; can be repeated').argParser(
        collectPairs,
      ),
    )
    .action(async (name: string, options: ReconcileOptions) => {
      const { reconcileUsage } = await import('./commands/usage/reconcileUsage.ts');
      await finish(reconcileUsage(globals(), name, options));
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
  usage
    .command('acknowledge <appliance> <file|->')
    .description(
      'carry the authority’s acknowledgement of a statement to the appliance, which verifies and keeps it',
    )
    .action(async (name: string, file: string) => {
      const { acknowledgeUsage } = await import('./commands/usage/acknowledgeUsage.ts');
      await finish(acknowledgeUsage(globals(), name, file));
    });
}

/** Adds the commands for usage reports and the bill that follows from them. */
export function addUsageCommands(program: Command, context: CommandContext): void {
  const usage = program
    .command('usage')
    .description('show what leaves an appliance for billing, and the bill that follows');
  addReportCommand(usage, context);
  addBillCommands(usage, context);
  addReconcileCommand(usage, context);
  addExportCommand(usage, context);
  addKeptCommands(usage, context);
  addChangeCommands(usage, context);
}
