import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../../src-shared/errors.ts';
import { connectYamlPath } from '../../src-shared/model/connectYaml/deployments.ts';
import { defaultSocketPath, nameOfConfig } from './socketPath.ts';

/** `start`, `stop` and `reload` are documented **[doc]**; the other commands and all options are ours **[ours]**. */
export const usage = `usage: connect start  [--config FILE] [--socket PATH] [--log-dir DIR | --log-file FILE] [--log-stdout]
                      [--exit-with-stdin]
       connect stop   [--config FILE | --socket PATH]
       connect reload [--config FILE | --socket PATH]
       connect status [--config FILE | --socket PATH] [--json]
       connect lint [FILE] [--fix] [--json]
       connect init [--appliance HOST:PORT] [--ssh-key PATH] [--host-key SHA256:...]
       connect version`;

export type StartOptions = {
  config: string;
  /** The control socket. If `ownFolder` is true, Connect creates the folder of the socket. */
  socket: { path: string; ownFolder: boolean };
  /** Null if the log is written to standard output only. */
  logFile: string | null;
  /** Also writes the log to standard output, because a container engine reads it there. */
  logsToStdout: boolean;
  exitWithStdin: boolean;
};

export type LintOptions = { file: string; fix: boolean; json: boolean };
/** `initialConfiguration` supplies a default for each absent option. */
export type InitOptions = {
  appliance?: string | undefined;
  sshKey?: string | undefined;
  hostKey?: string | undefined;
};

export type ConnectCommand =
  | ({ word: 'start' } & StartOptions)
  | { word: 'stop' | 'reload'; socket: string }
  | { word: 'status'; socket: string; json: boolean }
  | ({ word: 'lint' } & LintOptions)
  | ({ word: 'init' } & InitOptions)
  | { word: 'version' | 'help' };

const options = {
  config: { type: 'string' },
  socket: { type: 'string' },
  'log-dir': { type: 'string' },
  'log-file': { type: 'string' },
  'log-stdout': { type: 'boolean' },
  'exit-with-stdin': { type: 'boolean' },
  json: { type: 'boolean' },
  fix: { type: 'boolean' },
  appliance: { type: 'string' },
  'ssh-key': { type: 'string' },
  'host-key': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const allowed: Record<string, readonly string[]> = {
  start: ['config', 'socket', 'log-dir', 'log-file', 'log-stdout', 'exit-with-stdin'],
  stop: ['config', 'socket'],
  reload: ['config', 'socket'],
  status: ['config', 'socket', 'json'],
  lint: ['config', 'fix', 'json'],
  init: ['appliance', 'ssh-key', 'host-key'],
  version: [],
};

function refuse(reason: string): AppError {
  return new AppError('INVALID_INPUT', `${reason}\n${usage}`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('. ')[0] : 'wrong options';
    throw new AppError('INVALID_INPUT', `${reason}\n${usage}`, { cause });
  }
}

/** Throws AppError INVALID_INPUT. The message contains the usage. */
export function readArguments(argv: readonly string[]): ConnectCommand {
  const { values, positionals } = parse(argv);
  if (values.help === true) return { word: 'help' };
  const [word = '', ...operands] = positionals;
  const known = allowed[word];
  if (known === undefined) throw refuse(word === '' ? 'a command is missing' : `unknown command ${word}`);
  const foreign = Object.keys(values).find((name) => !known.includes(name));
  if (foreign !== undefined) throw refuse(`${word} takes no --${foreign}`);
  if (operands.length > (word === 'lint' ? 1 : 0)) throw refuse(`wrong number of arguments after ${word}`);
  const config = values.config ?? process.env['SALLYPORT_CONNECT_CONFIG'] ?? connectYamlPath;
  const namedSocket = values.socket ?? process.env['SALLYPORT_CONNECT_SOCKET'];
  const socket = namedSocket ?? defaultSocketPath(config);
  switch (word) {
    case 'start': {
      const folder = values['log-dir'];
      if (folder !== undefined && values['log-file'] !== undefined)
        throw refuse('--log-dir and --log-file can’t be used together');
      return {
        word,
        config,
        socket: { path: socket, ownFolder: namedSocket === undefined },
        // Each process has its own log file, named after its configuration file [doc].
        logFile:
          folder === undefined
            ? (values['log-file'] ?? null)
            : join(folder, `ke_connect_${nameOfConfig(config)}.log`),
        logsToStdout: values['log-stdout'] === true,
        exitWithStdin: values['exit-with-stdin'] === true,
      };
    }
    case 'stop':
    case 'reload':
      return { word, socket };
    case 'status':
      return { word, socket, json: values.json === true };
    case 'lint':
      return {
        word,
        file: operands[0] ?? config,
        fix: values.fix === true,
        json: values.json === true,
      };
    case 'init':
      return {
        word,
        appliance: values.appliance,
        sshKey: values['ssh-key'],
        hostKey: values['host-key'],
      };
    case 'version':
      return { word };
    default:
      throw refuse(`unknown command ${word}`);
  }
}
