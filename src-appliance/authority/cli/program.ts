import { Command } from 'commander';
import { resolve } from 'node:path';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { runCommandLine, type CommandLine } from '../../../src-shared/node/commandLine.ts';
import { createOutput, type Output } from '../../../src-shared/node/output.ts';
import { openAuthority, type Authority } from '../store/authority.ts';
import { addAnswerCommands } from './answerCommands.ts';
import { addApplianceCommands } from './applianceCommands.ts';
import { addKeyCommands } from './keyCommands.ts';
import { addServeCommand } from './serveCommand.ts';

export type AuthorityContext = {
  folder: () => string;
  output: () => Output;
  /** Runs a command's work without an authority. */
  run: (work: () => Promise<void> | void) => Promise<void>;
  /** Opens the authority, runs a command's work and closes the authority. */
  withAuthority: (work: (authority: Authority, output: Output) => Promise<void> | void) => Promise<void>;
};

function createContext(program: Command, { isJson, finish }: CommandLine): AuthorityContext {
  const folder = () => resolve(program.opts<{ data: string }>().data);
  const output = () => createOutput({ json: isJson() });
  const run = (work: () => Promise<void> | void) =>
    finish(
      (async () => {
        await work();
        return exitCodes.done;
      })(),
    );
  return {
    folder,
    output,
    run,
    withAuthority: (work) =>
      run(async () => {
        const authority = openAuthority({ folder: folder() });
        try {
          await work(authority, output());
        } finally {
          authority.close();
        }
      }),
  };
}

function createTree(line: CommandLine): Command {
  const program = new Command('sallyport-authority');
  program
    .description('Issues and revokes licences of appliances. Works without a network, except `serve`.')
    .requiredOption('--data <folder>', 'folder with the keys and records of the authority')
    .option('--json', 'print one JSON document')
    .exitOverride()
    .showHelpAfterError(false);
  line.configure(program);
  const context = createContext(program, line);
  addKeyCommands(program, context);
  addApplianceCommands(program, context);
  addAnswerCommands(program, context);
  addServeCommand(program, context);
  return program;
}

/** Runs one command of `sallyport-authority` and resolves with its exit code. Never rejects. */
export function runAuthority(argv: readonly string[]): Promise<number> {
  return runCommandLine({ name: 'sallyport-authority', argv, createTree });
}
