import type { Command } from 'commander';
import type { CommandContext } from './commandContext.ts';

type KeyOptions = { keys?: string };

/** Adds the commands for signed update files. */
export function addUpdateCommands(program: Command, { globals, finish }: CommandContext): void {
  const update = program
    .command('update')
    .description('check and unpack a signed update file, without internet');
  update
    .command('verify <file>')
    .description('check signature, size and hash of an update file; changes nothing')
    .option('--keys <file>', 'public keys (JWKS) instead of those of this program')
    .action(async (file: string, options: KeyOptions) => {
      const { verifyUpdate } = await import('./commands/update.ts');
      await finish(verifyUpdate(globals().output, file, options));
    });
  update
    .command('import <file>')
    .description('write the package of a verified update file into a folder, ready to install')
    .requiredOption('--out <folder>', 'the folder, which must exist')
    .option('--keys <file>', 'public keys (JWKS) instead of those of this program')
    .option('--any', 'also a package for another computer, or one that is not newer')
    .action(async (file: string, options: KeyOptions & { out: string; any?: boolean }) => {
      const { importUpdateFile } = await import('./commands/update.ts');
      await finish(importUpdateFile(globals().output, file, options));
    });
}
