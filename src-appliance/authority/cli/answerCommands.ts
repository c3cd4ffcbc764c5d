import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { wholeNumber } from '../../../src-shared/node/commandOptions.ts';
import { writeNewFile } from '../../../src-shared/node/namedFiles.ts';
import { formatTable } from '../../../src-shared/node/output.ts';
import {
  describeLicence,
  describeReceipt,
  describeRequest,
  formatFacts,
  warningsOf,
} from '../describeAnswer.ts';
import { readCarriedFile, readStatementFile } from './documentFile.ts';
import type { AuthorityContext } from './program.ts';

/** `answer`, `receipt`, `statement` and `log`. */
export function addAnswerCommands(program: Command, { withAuthority }: AuthorityContext): void {
  program
    .command('answer <file|->')
    .description(
      'verify a request and answer it with a licence; the same request always gets the same licence',
    )
    .option('--out <file>', 'write the licence to a new file instead of standard output')
    .action((file: string, { out }: { out?: string }) =>
      withAuthority(async ({ answers }, output) => {
        const text = await readCarriedFile(file, 'request');
        if (out !== undefined && existsSync(out))
          throw new AppError('ALREADY_EXISTS', `${out} already exists. No licence was issued.`);
        const answer = await answers.answer(text);
        const { appliance, request, licence, document, isRepeated } = answer;
        const warnings = warningsOf(answer);
        if (out !== undefined) writeNewFile(out, `${document}\n`);
        const description = [
          formatFacts(describeRequest(request)),
          '',
          `Answer for ${appliance.name}:`,
          formatFacts(describeLicence(licence, answer.previous)),
          ...warnings.map((warning) => `\nNote: ${warning}`),
          ...(out === undefined ? [] : ['', `The licence was written to ${out}. Carry it to the appliance.`]),
        ].join('\n');
        // With the licence on standard output, people still read what it grants.
        if (out === undefined && !output.json) output.printError(description);
        output.print(
          { appliance, request, licence, document, isRepeated, warnings, file: out ?? null },
          () => (out === undefined ? document : description),
        );
      }),
    );
  program
    .command('receipt <file|->')
    .description('record the receipt of an appliance')
    .action((file: string) =>
      withAuthority(async ({ reports }, output) => {
        const { appliance, receipt } = await reports.recordReceipt(await readCarriedFile(file, 'receipt'));
        output.print({ appliance: appliance.name, receipt }, () => describeReceipt(appliance.name, receipt));
      }),
    );
  program
    .command('statement <file|->')
    .description('verify and keep a usage statement, and print the acknowledgement')
    .action((file: string) =>
      withAuthority(async ({ usage }, output) => {
        const { appliance, acknowledgement } = await usage.recordStatement(
          await readStatementFile(file),
          null,
        );
        output.print({ appliance: appliance.name, acknowledgement }, () => acknowledgement);
      }),
    );
  program
    .command('log')
    .description('show everything that was issued, received and changed, oldest first')
    .option('--appliance <name>', 'only this appliance')
    .option('--limit <n>', 'only the newest entries', wholeNumber(1, 1_000_000), 1_000_000)
    .action((options: { appliance?: string; limit: number }) =>
      withAuthority(({ appliances, log }, output) => {
        const { limit } = options;
        const id = options.appliance === undefined ? undefined : appliances.find(options.appliance).id;
        const names = new Map(appliances.list().map((appliance) => [appliance.id, appliance.name]));
        const entries = log.read(id === undefined ? { limit } : { limit, applianceId: id });
        output.print(entries, () =>
          formatTable(
            ['NUMBER', 'TIME', 'ACTION', 'APPLIANCE', 'DETAIL'],
            entries.map(({ number, at, action, applianceId, detail }) => [
              number,
              formatInstant(at),
              action,
              applianceId === null ? null : (names.get(applianceId) ?? applianceId),
              JSON.stringify(detail),
            ]),
          ),
        );
      }),
    );
}
