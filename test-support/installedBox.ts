import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applianceConfigSchema, defaultConfigPath } from '../src-appliance/core/config.ts';
import { createSecretKeys, secretsFolder } from '../src-appliance/core/secrets/secretKeys.ts';
import { addAdministrator, makeKey, openBox, startBareBox, type BareBox } from './bareBox.ts';
import type { BoxSystem } from './boxSystem.ts';
import { applySettings, installKit } from './installKit.ts';
import { findPreparedBox } from './preparedBox.ts';
import type { StockBoxOptions } from './stockBox.ts';
import { waitFor } from './waitFor.ts';

export const administrator = 'ubuntu';
const defaultVersion = '1.34.2';

/** A box with the kit, whose administrator logs in with `adminKeyFile`. All its services run. */
export type InstalledBox = {
  box: BareBox;
  service: ReturnType<typeof createService>;
  adminKeyFile: string;
};

/**
 * Starts a box with the kit: with the files of a prepared box if possible, otherwise it installs the kit. If a part
 * does not start, stops all others and rejects.
 */
export async function startInstalledBox(options: StockBoxOptions): Promise<InstalledBox> {
  const prepared = options.isNodePacked === true ? null : await findPreparedBox();
  if (prepared === null) return startNewBox(options);
  const box = await openBox({ hostname: options.hostname, prepared });
  return complete(box, (installed) => personalise(installed, options));
}

/** Starts a box and installs the kit. Otherwise like `startInstalledBox`. */
export async function startNewBox(options: StockBoxOptions): Promise<InstalledBox> {
  const box = await startBareBox({ hostname: options.hostname });
  return complete(box, (installed) => install(installed, options));
}

async function complete(
  box: BareBox,
  work: (installed: InstalledBox) => Promise<void>,
): Promise<InstalledBox> {
  try {
    const adminKeyFile = join(box.folder, 'id_ed25519');
    await makeKey(adminKeyFile);
    const installed = { box, service: createService(box.system), adminKeyFile };
    await work(installed);
    return installed;
  } catch (error) {
    await box.stop();
    throw error;
  }
}

/** Starts and stops the appliance's service with the box's init script. */
function createService(system: BoxSystem) {
  const isRunning = async () => (await system.run(['service', 'sallyport', 'status'])).exitCode === 0;
  const read = (path: string) => readFile(system.path(path), 'utf8').catch(() => '');
  return {
    startService: async () => {
      await system.mustRun(['service', 'sallyport', 'start']);
      // ke_status shows it as running from then on.
      await waitFor('the service answers', async () => {
        const pid = (await read('/run/sallyport.pid')).trim();
        return pid !== '' && (await read('/run/sallyport/service/service.json')).includes(`"pid":${pid},`);
      });
    },
    stopService: async (signal: NodeJS.Signals = 'SIGKILL') => {
      await system.run(['pkill', `-${signal}`, '--pidfile', '/run/sallyport.pid']);
      await waitFor('the service is gone', async () => !(await isRunning()));
    },
  };
}

async function install({ box, service, adminKeyFile }: InstalledBox, options: StockBoxOptions) {
  const { system, sshd, rsyslog } = box;
  const { isLogReader = false, isNodePacked = false } = options;
  await addAdministrator(system, { user: administrator, keyFile: adminKeyFile, isLogReader });
  const version = options.applianceVersion ?? defaultVersion;
  await installKit(system, { administrator, version, isNodePacked });
  const hasSettings = await applySettings(system, options);
  if (hasSettings) await service.stopService();
  // The installer has reloaded sshd. Wait until sshd answers again.
  await Promise.all([rsyslog.restart(), hasSettings ? sshd.restartSshd() : sshd.untilUp()]);
  if (hasSettings) await service.startService();
}

/** Gives a box with the files of a prepared box what two boxes must not share, and starts its services. */
async function personalise({ box, service, adminKeyFile }: InstalledBox, options: StockBoxOptions) {
  const { system, sshd, rsyslog } = box;
  if (options.isLogReader === true)
    await system.mustRun(['usermod', '--append', '--groups', 'adm', administrator]);
  const authorized = system.path(`/home/${administrator}/.ssh/authorized_keys`);
  await writeFile(authorized, await readFile(`${adminKeyFile}.pub`, 'utf8'));
  await giveIdentity(system, options.applianceVersion ?? defaultVersion);
  await applySettings(system, options);
  // First rsyslog, as Debian does it, so that no line of the others is lost.
  await rsyslog.start();
  await Promise.all([sshd.startSshd(), service.startService()]);
}

/** Gives the box its own identity and key pair for secrets. Writes into the files, which keep owner and mode. */
async function giveIdentity(system: BoxSystem, version: string): Promise<void> {
  const configFile = system.path(defaultConfigPath);
  const text = await readFile(configFile, 'utf8');
  const { applianceId, applianceVersion } = applianceConfigSchema.parse(JSON.parse(text));
  await writeFile(configFile, text.replace(applianceId, randomUUID()).replace(applianceVersion, version));
  const temporary = await mkdtemp(system.path('/tmp/keys-'));
  const created = join(temporary, secretsFolder);
  await mkdir(created);
  await createSecretKeys(temporary);
  const kept = system.path(join('/var/lib/sallyport', secretsFolder));
  const copies = {
    'public.pem': 'public.pem',
    'service-public.pem': 'public.pem',
    'private.pem': 'private.pem',
  };
  for (const [name, source] of Object.entries(copies))
    await writeFile(join(kept, name), await readFile(join(created, source)));
  await rm(temporary, { recursive: true });
}
