import { keExitCodes } from '../../src-shared/exitCodes.ts';
import type { Readable, Writable } from 'node:stream';
import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { shorten, visibleText } from '../../src-shared/base/machineText.ts';
import type { Appliance } from '../core/appliance.ts';
import type { KeCommand } from './command.ts';
import { keManageLicenseKey } from './keManageLicenseKey.ts';
import { keManageRemoteNetworks } from './keManageRemoteNetworks.ts';
import { keUpdateConfiguration } from './keUpdateConfiguration.ts';
import { keStatus } from './keStatus.ts';

/** The arguments and streams of a command. `argv[0]` is its name, e.g. `ke_status`. */
export type KeInvocation = {
  argv: readonly string[];
  appliance: Appliance;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
};

/** Maximum length of an error line. A message may quote an argument of any length. */
const maxReason = 1024;

const commands: ReadonlyMap<string, KeCommand> = new Map(
  Object.entries({
    ke_status: keStatus,
    ke_manage_remote_networks: keManageRemoteNetworks,
    ke_manage_license_key: keManageLicenseKey,
    ke_update_configuration: keUpdateConfiguration,
  }),
);

/** Other names of commands: the documentation once spells one this way **[doc]**. */
const aliases: ReadonlyMap<string, string> = new Map([['ke_update_configuraton', 'ke_update_configuration']]);

export const keCommandNames: readonly string[] = [...commands.keys()];

/**
 * Runs a command and resolves with its exit code. Never rejects and never ends the process. If the exit code
 * is not 0, writes exactly one line to `stderr` with the reason.
 */
export async function runKeCommand(invocation: KeInvocation): Promise<number> {
  const { argv, appliance, stdin, stdout, stderr } = invocation;
  const [name = '', ...words] = argv;
  const explain = (message: string) =>
    stderr.write(`${visibleText(shorten(`${name}: ${message}`, maxReason))}\n`);
  const command = commands.get(aliases.get(name) ?? name);
  if (command === undefined) {
    explain('INVALID_INPUT: no such command');
    return keExitCodes.usage;
  }
  const print = {
    json: (value: unknown) => void stdout.write(`${JSON.stringify(value)}\n`),
    line: (text: string) => void stdout.write(`${visibleText(text)}\n`),
    note: explain,
  };
  try {
    await command({ words, appliance, stdin, print });
    return keExitCodes.done;
  } catch (error) {
    if (error instanceof AppError) {
      explain(`${error.code}: ${error.message.replaceAll('\n', ' ')}`);
      return keExitCodeOf(error.code);
    }
    explain(`INTERNAL: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : 'unknown error'}`);
    return keExitCodes.failed;
  }
}
