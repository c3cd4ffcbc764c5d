import type { KeCommand } from './command.ts';
import { keManageAccounts } from './keManageAccounts.ts';
import { keManageLicenseKey } from './keManageLicenseKey.ts';
import { keManageRemoteNetworks } from './keManageRemoteNetworks.ts';
import { keStatus } from './keStatus.ts';
import { keUpdateConfiguration } from './keUpdateConfiguration.ts';
import { keUsageReport } from './keUsageReport.ts';
import { runKeCommand, type KeInvocation } from './runKeCommand.ts';

const commands: ReadonlyMap<string, KeCommand> = new Map(
  Object.entries({
    ke_status: keStatus,
    ke_manage_remote_networks: keManageRemoteNetworks,
    ke_manage_accounts: keManageAccounts,
    ke_manage_license_key: keManageLicenseKey,
    ke_update_configuration: keUpdateConfiguration,
    ke_usage_report: keUsageReport,
  }),
);

/** Other names of commands: the documentation once spells one this way **[doc]**. */
const aliases: ReadonlyMap<string, string> = new Map([['ke_update_configuraton', 'ke_update_configuration']]);

export const keCommandNames: readonly string[] = [...commands.keys()];

/** Runs the command `argv[0]`, for a program that holds all commands. On Debian, each is a program of its own. */
export function runNamedCommand(invocation: Omit<KeInvocation, 'command'>): Promise<number> {
  const [name = ''] = invocation.argv;
  const command = commands.get(aliases.get(name) ?? name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  return runKeCommand({ ...invocation, command });
}
