import type { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import type { Sudo } from '../../src-shared/model/applianceEntry.ts';
import { applianceStatusSchema, type ApplianceStatus } from '../../src-shared/model/applianceStatus.ts';
import { licenceShowSchema, type LicenceShow } from '../../src-shared/model/licence.ts';
import {
  remoteNetworksSchema,
  tenantChangeSchema,
  type RemoteNetworks,
  type TenantChange,
} from '../../src-shared/model/remoteNetworks.ts';
import type { RemoteProcess, Session } from '../ssh/types.ts';
import { licenceArgv, remoteNetworksArgv, statusArgv } from './commands.ts';
import { assertDone } from './exitCodes.ts';
import { followLog, readLogEnd } from './logReading.ts';
import { parseOutput, unparsed } from './parseOutput.ts';
import { tenantCommandArgv, type TenantCommand } from './tenantCommands.ts';

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

/** A change waits for the appliance's lock and for sessions to end. */
const changeTimeoutMs = 45_000;

/**
 * `sudo` says how privileged commands run here. All `ke_*` commands are privileged: they read other users' processes and
 * root's state. The log is read without sudo if the log-in user may. With `none` everything runs as the log-in user.
 */
export function createDriver(session: Pick<Session, 'run' | 'stream'>, options: { sudo: Sudo }): Driver {
  const privileged = options.sudo !== 'none';

  async function ask<T extends z.ZodType>(argv: readonly string[], schema: T): Promise<z.output<T>> {
    const command = argv.join(' ');
    const result = await session.run({ argv: [...argv, '--json'], privileged });
    if (!maybeUnknownOption.includes(result.exitCode)) {
      assertDone(command, result);
      return parseOutput({ command, text: result.stdout, schema });
    }
    const plain = await session.run({ argv, privileged });
    if (plain.exitCode !== 0) assertDone(command, result);
    throw unparsed({ command, text: plain.stdout, reason: 'this appliance does not know --json' });
  }

  return {
    status: () => ask(statusArgv, applianceStatusSchema),
    async remoteNetworks(clientId) {
      const networks = await ask(remoteNetworksArgv(clientId), remoteNetworksSchema);
      if (clientId !== undefined && networks.tenants.every((tenant) => tenant.clientId !== clientId))
        throw new AppError('NOT_FOUND', `There is no tenant ${clientId} on this appliance.`);
      return networks;
    },
    licence: () => ask(licenceArgv, licenceShowSchema),
    async changeTenant(command) {
      const argv = tenantCommandArgv(command);
      const name = argv.slice(0, 2).join(' ');
      const result = await session.run({ argv, privileged, timeoutMs: changeTimeoutMs });
      assertDone(name, result);
      return parseOutput({ command: name, text: result.stdout, schema: tenantChangeSchema, secret: true });
    },
    syslogTail: ({ path, lines }) => followLog({ session, privileged, path }, lines),
    readSyslog: ({ path }) => readLogEnd({ session, privileged, path }),
  };
}
