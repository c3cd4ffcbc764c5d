import { runCommandLine } from '../../../src-shared/node/commandLine.ts';
import { createCommandTree } from './commandTree.ts';
import { createOutput } from './output.ts';

type GlobalOptions = { data?: string; passphraseFd?: number };

/** Runs one command line and resolves with its exit code. Never rejects. */
export function runSallyport(argv: readonly string[]): Promise<number> {
  return runCommandLine({
    name: 'sallyport',
    argv,
    createTree: async ({ isJson, finish, configure }) => {
      const program = await createCommandTree(
        {
          globals: () => {
            const { data, passphraseFd } = program.opts<GlobalOptions>();
            return { data, passphraseFd, output: createOutput({ json: isJson() }) };
          },
          finish,
        },
        { argv, configure },
      );
      return program;
    },
  });
}
