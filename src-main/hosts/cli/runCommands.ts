import { Argument, Option, type Command } from 'commander';
import { readCommandSchema } from '../../../src-shared/model/fanOut/readCommands.ts';
import { maxRunAppliances, maxWatchSeconds, maxWave } from '../../../src-shared/model/fanOut/runOrder.ts';
import { portCount } from '../../../src-shared/model/tenants/ports.ts';
import { addChoiceOptions } from './choiceOptions.ts';
import type { CommandContext } from './commandContext.ts';
import type { ConfirmOptions, StartOptions } from './commands/run/startRun.ts';
import { wholeNumber } from './options.ts';

const load = () => import('./commands/run/startRun.ts');
const loadKept = () => import('./commands/run/keptRuns.ts');

/** Adds the options that say which appliances take part, and in which order. */
function addOrderOptions(command: Command): Command {
  return addChoiceOptions(command)
    .option('--canary <name>', 'run this appliance first and alone; default for a change: the first')
    .option('--no-canary', 'start with the first wave')
    .option('--wave <n>', 'how many run at once; production comes last', wholeNumber(1, maxWave))
    .option(
      '--stop-after <n>',
      'start nothing new after so many failures; default for a change: 1',
      wholeNumber(1, maxRunAppliances),
    )
    .option(
      '--watch <seconds>',
      'how long the tunnels of the canary are watched; default for a change: 120',
      wholeNumber(0, maxWatchSeconds),
    );
}

const reason = ['--reason <text>', 'reason or ticket number for the audit trail'] as const;
const yes = ['--yes', 'skip the confirmation', false] as const;

function addStartCommands(run: Command, { globals, finish }: CommandContext): void {
  addOrderOptions(
    run
      .command('read')
      .description('run a command that only reads, and compare what it prints')
      .addArgument(new Argument('<command>', 'what to read').choices(readCommandSchema.options))
      .argument('[appliances...]', 'their names'),
  )
    .option(...reason)
    .action(async (command: string, names: string[], options: StartOptions) => {
      const task = { kind: 'read', command: readCommandSchema.parse(command) } as const;
      await finish((await load()).startReading(globals(), { task, names, options }));
    });
  addOrderOptions(
    run
      .command('tenant')
      .description('change the quota of a tenant, suspend it or resume it')
      .addArgument(new Argument('<change>', 'what to do').choices(['suspend', 'resume', 'change']))
      .argument('<client_id>', 'the tenant')
      .argument('[appliances...]', 'their names'),
  )
    .option('--quota <n>', 'number of ports; needed unless it is suspended', wholeNumber(1, portCount))
    .requiredOption(...reason)
    .option(...yes)
    .action(
      async (
        kind: string,
        clientId: string,
        names: string[],
        options: StartOptions & ConfirmOptions & { quota?: number },
      ) =>
        finish(
          (await load()).startTenantRun(globals(), { kind, clientId, quota: options.quota, names, options }),
        ),
    );
  addOrderOptions(
    run
      .command('config')
      .description('set the keys of a YAML file in each configuration, and keep all other keys')
      .argument('<file|->', 'only the keys to set, without secrets; - is standard input')
      .argument('[appliances...]', 'their names'),
  )
    .requiredOption(...reason)
    .option(...yes)
    .action(async (file: string, names: string[], options: StartOptions & ConfirmOptions) =>
      finish((await load()).startConfigurationRun(globals(), { file, names, options })),
    );
}

/** Adds the commands `run read|tenant|config|resume|rollback|list|show|export`. */
export function addRunCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const run = program
    .command('run')
    .description('run a command or a change on many appliances: a canary first, then in waves');
  addStartCommands(run, context);
  run
    .command('resume <run>')
    .description('plan and run again what failed or was not started')
    .option(...reason)
    .option(...yes)
    .action(async (name: string, options: ConfirmOptions) =>
      finish((await load()).resumeRun(globals(), name, options)),
    );
  run
    .command('rollback <run>')
    .description('undo the change on each appliance that has it and was not changed since')
    .requiredOption(...reason)
    .option(...yes)
    .action(async (name: string, options: ConfirmOptions) =>
      finish((await load()).rollBackRun(globals(), name, options)),
    );
  run
    .command('list')
    .description('list the runs that are kept, newest first')
    .action(async () => finish((await loadKept()).listRuns(globals())));
  run
    .command('show <run> [appliance]')
    .description('print the results of a run, or how the output of one appliance differs from that of most')
    .action(async (name: string, appliance: string | undefined) =>
      finish((await loadKept()).showRun(globals(), name, appliance ?? null)),
    );
  run
    .command('export <run>')
    .description('write the results with their outputs')
    .addOption(new Option('--format <format>', 'of the file').choices(['csv', 'json']).default('csv'))
    .requiredOption('--out <file>', 'write to this new file')
    .action(async (name: string, options: { format: 'csv' | 'json'; out: string }) =>
      finish((await loadKept()).exportRun(globals(), name, options)),
    );
}
