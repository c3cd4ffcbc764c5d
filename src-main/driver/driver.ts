import { AppError } from '../../src-shared/errors.ts';
import type { Sudo } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { LicenceShow } from '../../src-shared/model/licence/licence.ts';
import type { RemoteNetworks, TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { RemoteProcess, Session } from '../ssh/types.ts';
import { answers, readAnswer, type Answer, type AnswerKind, type Reading } from './answers.ts';
import { licenceArgv, remoteNetworksArgv, statusArgv } from './commands.ts';
import { assertDone, commandMissing } from './exitCodes.ts';
import { followLog, readLogEnd } from './logReading.ts';
import { unparsed, unparsedTextLimit } from './unparsed.ts';
import { tenantCommandArgv, type TenantCommand } from './tenantCommands.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * The appliance's commands over one session. All reject with the session's errors, with what an exit code stands for
 * (`exitCodes.ts`), or with OUTPUT_UNPARSED whose detail is `unparsedDetailSchema`.
 */
export type Driver = {
  status: () => Promise<ApplianceStatus>;
  /** All tenants, or the one; NOT_FOUND when there is no such tenant. */
  remoteNetworks: (clientId?: string) => Promise<RemoteNetworks>;
  licence: () => Promise<LicenceShow>;
  /**
   * Runs it once, whatever happens. What it prints may be a private key: no error carries any of it, and
   * OUTPUT_UNPARSED has an empty `text`.
   */
  changeTenant: (command: TenantCommand) => Promise<TenantChange>;
  /**
   * Goes on until killed; survives the log's rotation. The caller reads both streams. Rejects with LOG_UNREADABLE if the
   * log can be read neither directly nor by `ke_syslog`.
   */
  syslogTail: (input: { path: string; lines: number }) => Promise<RemoteProcess>;
  /** The end of the log, some 2 MiB, also across its last rotation. Rejects as `syslogTail` does. */
  readSyslog: (input: { path: string }) => Promise<string>;
};

/**
 * Exit codes that may mean that the appliance is older than `--json` **[ours]**: our own code for wrong usage, and what
 * other programs use for it. The commands asked again only read.
 */
const maybeUnknownOption: readonly (number | null)[] = [1, 2, 64];

type ReadText = <Kind extends AnswerKind>(kind: Kind, text: string) => Promise<Reading<Answer<Kind>>>;

/** What sudo and log-in shells of Debian have in their search path. */
const commandFolders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Ends with 0 if `$1` is in a folder of the search paths. Only what comes of a variable is split at its colons. */
export const findCommand = `folders=$PATH:${commandFolders}; IFS=:; for folder in $folders; do [ -e "$folder/$1" ] && exit 0; done; exit 1`;

/** Whether the appliance has `program`; true if that can't be told. */
async function isInstalled(session: Pick<Session, 'run'>, program: string): Promise<boolean> {
  const argv = ['sh', '-c', findCommand, 'sh', program];
  const result = await session.run({ argv, privileged: false, maxBytes: 1024 }).catch(() => null);
  return result?.exitCode !== 1;
}

/** A change waits for the appliance's lock and for sessions to end. */
const changeTimeoutMs = 45 * secondMs;

/**
 * `sudo` says how privileged commands run here. All `ke_*` commands are privileged: they read other users' processes and
 * root's state. The log is read without sudo if the log-in user may. With `none` everything runs as the log-in user.
 */
export function createDriver(
  session: Pick<Session, 'run' | 'stream'>,
  options: {
    sudo: Sudo;
    /** Reads what was printed; without it all is read on this thread. */
    read?: ReadText;
  },
): Driver {
  const privileged = options.sudo !== 'none';
  const read: ReadText = options.read ?? (async (kind, text) => readAnswer(kind, text));

  /** sudo may refuse before it looks for the command: one that is missing is no fault of sudo's rule. */
  const run: typeof session.run = async (request) => {
    try {
      return await session.run(request);
    } catch (thrown) {
      const [program = ''] = request.argv;
      if (!(thrown instanceof AppError) || thrown.code !== 'SUDO_REFUSED') throw thrown;
      if (await isInstalled(session, program)) throw thrown;
      throw commandMissing(program, { cause: thrown });
    }
  };

  async function ask<Kind extends AnswerKind>(argv: readonly string[], kind: Kind): Promise<Answer<Kind>> {
    const command = argv.join(' ');
    const { maxBytes } = answers[kind];
    const result = await run({ argv: [...argv, '--json'], privileged, maxBytes });
    if (!maybeUnknownOption.includes(result.exitCode)) {
      assertDone(command, result);
      const reading = await read(kind, result.stdout);
      if ('value' in reading) return reading.value;
      throw unparsed({ command, text: result.stdout, reason: reading.reason });
    }
    const plain = await session.run({ argv, privileged, maxBytes: unparsedTextLimit });
    if (plain.exitCode !== 0) assertDone(command, result);
    throw unparsed({
      command,
      text: plain.stdout,
      reason: 'this appliance does not know --json',
      knowsJson: false,
    });
  }

  return {
    status: () => ask(statusArgv, 'status'),
    async remoteNetworks(clientId) {
      const networks = await ask(remoteNetworksArgv(clientId), 'remoteNetworks');
      if (clientId !== undefined && networks.tenants.every((tenant) => tenant.clientId !== clientId))
        throw new AppError('NOT_FOUND', `There is no tenant ${clientId} on this appliance.`);
      return networks;
    },
    licence: () => ask(licenceArgv, 'licence'),
    async changeTenant(command) {
      const argv = tenantCommandArgv(command);
      const name = argv.slice(0, 2).join(' ');
      const { maxBytes } = answers.tenantChange;
      const result = await run({ argv, privileged, timeoutMs: changeTimeoutMs, maxBytes });
      assertDone(name, result);
      const reading = readAnswer('tenantChange', result.stdout);
      if ('value' in reading) return reading.value;
      throw unparsed({ command: name, text: '', reason: reading.reason });
    },
    syslogTail: ({ path, lines }) => followLog({ session, privileged, path }, lines),
    readSyslog: ({ path }) => readLogEnd({ session, privileged, path }),
  };
}
