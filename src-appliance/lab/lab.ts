import { flushCompileCache } from 'node:module';
import type { LabAnnouncement } from '../../src-shared/model/appliance/labAnnouncement.ts';
import type { LabFolder } from './labFolder.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthorityKey, exportKeySet } from '../authority/issue.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { adminUser, startAppliance } from './embeddedAppliance.ts';
import { planFleet } from './fleetPlan.ts';
import { reserveLoopbackNetwork } from './loopback.ts';
import { createRandom } from './random.ts';
import { startTenant } from './tenantSite.ts';

export type Lab = { announcement: LabAnnouncement; stop: () => Promise<void> };

/**
 * Starts the licence authority, the appliances and the tenants' sites. Resolves when every appliance answers
 * and every Connect is started; the tunnels follow within seconds. `onNotice` gets one line for each
 * unexpected event.
 */
export async function startLab(options: {
  appliances: number;
  tenants: number;
  seed: string;
  folder: LabFolder;
  /** Folder of compiled modules, shared by this process and all Connects. */
  compileCache: string;
  onNotice: (message: string) => void;
}): Promise<Lab> {
  const { folder, compileCache } = options;
  const stopped = new AbortController();
  const stopping: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    stopped.abort();
    await Promise.all(stopping.map(async (one) => one()));
    await folder.remove();
  };
  try {
    // Compile these modules once here, because a dozen Connects load them.
    await import('../connect/supervise.ts');
    flushCompileCache();

    const network = await reserveLoopbackNetwork();
    stopping.push(network.release);
    const authority = await createAuthorityKey();
    const authorityKeysPath = join(folder.path, 'authority.json');
    await writeFile(authorityKeysPath, JSON.stringify(await exportKeySet([authority])), { mode: 0o644 });
    const admin = generateKeyPair('sallyport lab operator');
    const identityFile = join(folder.path, 'operator_ed25519');
    await writeFile(identityFile, admin.privateKey, { mode: 0o600 });

    let site = 0;
    const startOne = async (
      plan: ReturnType<typeof planFleet>[number],
      index: number,
    ): Promise<LabAnnouncement['appliances'][number]> => {
      const applianceFolder = join(folder.path, plan.name);
      await mkdir(applianceFolder);
      const embedded = await startAppliance({
        plan,
        folder: applianceFolder,
        loopback: network.appliance(index),
        authority,
        authorityKeysPath,
        adminKeyBlob: admin.publicKey.blob,
        random: createRandom(`${options.seed} ${plan.name}`),
      });
      stopping.push(embedded.stop);
      for (const tenant of plan.tenants) {
        const own = await startTenant({
          plan: tenant,
          embedded,
          folder: join(folder.path, 'sites', tenant.clientId),
          bindAddress: network.tenant(site++),
          compileCache,
          signal: stopped.signal,
          onNotice: options.onNotice,
        });
        stopping.push(own.stop);
      }
      return {
        name: plan.name,
        host: embedded.host,
        port: embedded.port,
        user: adminUser,
        identityFile,
        hostKeySha256: embedded.hostKeySha256,
        group: plan.group,
        description: plan.description,
        version: plan.version,
        tenants: plan.tenants.map(({ clientId }) => clientId),
      };
    };
    const appliances = await Promise.all(planFleet(options).map(startOne));
    return { announcement: { appliances, folder: folder.path, seed: options.seed }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
