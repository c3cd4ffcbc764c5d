import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError } from '../../src-shared/errors.ts';
import { createConnectLog } from './log.ts';
import { loadSettings, type ConnectSettings } from './settings.ts';
import { superviseConnection } from './supervise.ts';

/*
 * connect start --config FILE [--log-file FILE] [--exit-with-stdin]        [ours]
 *
 * Stays in the foreground, for a service manager. `start`, stop and reload are documented [doc]; here only the first
 * is a word of the command line, the others are the signals that a service manager sends: SIGTERM stops, SIGHUP reads
 * the configuration anew and opens the log file anew.
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

type LogFile = { write: (line: string) => void; reopen: () => void };

/** A line that can't be written is lost; the tunnels are worth more. */
function openLog(path: string | null): LogFile {
  if (path === null) {
    process.stdout.on('error', () => undefined);
    return { write: (line) => void process.stdout.write(line), reopen: () => undefined };
  }
  const open = (): number => openSync(path, 'a', 0o640);
  let descriptor: number;
  try {
    descriptor = open();
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `the log file ${path} can not be opened`, { cause });
  }
  return {
    write: (line) => {
      try {
        writeSync(descriptor, line);
      } catch {
        // The disk is full, say: the next line may fit again.
      }
    },
    reopen: () => {
      try {
        const before = descriptor;
        descriptor = open();
        closeSync(before);
      } catch {
        // The file that is open stays in use.
      }
    },
  };
}

async function start(options: StartOptions): Promise<number> {
  const logFile = openLog(options.logFile);
  const log = createConnectLog(logFile.write);
  const load = (): ConnectSettings => {
    const settings = loadSettings(options.config);
    for (const warning of settings.warnings) log('warn', warning);
    return settings;
  };
  const supervisor = superviseConnection({ settings: load(), log });
  process.on('SIGHUP', () => {
    logFile.reopen();
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
