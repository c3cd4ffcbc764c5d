import { Command, CommanderError, Help, type Option } from 'commander';
import { AppError } from '../../../src-shared/errors.ts';
import { addApplianceCommands } from './applianceCommands.ts';
import type { CommandContext } from './commandContext.ts';
import { printVersion } from './commands/version.ts';
import { addConnectCommands } from './connectCommands.ts';
import { addHostCommands } from './hostCommands.ts';
import { parsePaths } from './pathParsing.ts';
import { addConfigurationCommands } from './configurationCommands.ts';
import { addLicenceCommands } from './licenceCommands.ts';
import { addPolicyCommands } from './policyCommands.ts';
import { addRecordCommands } from './recordCommands.ts';
import { addSupportCommands } from './supportCommands.ts';
import { addTenantCommands } from './tenantCommands.ts';
import { addTunnelCommands } from './tunnelCommands.ts';
import { addUsageCommands } from './usageCommands.ts';

const maxHelpWidth = 100;

function optionDescription(option: Option): string {
  const words = new Help().optionDescription(option);
  return option.mandatory ? `${words} (required)` : words;
}

export function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

/**
 * Adds `help`, and `help X Y`, which prints the help of the command `X Y`. Throws INVALID_INPUT for an
 * unknown command.
 */
function addHelpCommand(program: Command): void {
  program
    .helpCommand(false)
    .command('help [command...]')
    .description('show help for a command')
    .action((words: string[]) => {
      let command = program;
      for (const [index, word] of words.entries()) {
        const child = command.commands.find((command) => command.name() === word);
        if (child === undefined)
          throw new AppError(
            'INVALID_INPUT',
            `There is no command ${words.slice(0, index + 1).join(' ')}. "sallyport help" lists them.`,
          );
        command = child;
      }
      command.help();
    });
}

/** Adds `version`, and `--version` at any position. */
function addVersionCommand(program: Command, { globals }: CommandContext): void {
  const print = () => printVersion(globals().output);
  program.command('version').description('print the version').action(print);
  program.option('-V, --version', 'print the version').on('option:version', () => {
    print();
    throw new CommanderError(0, 'commander.version', 'printed');
  });
}

/** Declares all commands of the command line. No command runs before `parseAsync` is called. */
export function createCommandTree(
  context: CommandContext,
  configure: (program: Command) => void = () => {},
): Command {
  const program = new Command('sallyport');
  program
    .description('Administers appliances over SSH: their tenants, ports, licences and logs.')
    .option('--data <folder>', 'data folder of the console')
    .option('--json', 'print JSON: one document, or one per line for a command that keeps running')
    .exitOverride()
    .showHelpAfterError(false)
    // Configure the help before the first command is added, because commands inherit these settings.
    .configureHelp({
      optionDescription,
      minWidthToWrap: 20,
      helpWidth: Math.min(maxHelpWidth, process.stdout.columns ?? maxHelpWidth),
    });
  configure(program);
  addHostCommands(program, context);
  addApplianceCommands(program, context);
  addTenantCommands(program, context);
  addTunnelCommands(program, context);
  addLicenceCommands(program, context);
  addUsageCommands(program, context);
  addConfigurationCommands(program, context);
  addRecordCommands(program, context);
  addSupportCommands(program, context);
  addConnectCommands(program, context);
  addPolicyCommands(program, context);
  addVersionCommand(program, context);
  addHelpCommand(program);
  parsePaths(program);
  for (const command of descendants(program)) command.exitOverride();
  return program;
}
