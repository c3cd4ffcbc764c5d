import { cp, readFile, writeFile } from 'node:fs/promises';
import { applianceConfigSchema, defaultConfigPath } from '../src-appliance/core/config.ts';
import type { BoxSystem } from './boxSystem.ts';
import { buildKitBundle, placeNode } from './kitBundle.ts';
import type { StockBoxOptions } from './stockBox.ts';

/**
 * Installs the kit as the README says. Node is already unpacked, as before an update, unless `isNodePacked`.
 */
export async function installKit(
  system: BoxSystem,
  options: { administrator: string; version: string; isNodePacked: boolean },
): Promise<void> {
  const { administrator, version, isNodePacked } = options;
  const bundle = await buildKitBundle();
  const kit = `/home/${administrator}/kit`;
  await cp(bundle, system.path(kit), { recursive: true });
  if (!isNodePacked) await placeNode(bundle, system.path('/opt/sallyport'));
  const settings = ['--admin', administrator, '--appliance-version', version];
  await system.mustRun(['sh', `${kit}/install.sh`, ...settings]);
}

/**
 * Changes the settings of the appliance, if there are any in the options. They take effect after a restart of the
 * service and sshd. Resolves with whether there are any.
 */
export async function applySettings(system: BoxSystem, options: StockBoxOptions): Promise<boolean> {
  const { clientAlive, config } = options;
  if (clientAlive === undefined && config === undefined) return false;
  const configFile = system.path(defaultConfigPath);
  const installed = applianceConfigSchema.parse(JSON.parse(await readFile(configFile, 'utf8')));
  const seconds = clientAlive === undefined ? {} : { clientAliveSeconds: clientAlive.intervalSeconds };
  await writeFile(configFile, JSON.stringify({ ...installed, ...seconds, ...config }));
  if (clientAlive === undefined) return true;
  const snippet = system.path('/etc/ssh/sshd_config.d/sallyport.conf');
  const text = await readFile(snippet, 'utf8');
  await writeFile(
    snippet,
    text
      .replace(/ClientAliveInterval \d+/, `ClientAliveInterval ${clientAlive.intervalSeconds}`)
      .replace(/ClientAliveCountMax \d+/, `ClientAliveCountMax ${clientAlive.countMax}`),
  );
  return true;
}
