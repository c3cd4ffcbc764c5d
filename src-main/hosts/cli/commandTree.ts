import { Command, CommanderError, Help, type Option } from 'commander';
import { AppError } from '../../../src-shared/errors.ts';
import type { CommandContext } from './commandContext.ts';
import { addCommands } from './commandGroups.ts';
import { printVersion } from './commands/version.ts';
import { wholeNumber } from './options.ts';
import { parsePaths } from './pathParsing.ts';

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

/**
 * Declares the commands that `argv` may name, all by default (`commandGroups.ts`). No command runs before `parseAsync` is
 * called.
 */
export async function createCommandTree(
  context: CommandContext,
  {
    argv = [],
    configure = () => {},
  }: { argv?: readonly string[]; configure?: (program: Command) => void } = {},
): Promise<Command> {
  const program = new Command('sallyport');
  program
    .description('Administers appliances over SSH: their tenants, ports, licences and logs.')
    .option('--data <folder>', 'data folder of the console')
    .option(
      '--passphrase-fd <number>',
      'read the passphrase of the vault from this open file; 0 is standard input',
      wholeNumber(0, 1023),
    )
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
  await addCommands(program, context, argv);
  addVersionCommand(program, context);
  addHelpCommand(program);
  parsePaths(program);
  for (const command of descendants(program)) command.exitOverride();
  return program;
}
