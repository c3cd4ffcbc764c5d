import { type Command, Option } from 'commander';
import {
  exportFormatNames,
  type ExportFormat,
} from '../../../src-shared/model/syslog/export/exportFormats.ts';
import type { CommandContext } from './commandContext.ts';
import { addForwardCommands } from './forwardCommands.ts';
import type { SyslogStats } from './commands/syslogStats.ts';
import { wholeNumber } from './options.ts';
import { addWatchCommands } from './watchCommands.ts';
import { addRedactionOptions, type RedactionRequest } from './redactionOptions.ts';

function addExportCommand(syslog: Command, { globals, finish }: CommandContext): void {
  const command = syslog
    .command('export [appliances...]')
    .description('write kept lines with a manifest and checksums into a new folder')
    .option('--query <query>', 'only lines that match, e.g. "severity:<=err time:-2h"', '')
    .addOption(
      new Option('--format <format>', 'how to write them').choices(exportFormatNames).default('jsonl'),
    )
    .option('--out <folder>', 'write to this new folder')
    .option('--offline', 'connect to no appliance', false);
  addRedactionOptions(command).action(
    async (
      names: string[],
      options: RedactionRequest & { query: string; format: ExportFormat; out?: string; offline: boolean },
    ) => {
      const { exportSyslog } = await import('./commands/exportSyslog.ts');
      await finish(exportSyslog(globals(), { names, ...options }));
    },
  );
}

function addStatsCommand(syslog: Command, { globals, finish }: CommandContext): void {
  syslog
    .command('stats [appliances...]')
    .description('show what is kept of each log, and count its lines by severity, program and tenant')
    .option('--since <time>', 'count lines from this time on: 2026-11-20T03:10, 03:10, -2h, yesterday')
    .option('--until <time>', 'count lines up to this time')
    .option('--top <n>', 'number of programs and tenants', wholeNumber(1, 200), 10)
    .option('--offline', 'connect to no appliance', false)
    .action(async (names: string[], options: Omit<SyslogStats, 'names'>) => {
      const { syslogStats } = await import('./commands/syslogStats.ts');
      await finish(syslogStats(globals(), { names, ...options }));
    });
}

/** Adds the commands for the logs of appliances. */
export function addSyslogCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const syslog = program
    .command('syslog')
    .description('read, search, export and forward the logs of appliances');
  addExportCommand(syslog, context);
  addForwardCommands(syslog, context);
  syslog
    .command('keep [appliances...]')
    .description('keep the logs of appliances until it is stopped')
    .action(async (names: string[]) => {
      const { keepSyslog } = await import('./commands/keepSyslog.ts');
      await finish(keepSyslog(globals(), names));
    });
  syslog
    .command('search <query> [appliances...]')
    .description('find lines in the kept logs, after reading the newest ones')
    .option('--limit <n>', 'number of lines', wholeNumber(1, 100_000), 200)
    .option('--oldest', 'the oldest lines instead of the newest', false)
    .option('--count', 'print how many lines there are', false)
    .option('--offline', 'connect to no appliance', false)
    .action(
      async (
        query: string,
        names: string[],
        options: { limit: number; oldest: boolean; count: boolean; offline: boolean },
      ) => {
        const { searchSyslog } = await import('./commands/searchSyslog.ts');
        await finish(searchSyslog(globals(), { query, names, ...options }));
      },
    );
  addStatsCommand(syslog, context);
  syslog
    .command('tail <appliance>')
    .description('print the last lines')
    .option('--lines <n>', 'number of lines', wholeNumber(0, 5000), 50)
    .option('--follow', 'keep printing new lines until stopped', false)
    .action(async (name: string, options: { lines: number; follow: boolean }) => {
      const { tailSyslog } = await import('./commands/syslog.ts');
      await finish(tailSyslog(globals(), { name, ...options }));
    });
  addWatchCommands(syslog, context);
}
