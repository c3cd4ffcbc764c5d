import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantsPath } from '../src-appliance/core/tenants/authorization.ts';
import { createServices, type Services } from '../src-main/services.ts';
import { createLog } from '../src-main/base/log.ts';
import type { SshTransport } from '../src-main/ssh/types.ts';
import type { ApplianceEntry } from '../src-shared/model/appliance/applianceEntry.ts';
import { applianceInput, type Reached } from './applianceInput.ts';
import type { StockBox } from './stockBox.ts';

/** A complete console with its own data folder, which knows one appliance and its host key. */
export type ApplianceConsole = {
  services: Services;
  entry: ApplianceEntry;
  /** Also contains `console.log`, the console's log at the most detailed level. */
  dataFolder: string;
  /** Closes the console and deletes its folder. */
  stop: () => Promise<void>;
};

/** The console's own log in its data folder, flushed to the file. */
export function consoleLog(dataFolder: string): string {
  return join(dataFolder, 'console.log');
}

export async function startApplianceConsole(
  appliance: Reached & Pick<StockBox, 'hostKey'>,
  options: { operator?: string; name?: string; transport?: SshTransport; clock?: () => number } = {},
): Promise<ApplianceConsole> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'sallyport-operator-'));
  const services = createServices({
    dataFolder,
    host: 'web',
    operator: options.operator ?? 'ada',
    log: createLog({ level: 'trace', file: consoleLog(dataFolder) }),
    ...(options.transport === undefined ? {} : { transport: options.transport }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
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

/** Another console on an existing data folder, whose clock is `aheadMs` ahead. The caller closes it. */
export function openConsoleLater(dataFolder: string, aheadMs: number): Services {
  return createServices({
    dataFolder,
    host: 'web',
    operator: 'ada',
    log: createLog({ level: 'trace', file: consoleLog(dataFolder) }),
    clock: () => Date.now() + aheadMs,
  });
}

/** The appliance's tenant state, byte for byte; empty before it exists. */
export async function tenantState(appliance: Pick<StockBox, 'config'>): Promise<string> {
  const path = tenantsPath(appliance.config.stateFolder);
  return existsSync(path) ? readFile(path, 'utf8') : '';
}

/** Names of the console's temporary files in the administrator's home on the appliance. */
export async function temporaryFiles(appliance: Pick<StockBox, 'adminHome'>): Promise<string[]> {
  return (await readdir(appliance.adminHome)).filter((name) => name.startsWith('.sallyport-'));
}
