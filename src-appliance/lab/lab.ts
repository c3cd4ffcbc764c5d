import { flushCompileCache } from 'node:module';
import type { LabAnnouncement } from '../../src-shared/model/appliance/labAnnouncement.ts';
import type { LabFolder } from './labFolder.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { adminUser, startAppliance } from './embeddedAppliance.ts';
import { createFaultControl, describePlace, planGallery } from './faults/faultGallery.ts';
import type { EndFault, LabFault } from './faults/labFault.ts';
import { planFleet } from './fleetPlan.ts';
import { startLabAuthority } from './labAuthority.ts';
import { reserveLoopbackNetwork } from './loopback.ts';
import { createRandom } from './random.ts';
import { startTenant, type TenantSite } from './tenantSite.ts';

export type Lab = {
  announcement: LabAnnouncement;
  /** Starts or ends a fault of the gallery: `start NAME`, `end NAME`. */
  obey: (line: string) => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * Starts the licence authority, the appliances and the tenants' sites. Resolves when every appliance answers
 * and every Connect is started; the tunnels follow within seconds. `onNotice` gets one line for each
 * unexpected event.
 */
export async function startLab(options: {
  appliances: number;
  tenants: number;
  seed: string;
  /** Faults to cause, each with its own tenant or appliance. */
  faults: readonly LabFault[];
  folder: LabFolder;
  /** Folder of compiled modules, shared by this process and all Connects. */
  compileCache: string;
  onNotice: (message: string) => void;
}): Promise<Lab> {
  const { folder, compileCache } = options;
  const stopped = new AbortController();
  const stopping: (() => Promise<void> | void)[] = [];
  const reportError = (error: unknown): void => {
    if (!stopped.signal.aborted) options.onNotice(error instanceof Error ? error.message : 'unknown error');
  };
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
    const labAuthority = await startLabAuthority(folder.path, options.onNotice);
    stopping.push(labAuthority.stop);
    const admin = generateKeyPair('sallyport lab operator');
    const identityFile = join(folder.path, 'operator_ed25519');
    await writeFile(identityFile, admin.privateKey, { mode: 0o600 });

    let site = 0;
    const tunnelFaults = options.faults.filter((fault) => fault.on === 'tunnel');
    const applianceFaults = options.faults.filter((fault) => fault.on === 'appliance');
    const control = createFaultControl(options.onNotice);
    /** Begins the fault when the tunnels of these sites are up. */
    const beginFault = (
      name: string,
      start: () => Promise<EndFault>,
      ofSites: readonly TenantSite[],
    ): void => {
      control.add(name, start);
      void Promise.all(ofSites.map((own) => own.untilUp()))
        .then(() => control.obey(`start ${name}`))
        .catch(reportError);
    };
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
        labAuthority,
        adminKeyBlob: admin.publicKey.blob,
        random: createRandom(`${options.seed} ${plan.name}`),
      });
      stopping.push(embedded.stop);
      const sites: TenantSite[] = [];
      for (const tenant of plan.tenants) {
        const own = await startTenant({
          plan: tenant,
          embedded,
          folder: join(folder.path, 'sites', tenant.clientId),
          bindAddress: network.tenant(site++),
          compileCache,
          signal: stopped.signal,
          onNotice: options.onNotice,
          hasLine: options.faults.some(({ name }) => name === tenant.clientId),
        });
        stopping.push(own.stop);
        sites.push(own);
        const fault = tunnelFaults.find(({ name }) => name === tenant.clientId);
        if (fault !== undefined) beginFault(fault.name, () => fault.start(own, embedded), [own]);
      }
      const fault = applianceFaults.find(({ name }) => name === plan.name);
      if (fault !== undefined) beginFault(fault.name, () => fault.start(embedded), sites);
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
    const plans = [...planFleet(options), ...planGallery(options.faults)];
    const appliances = await Promise.all(plans.map(startOne));
    const faults = options.faults.map(describePlace);
    return {
      announcement: {
        appliances,
        authority: labAuthority.describe(plans),
        faults,
        folder: folder.path,
        seed: options.seed,
      },
      obey: (line) => control.obey(line).catch(reportError),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
