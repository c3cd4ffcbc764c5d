import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConsole, type Console } from '../src-main/console.ts';
import { createLog } from '../src-main/log.ts';
import type { ApplianceEntry } from '../src-shared/model/applianceEntry.ts';
import type { DebianAppliance } from './debianSshd.ts';

/** A whole console with a data folder of its own, that knows one appliance and its host key. */
export type ApplianceConsole = {
  console: Console;
  entry: ApplianceEntry;
  dataFolder: string;
  /** Closes the console and removes its folder. */
  stop: () => Promise<void>;
};

export async function startApplianceConsole(
  appliance: Pick<DebianAppliance, 'host' | 'port' | 'adminUser' | 'adminKeyFile' | 'hostKey'>,
  options: { operator?: string; name?: string; clock?: () => number } = {},
): Promise<ApplianceConsole> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'sallyport-operator-'));
  const console = createConsole({
    dataFolder,
    host: 'web',
    operator: options.operator ?? 'ada',
    log: createLog({ level: 'silent' }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const entry = await console.appliances.add(
    {
      name: options.name ?? 'kiln',
      target: {
        host: appliance.host,
        port: appliance.port,
        user: appliance.adminUser,
        authentication: {
          agent: false,
          keyFile: appliance.adminKeyFile,
          password: false,
          keyboardInteractive: false,
        },
      },
      jumps: [],
      sudo: 'none',
      group: '',
      cluster: '',
      description: '',
    },
    appliance.hostKey(),
  );
  return {
    console,
    entry,
    dataFolder,
    stop: async () => {
      await console.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
