import type { Command } from 'commander';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './options.ts';

const load = () => import('./commands/configuration.ts');
const versionNumber = wholeNumber(1, 9_999_999_999);
const basis = [
  '--unchanged-since <digest>',
  'refuse if the appliance has another content than this one; default: the present one',
] as const;

/** Adds the commands `config show|history|diff|apply|rollback`. */
export function addConfigurationCommands(program: Command, { globals, finish }: CommandContext): void {
  const config = program.command('config').description('show and change the configuration of an appliance');
  config
    .command('show <appliance>')
    .description('print the configuration with masked secrets; a mask in a file keeps the present secret')
    .option('--kept <n>', 'a kept version instead of the present content', versionNumber)
    .action(async (appliance: string, { kept }: { kept?: number }) =>
      finish((await load()).showConfiguration(globals(), { appliance, version: kept ?? null })),
    );
  config
    .command('history <appliance>')
    .description('list the versions that the appliance keeps, newest first')
    .action(async (appliance: string) => finish((await load()).listConfigurations(globals(), appliance)));
  config
    .command('diff <appliance> [file|-]')
    .description(
      'ask the appliance what a file would change, or compare a kept version with the present content; without either, show what was changed without the commands; - is standard input',
    )
    .option(...basis)
    .option('--kept <n>', 'compare this kept version instead of a file', versionNumber)
    .option('--with <n>', 'another kept version instead of the present content', versionNumber)
    .action(
      async (
        appliance: string,
        file: string | undefined,
        options: { unchangedSince?: string; kept?: number; with?: number },
      ) => finish((await load()).diffConfiguration(globals(), { appliance, file: file ?? null, ...options })),
    );
  config
    .command('apply <appliance> <file|->')
    .description('apply a file, read it back, and roll back if it differs; - is standard input')
    .requiredOption('--reason <text>', 'reason or ticket number for the audit trail')
    .option(...basis)
    .option('--yes', 'skip the confirmation', false)
    .action(
      async (
        appliance: string,
        file: string,
        options: { reason: string; unchangedSince?: string; yes: boolean },
      ) => finish((await load()).applyConfiguration(globals(), { appliance, file, ...options })),
    );
  config
    .command('rollback <appliance>')
    .description('install a kept version again')
    .argument('<version>', 'number of the version', versionNumber)
    .requiredOption('--reason <text>', 'reason or ticket number for the audit trail')
    .option('--yes', 'skip the confirmation', false)
    .action(async (appliance: string, version: number, options: { reason: string; yes: boolean }) =>
      finish((await load()).rollBackConfiguration(globals(), { appliance, version, ...options })),
    );
}
