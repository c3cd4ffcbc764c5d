import { openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError } from '../../src-shared/errors.ts';
import { createConnectLog } from './log.ts';
import { loadSettings, type ConnectSettings } from './settings.ts';
import { superviseConnection } from './supervise.ts';

/*
 * connect start --config FILE [--log-file FILE] [--exit-with-stdin]        [ours; the verbs start, stop and reload are doc]
 *
 * Stays in the foreground, for a service manager to start, stop (SIGTERM) and reload (SIGHUP).
 * Exit codes: 0 stopped, 1 anything else, 2 usage, configuration or key, 7 the appliance's host key changed.
 */
const usage = 'usage: connect start --config FILE [--log-file FILE] [--exit-with-stdin]';

type StartOptions = { config: string; logFile: string | null; exitWithStdin: boolean };

function readArguments(argv: readonly string[]): StartOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string', default: '/etc/sallyport/connect.yaml' },
        'log-file': { type: 'string' },
        'exit-with-stdin': { type: 'boolean', default: false },
      },
    });
    if (positionals.length === 1 && positionals[0] === 'start')
      return {
        config: values.config,
        logFile: values['log-file'] ?? null,
        exitWithStdin: values['exit-with-stdin'],
      };
  } catch (cause) {
    throw new AppError('INVALID_INPUT', usage, { cause });
  }
  throw new AppError('INVALID_INPUT', usage);
}

function openLog(path: string | null): (line: string) => void {
  if (path === null) return (line) => void process.stdout.write(line);
  try {
    const descriptor = openSync(path, 'a', 0o640);
    return (line) => void writeSync(descriptor, line);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `the log file ${path} can not be opened`, { cause });
  }
}

async function start(options: StartOptions): Promise<number> {
  const log = createConnectLog(openLog(options.logFile));
  const load = (): ConnectSettings => {
    const settings = loadSettings(options.config);
    for (const warning of settings.warnings) log('warn', warning);
    return settings;
  };
  const supervisor = superviseConnection({ settings: load(), log });
  process.on('SIGHUP', () => {
    try {
      supervisor.reload(load());
      log('info', 'configuration read anew');
    } catch (error) {
      log(
        'error',
        `reload failed, nothing changed: ${error instanceof AppError ? error.message : 'unknown fault'}`,
      );
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => supervisor.stop());
  if (options.exitWithStdin) process.stdin.on('error', supervisor.stop).on('end', supervisor.stop).resume();
  const ended = await supervisor.ended;
  log('info', 'ended');
  return ended === 'stopped' ? 0 : 7;
}

try {
  process.exit(await start(readArguments(process.argv.slice(2))));
} catch (error) {
  process.stderr.write(`connect: ${error instanceof AppError ? error.message : String(error)}\n`);
  process.exit(error instanceof AppError ? 2 : 1);
}
