import { Option, type Command } from 'commander';
import type { CommandContext } from './commandContext.ts';
import type { SupportBundle } from './commands/supportBundle.ts';
import { addRedactionOptions, type RedactionRequest } from './redactionOptions.ts';

/** Adds the commands for support bundles. */
export function addSupportCommands(program: Command, { globals, finish }: CommandContext): void {
  const support = program.command('support').description('write what support needs into one archive');
  const bundle = support
    .command('bundle [appliances...]')
    .description('write logs, status, versions, configuration (masked) and audit of a time range')
    .option('--since <time>', 'from this time on: 2026-11-20T03:10, 03:10, -2h, yesterday', '-24h')
    .option('--until <time>', 'up to this time', 'now')
    .option('--query <query>', 'only log lines that match', '')
    .addOption(
      new Option('--without <part...>', 'leave out these parts')
        .choices(['logs', 'status', 'configuration', 'audit'])
        .default([]),
    )
    .option('--out <file>', 'write to this new file: NAME.tar.gz')
    .option('--offline', 'connect to no appliance', false);
  addRedactionOptions(bundle).action(async (names: string[], options: Omit<SupportBundle, 'names'>) => {
    const { writeSupportBundle } = await import('./commands/supportBundle.ts');
    await finish(writeSupportBundle(globals(), { names, ...options }));
  });
  const redact = support
    .command('redact <file>')
    .description('write a bundle again with more values hidden')
    .option('--out <file>', 'write to this new file: NAME.tar.gz');
  addRedactionOptions(redact).action(async (file: string, options: RedactionRequest & { out?: string }) => {
    const { redactSupportBundle } = await import('./commands/supportBundle.ts');
    await finish(redactSupportBundle(globals(), { file, ...options }));
  });
}
