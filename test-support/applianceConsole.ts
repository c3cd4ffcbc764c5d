import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantsPath } from '../src-appliance/core/tenants/authorization.ts';
import { createServices, type Services } from '../src-main/services.ts';
import { createLog } from '../src-main/base/log.ts';
import type { SshTransport } from '../src-main/ssh/types.ts';
import type { ApplianceEntry } from '../src-shared/model/appliance/applianceEntry.ts';
import { applianceInput, type AdminAccess } from './applianceInput.ts';
import type { StockBox } from './stockBox.ts';

/** A complete console with its own data folder. It knows one appliance and its host key. */
export type ApplianceConsole = {
  services: Services;
  entry: ApplianceEntry;
  /** The console's data folder. It also contains the log file `console.log` at the most detailed level. */
  dataFolder: string;
  /** Closes the console and deletes its data folder. */
  stop: () => Promise<void>;
};

/** The console's log file in its data folder, with all lines written. */
export function consoleLog(dataFolder: string): string {
  return join(dataFolder, 'console.log');
}

export async function startApplianceConsole(
  appliance: AdminAccess & Pick<StockBox, 'hostKey'>,
  options: {
    operator?: string;
    name?: string;
    transport?: SshTransport;
    clock?: () => number;
    policyFiles?: readonly string[];
  } = {},
): Promise<ApplianceConsole> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'sallyport-operator-'));
  const services = createServices({
    dataFolder,
    host: 'web',
    operator: options.operator ?? 'ada',
    log: createLog({ level: 'trace', file: consoleLog(dataFolder) }),
    ...(options.transport === undefined ? {} : { transport: options.transport }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.policyFiles === undefined ? {} : { policyFiles: options.policyFiles }),
  });
  const entry = await services.appliances.add(applianceInput(appliance, options.name), appliance.hostKey());
  return {
    services,
    entry,
    dataFolder,
    stop: async () => {
      await services.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Opens a console on an existing data folder. Its clock is `aheadMs` ahead. The caller closes it. */
export function openConsoleLater(dataFolder: string, aheadMs: number): Services {
  return createServices({
    dataFolder,
    host: 'web',
    operator: 'ada',
    log: createLog({ level: 'trace', file: consoleLog(dataFolder) }),
    clock: () => Date.now() + aheadMs,
  });
}

/** The file in which the appliance stores its tenants, unparsed. Empty if it does not exist yet. */
export async function tenantState(appliance: Pick<StockBox, 'config'>): Promise<string> {
  const path = tenantsPath(appliance.config.stateFolder);
  return existsSync(path) ? readFile(path, 'utf8') : '';
}

/** The names of the console's temporary files in the administrator's home folder on the appliance. */
export async function temporaryFiles(appliance: Pick<StockBox, 'adminHome'>): Promise<string[]> {
  return (await readdir(appliance.adminHome)).filter((name) => name.startsWith('.sallyport-'));
}
