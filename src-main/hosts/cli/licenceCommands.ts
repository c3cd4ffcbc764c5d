import { Argument, type Command } from 'commander';
import { markedStepSchema, type MarkedStep } from '../../../src-shared/model/licence/licenceWork.ts';
import type { CommandContext } from './commandContext.ts';
import type { ApplyOptions } from './commands/licences/renewLicence.ts';
import type { LeadTimeOptions, ReminderOptions } from './commands/licences/licenceWork.ts';
import type { ApplyManyOptions } from './commands/licences/applyLicences.ts';
import { windowLimits } from '../../../src-shared/model/licence/connectedWindow.ts';
import type { WindowOptions } from './commands/licences/connectedWindow.ts';
import { wholeNumber } from './options.ts';

function addInstalledCommands(licence: Command, { globals, finish }: CommandContext): void {
  licence
    .command('show [appliances...]')
    .description('show the installed licences; default: of all appliances')
    .action(async (names: string[]) => {
      const { showLicences } = await import('./commands/licences/showLicences.ts');
      await finish(showLicences(globals(), names));
    });
  licence
    .command('history <appliance>')
    .description('list the versions that the appliance keeps, newest first')
    .action(async (name: string) => {
      const { showHistory } = await import('./commands/licences/showLicences.ts');
      await finish(showHistory(globals(), name));
    });
  licence
    .command('rollback <appliance>')
    .description('install a kept version again')
    .argument('<sequence>', 'sequence of the version', wholeNumber(1, 9_999_999_999))
    .option('--yes', 'skip the confirmation', false)
    .action(async (name: string, sequence: number, options: { yes: boolean }) => {
      const { rollBackLicence } = await import('./commands/licences/showLicences.ts');
      await finish(rollBackLicence(globals(), { name, sequence, ...options }));
    });
  licence
    .command('calendar [appliances...]')
    .description('show when licences expire and the last days to ask for a quote, order, carry and apply')
    .option('--ics <file>', 'also write the dates as iCalendar; an existing file is replaced')
    .option('--offline', 'connect to no appliance; use the last known licences', false)
    .action(async (names: string[], options: { ics?: string; offline: boolean }) => {
      const { printCalendar } = await import('./commands/licences/calendar.ts');
      await finish(printCalendar(globals(), { names, ...options }));
    });
}

function addCalendarCommands(licence: Command, { globals, finish }: CommandContext): void {
  licence
    .command('snooze <appliance>')
    .description('raise no reminder of a licence before a day')
    .option('--until <day>', 'the day on which reminders start again, e.g. 2026-11-30')
    .option('--reason <text>', 'shown in the calendar and kept in the audit trail')
    .option('--end', 'end the snooze', false)
    .action(async (appliance: string, options: { until?: string; reason?: string; end: boolean }) => {
      const { snoozeLicence } = await import('./commands/licences/licenceWork.ts');
      await finish(snoozeLicence(globals(), { appliance, ...options }));
    });
  licence
    .command('done <appliance>')
    .description('mark a step of a renewal as done')
    .addArgument(new Argument('<step>', 'the step').choices(markedStepSchema.options))
    .option('--note <text>', 'e.g. the number of the purchase order', '')
    .option('--undo', 'mark it as not done', false)
    .action(async (appliance: string, step: MarkedStep, options: { note: string; undo: boolean }) => {
      const { markLicenceStep } = await import('./commands/licences/licenceWork.ts');
      await finish(markLicenceStep(globals(), { appliance, step, ...options }));
    });
  licence
    .command('remind')
    .description('show or change how many days before a date each role is reminded, e.g. 14,3')
    .option('--purchasing <days>', 'before the quote and order dates')
    .option('--manager <days>', 'before the carry and apply dates')
    .option('--administrator <days>', 'before the expiry')
    .option('--daily-in-grace', 'remind the administrator daily in grace')
    .option('--no-daily-in-grace', 'remind the administrator once in grace')
    .action(async (options: ReminderOptions) => {
      const { changeReminders } = await import('./commands/licences/licenceWork.ts');
      await finish(changeReminders(globals(), options));
    });
  licence
    .command('lead-times')
    .description('show or change how many days before the last day each step is planned')
    .option('--quote <days>', 'ask for a quote', wholeNumber(0, 365))
    .option('--order <days>', 'order', wholeNumber(0, 365))
    .option('--carry <days>', 'carry the request out and the answer back', wholeNumber(0, 365))
    .option('--apply <days>', 'apply the answer', wholeNumber(0, 365))
    .option('--closed <days>', 'closed days beside weekends, e.g. "24 Dec - 3 Jan, 2027-05-17"')
    .action(async (options: LeadTimeOptions) => {
      const { changeLeadTimes } = await import('./commands/licences/licenceWork.ts');
      await finish(changeLeadTimes(globals(), options));
    });
}

function addRenewalCommands(licence: Command, { globals, finish }: CommandContext): void {
  licence
    .command('request [appliances...]')
    .description(
      'make a request on each appliance, to be answered by the licence authority; an open request becomes void',
    )
    .option(
      '--out <folder>',
      'write the requests as files there; default: print the request of one appliance',
    )
    .option('--trip', 'also write a trip file for each, to continue on another computer', false)
    .action(async (names: string[], options: { out?: string; trip: boolean }) => {
      const { requestLicences } = await import('./commands/licences/requestLicences.ts');
      await finish(requestLicences(globals(), names, options));
    });
  for (const { verb, description } of [
    { verb: 'answer', description: 'keep an answer with the open request, and verify it on this computer' },
    { verb: 'diff', description: 'compare an answer with the installed licence, without keeping it' },
  ] as const)
    licence
      .command(`${verb} <appliance> <file|->`)
      .description(`${description}; - is standard input`)
      .action(async (appliance: string, file: string) => {
        const { diffAnswer, readAnswer } = await import('./commands/licences/answers.ts');
        await finish((verb === 'diff' ? diffAnswer : readAnswer)(globals(), { appliance, file }));
      });
  licence
    .command('verify <file|->')
    .description('verify an answer from files alone, on any computer')
    .requiredOption('--request <file>', 'the request or the trip file')
    .option(
      '--keys <file>',
      'public keys of the licence authority (JWKS), if this console made no such request',
    )
    .action(async (file: string, options: { request: string; keys?: string }) => {
      const { verifyAnswer } = await import('./commands/licences/answers.ts');
      await finish(verifyAnswer(globals(), { file, ...options }));
    });
  licence
    .command('apply <appliance> [file|-]')
    .description(
      'verify an answer, let the appliance check it, apply it and read it back; default: the kept answer',
    )
    .option('--dry-run', 'only check; change nothing', false)
    .option('--accept-losses', 'acknowledge everything that the answer takes away', false)
    .option('--receipt <file>', 'write the signed receipt to a new file, and end the renewal')
    .action(async (appliance: string, file: string | undefined, options: ApplyOptions) => {
      const { applyLicence } = await import('./commands/licences/applyLicence.ts');
      await finish(applyLicence(globals(), { appliance, file, options }));
    });
  licence
    .command('apply-many <folder>')
    .description('apply each answer in a folder to the appliance whose open request it answers')
    .option('--dry-run', 'only check; change nothing', false)
    .option('--accept-losses', 'acknowledge everything that the answers take away', false)
    .option('--receipts <folder>', 'write the signed receipts there, and end the renewals')
    .option('--progress', 'show progress on stderr; always shown on a terminal', false)
    .action(async (folder: string, options: ApplyManyOptions) => {
      const { applyLicences } = await import('./commands/licences/applyLicences.ts');
      await finish(applyLicences(globals(), { folder, options }));
    });
}

function addWindowCommand(licence: Command, { globals, finish }: CommandContext): void {
  const { least, usual, most } = windowLimits.seconds;
  licence
    .command('window <appliance>')
    .description(
      'renew through this computer: lend its network to the appliance, to the licence authority only, for one command',
    )
    .option(
      '--time-limit <seconds>',
      `close it after this time at the latest`,
      wholeNumber(least, most),
      usual,
    )
    .option('--dry-run', 'only check what the authority offers', false)
    .option(
      '--accept-loss <id...>',
      'accept that the new licence takes this away; the check prints the ids',
      [],
    )
    .option('--yes', 'skip the confirmation', false)
    .action(async (name: string, options: WindowOptions) => {
      const { renewThroughWindow } = await import('./commands/licences/connectedWindow.ts');
      await finish(renewThroughWindow(globals(), { name, options }));
    });
}

/** Adds the commands for licences and their renewal without a network. */
export function addLicenceCommands(program: Command, context: CommandContext): void {
  const licence = program.command('licence').description('show licences, and renew them without a network');
  addInstalledCommands(licence, context);
  addCalendarCommands(licence, context);
  addRenewalCommands(licence, context);
  addWindowCommand(licence, context);
}
