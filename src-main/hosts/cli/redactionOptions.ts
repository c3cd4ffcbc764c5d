import { Option, type Command } from 'commander';
import { redactionKinds } from '../../../src-shared/model/syslog/redact/redactionRules.ts';
import { collectValues } from './options.ts';

/** The redaction that the options name. `redact` has names of kinds, or `all`. */
export type RedactionRequest = {
  redact: string[];
  redactPattern: string[];
  redactUser: string[];
  preview: boolean;
};

/** Adds the options that hide values. */
export function addRedactionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--redact <kind...>', 'hide values of these kinds')
        .choices(['all', ...Object.keys(redactionKinds)])
        .default([]),
    )
    .addOption(
      new Option('--redact-pattern <regexp>', 'hide what it matches; repeat the option for several')
        .argParser(collectValues)
        .default([]),
    )
    .addOption(
      new Option('--redact-user <name>', 'hide this user name too; repeat the option for several')
        .argParser(collectValues)
        .default([]),
    )
    .option('--preview', 'write nothing; show lines with hidden values and the report', false);
}
