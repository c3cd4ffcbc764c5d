import { AppError } from '../../src-shared/errors.ts';
import type { Sudo } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { ReadCommand } from '../../src-shared/model/fanOut/readCommands.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import type { RemoteNetworks, TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { decodeOutput, type CommandOutput } from '../ssh/session/decodeOutput.ts';
import type { RemoteProcess, Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';
import { answers, readAnswer, type Answer, type AnswerKind, type ParsedAnswer } from './answers.ts';
import { licenceArgv, remoteNetworksArgv, statusArgv } from './commands.ts';
import { assertSucceeded, commandMissingError } from './exitCodes.ts';
import { createConfigurationDriver, type ConfigurationDriver } from './configurationCommands.ts';
import { createConnectedDriver, type ConnectedDriver } from './connectedCommands.ts';
import { createGroupKeyCommands } from './groupKeyCommands.ts';
import { createLicenceDriver, type LicenceDriver } from './licenceCommands.ts';
import { findLogProblem, followLog, readLogEnd, startFollowScript } from './logReading.ts';
import { readText } from './readText.ts';
import { unparsedOutputError, unparsedTextLimit } from './unparsed.ts';
import type { TenantCommand } from './tenantCommands.ts';
import { createAccountsDriver, type AccountsDriver } from './accountCommands.ts';
import { createUsageDriver, type UsageDriver } from './usageCommands.ts';
import { watchAppliance } from './watchCommand.ts';
import type { WatchLine, WatchPosition } from '../../src-shared/model/watch/watchLines.ts';

/**
 * Runs the appliance's commands over one session. If a command fails, its method rejects with the session's
 * error, with the error of the exit code (`exitCodes.ts`), or with OUTPUT_UNPARSED (detail:
 * `unparsedDetailSchema`).
 */
export type Driver = {
  status: () => Promise<ApplianceStatus>;
  /** Lists all tenants, or the tenant `clientId`. Rejects with NOT_FOUND for an unknown tenant. */
  remoteNetworks: (clientId?: string) => Promise<RemoteNetworks>;
  licence: () => Promise<LicenceShowOutput>;
  /** What these three print, and then each change, see `watchAppliance`. */
  watch: (input: {
    position: WatchPosition | null;
    signal: AbortSignal;
  }) => AsyncGenerator<WatchLine, void, void>;
  licences: LicenceDriver;
  configuration: ConfigurationDriver;
  connected: ConnectedDriver;
  usage: UsageDriver;
  accounts: AccountsDriver;
  /**
   * Runs the change exactly once, without retries. The output may be a private key, so no error contains it:
   * the `text` of OUTPUT_UNPARSED is empty.
   */
  changeTenant: (command: TenantCommand) => Promise<TenantChange>;
  /**
   * Runs a command that only reads, and returns its text for people, of a failed one with its errors and why it failed. Rejects with
   * COMMAND_MISSING, OUTPUT_TOO_LARGE, and the session's errors.
   */
  readText: (command: ReadCommand) => ReturnType<typeof readText>;
  groupKeys: ReturnType<typeof createGroupKeyCommands>;
  /**
   * Follows the log until the caller kills the process, also across rotations. The caller must read both
   * streams. Rejects with LOG_UNREADABLE if neither the file nor `ke_syslog` can be read.
   */
  syslogTail: (input: { path: string; lines: number }) => Promise<RemoteProcess>;
  /**
   * Starts the script that lists and reads the log and its rotated files (`followScript.ts`). The caller must read both
   * streams. Rejects like `syslogTail`.
   */
  syslogFiles: (input: { path: string; words: readonly string[] }) => Promise<RemoteProcess>;
  /** Why the log can't be followed now, as a sentence. Null if it can. Rejects with the session's errors. */
  findLogProblem: (input: { path: string }) => Promise<string | null>;
  /**
   * Reads the last 2 MiB of the log. Includes the previous file if the log was just rotated. Rejects like
   * `syslogTail`.
   */
  readSyslog: (input: { path: string }) => Promise<string>;
};

/**
 * With these exit codes, the appliance may be too old to know `--json` **[ours]**. Then read-only commands
 * are repeated without `--json`; commands that change something are not.
 */
const unknownOptionExitCodes: readonly (number | null)[] = [1, 2, 64];

type ReadOutput = <Kind extends AnswerKind>(
  kind: Kind,
  output: CommandOutput,
) => Promise<ParsedAnswer<Answer<Kind>>>;

/** The default search path of sudo and of login shells on Debian. */
const commandFolders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/**
 * A shell script that exits with 0 if the command `$1` is in a folder of the search path. Only `$folders` is
 * split at colons.
 */
export const findCommandScript = `folders=$PATH:${commandFolders}; IFS=:; for folder in $folders; do [ -e "$folder/$1" ] && exit 0; done; exit 1`;

/** Whether the appliance has `program`. Returns true if the check itself fails. */
async function isInstalled(session: Pick<Session, 'run'>, program: string): Promise<boolean> {
  const argv = ['sh', '-c', findCommandScript, 'sh', program];
  const result = await session.run({ argv, privileged: false, maxBytes: 1024 }).catch(() => null);
  return result?.exitCode !== 1;
}

/**
 * Creates the driver. `sudo` says how to run the `ke_*` commands, which read other users' processes and
 * root's files; with `none` they run as the login user. The log is read without sudo if possible.
 */
export function createDriver(
  session: Pick<Session, 'run' | 'stream'>,
  options: {
    sudo: Sudo;
    /** Parses the output of a command. By default, it is parsed on the main thread. */
    read?: ReadOutput;
  },
): Driver {
  const privileged = options.sudo !== 'none';
  const read: ReadOutput = options.read ?? (async (kind, output) => readAnswer(kind, decodeOutput(output)));

  /**
   * sudo may refuse a command before it checks that the command exists. So check that here, and report a
   * missing command as missing.
   */
  const run: typeof session.run = async (request) => {
    try {
      return await session.run(request);
    } catch (thrown) {
      const [program = ''] = request.argv;
      if (!(thrown instanceof AppError) || thrown.code !== 'SUDO_REFUSED') throw thrown;
      if (await isInstalled(session, program)) throw thrown;
      throw commandMissingError(program, { cause: thrown });
    }
  };

  async function ask<Kind extends AnswerKind>(argv: readonly string[], kind: Kind): Promise<Answer<Kind>> {
    const command = argv.join(' ');
    const { maxBytes } = answers[kind];
    const result = await run({ argv: [...argv, '--json'], privileged, maxBytes });
    if (!unknownOptionExitCodes.includes(result.exitCode)) {
      assertSucceeded(command, result);
      const output = result.stdoutBytes ?? result.stdout;
      const reading = await read(kind, output);
      if ('value' in reading) return reading.value;
      throw unparsedOutputError({ command, output, reason: reading.reason });
    }
    const plain = await session.run({ argv, privileged, maxBytes: unparsedTextLimit });
    if (plain.exitCode !== 0) assertSucceeded(command, result);
    throw unparsedOutputError({
      command,
      output: plain.stdout,
      reason: 'this appliance does not support --json',
      knowsJson: false,
    });
  }

  return {
    status: () => ask(statusArgv, 'status'),
    async remoteNetworks(clientId) {
      const networks = await ask(remoteNetworksArgv(clientId), 'remoteNetworks');
      if (clientId !== undefined && networks.tenants.every((tenant) => tenant.clientId !== clientId))
        throw new AppError('NOT_FOUND', `This appliance has no tenant ${clientId}.`);
      return networks;
    },
    licence: () => ask(licenceArgv, 'licence'),
    watch: (input) =>
      watchAppliance({ session, privileged, isInstalled: (program) => isInstalled(session, program) }, input),
    licences: createLicenceDriver({ run, privileged }),
    configuration: createConfigurationDriver({ run, privileged }),
    connected: createConnectedDriver({ run, privileged }),
    usage: createUsageDriver({
      session,
      run,
      privileged,
      isInstalled: (program) => isInstalled(session, program),
    }),
    accounts: createAccountsDriver({ run, privileged }),
    changeTenant: ({ argv }) =>
      createAsk({ run, privileged }).ask(argv, { kind: 'tenantChange', isSecret: true }),
    readText: (command) => readText({ run, privileged }, command),
    groupKeys: createGroupKeyCommands(run, privileged),
    syslogTail: ({ path, lines }) => followLog({ session, privileged, path }, lines),
    syslogFiles: ({ path, words }) => startFollowScript({ session, privileged, path }, words),
    findLogProblem: ({ path }) => findLogProblem({ session, privileged, path }),
    readSyslog: ({ path }) => readLogEnd({ session, privileged, path }),
  };
}
