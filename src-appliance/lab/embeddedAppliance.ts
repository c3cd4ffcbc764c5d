import type { AuthorityKey } from '../authority/issue.ts';
import type { LabAppliance } from './fleetPlan.ts';
import type { Loopback } from './loopback.ts';
import type { Random } from './random.ts';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueLicence } from '../authority/issue.ts';
import { createAppliance, type Appliance } from '../core/appliance.ts';
import { applianceConfigSchema } from '../core/config.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { licencePath } from '../core/licence/licence.ts';
import { announcementsFolder } from '../core/sessions/announcements.ts';
import { commandEndsFolder, sessionEndsFolder } from '../core/sessions/sessionRecords.ts';
import { dialFailuresFolder } from '../core/sessions/dialFailures.ts';
import { portMemoryFolder } from '../core/sessions/portMemory.ts';
import { createProcessLock } from '../core/state/stateLock.ts';
import { serveAdmin } from './adminSession.ts';
import { planLicence } from './applianceLicence.ts';
import { startBackground, writeHistory } from './background.ts';
import { createFileSpace } from './fileSpace.ts';
import { createLiveConnections } from './liveConnections.ts';
import { startSshServer } from './sshServer.ts';
import { openSyslogFile } from './syslogFile.ts';
import { serveTenant } from './tenantSession.ts';
import { startTraffic } from './traffic.ts';

export type EmbeddedAppliance = {
  appliance: Appliance;
  host: string;
  port: number;
  hostKeySha256: string;
  stop: () => void;
};

/** The administrator's name on the original appliances **[doc]**. */
export const adminUser = 'ubuntu';
/**
 * The preferred port. It is usually free, because each appliance of the lab has its own address. If not, a
 * free port is used.
 */
const wantedPort = 2022;
/**
 * Connections get numbers from here on. They are shown like process IDs, but there are no such processes.
 */
const firstConnectionNumber = 1000;

/**
 * A complete appliance in this process: SSH server, the kit's commands with their own state, a licence, a
 * growing syslog. The lab replaces only sshd and procfs.
 */
export async function startAppliance(options: {
  plan: LabAppliance;
  folder: string;
  loopback: Loopback;
  authority: AuthorityKey;
  authorityKeysPath: string;
  adminKeyBlob: string;
  random: Random;
}): Promise<EmbeddedAppliance> {
  const { plan, folder, loopback, random } = options;
  const applianceId = randomUUID();
  const config = applianceConfigSchema.parse({
    applianceId,
    applianceVersion: plan.version,
    hostname: plan.name,
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    connectUser: 'connect',
    syslog: join(folder, 'var', 'log', 'syslog'),
    authorityKeys: options.authorityKeysPath,
  });
  for (const path of [
    config.stateFolder,
    join(config.stateFolder, portMemoryFolder),
    join(config.runFolder, announcementsFolder),
    join(config.runFolder, dialFailuresFolder),
    join(config.runFolder, sessionEndsFolder),
    join(config.runFolder, commandEndsFolder),
    join(folder, 'var', 'log'),
  ])
    await mkdir(path, { recursive: true });
  const licence = planLicence({ applianceId, daysLeft: plan.licenceDays, random, now: Date.now() });
  await writeFile(licencePath(config.stateFolder), await issueLicence(licence, options.authority));

  const syslog = openSyslogFile({ path: config.syslog, host: plan.name, format: plan.syslogFormat });
  writeHistory({ syslog, random, now: Date.now() });
  const connections = createLiveConnections();
  const stopping: (() => void)[] = [];
  const appliance = createAppliance({
    config,
    lock: createProcessLock(),
    caller: 'lab',
    log: async ({ program, severity, message }) => syslog.write({ program, severity, message }),
    runtime: {
      observe: connections.observe,
      endSessions: connections.endSessions,
      endListener: connections.endListener,
      sshdVersion: async () => 'Sallyport_lab',
      services: async () => [
        { name: 'sshd', state: 'running', detail: `${connections.all().length} tenant connections` },
        { name: 'syslog', state: 'running', detail: config.syslog },
        { name: 'ke_api', state: 'running', detail: 'sends requests through the tunnels' },
      ],
    },
  });

  const hostKey = generateKeyPair(plan.name);
  const files = await createFileSpace({ folder: join(folder, 'files'), user: adminUser });
  const children = new Set<ChildProcess>();
  let connectionNumber = firstConnectionNumber;
  const server = await startSshServer({
    loopback,
    port: wantedPort,
    hostKey: hostKey.privateKey,
    adminUser,
    adminKeyBlob: options.adminKeyBlob,
    connectUser: config.connectUser,
    stateFolder: config.stateFolder,
    log: syslog.write,
    nextNumber: () => {
      connectionNumber += random.between(1, 9);
      return connectionNumber;
    },
    onAdmin: (client) => serveAdmin({ client, user: adminUser, appliance, loopback, files, children }),
    onTenant: (client, tenant) =>
      serveTenant({ client, ...tenant, config, loopback, connections, log: syslog.write }),
  });
  stopping.push(
    startBackground({ syslog, random }),
    startTraffic({ appliance, loopback, syslog, random }),
    server.close,
    () => {
      for (const child of children) child.kill();
    },
    syslog.close,
  );
  return {
    appliance,
    host: loopback.address,
    port: server.port,
    hostKeySha256: hostKey.publicKey.fingerprint,
    stop: () => {
      for (const stop of stopping) stop();
    },
  };
}
