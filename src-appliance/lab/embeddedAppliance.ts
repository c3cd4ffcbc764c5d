import type { LabAppliance } from './fleetPlan.ts';
import type { LabAuthority } from './labAuthority.ts';
import type { Loopback } from './loopback.ts';
import { createRandom, type Random } from './random.ts';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAppliance, type Appliance } from '../core/appliance.ts';
import { applianceConfigSchema } from '../core/config.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { licencePath } from '../core/licence/licence.ts';
import { announcementsFolder } from '../core/sessions/announcements.ts';
import { commandEndsFolder, sessionEndsFolder } from '../core/sessions/sessionRecords.ts';
import { dialFailuresFolder } from '../core/sessions/dialFailures.ts';
import { createSecretKeys, secretsFolder } from '../core/secrets/secretKeys.ts';
import { groupKeysFolder } from '../core/tenants/groupKeys.ts';
import { portMemoryFolder } from '../core/sessions/portMemory.ts';
import { createProcessLock } from '../core/state/stateLock.ts';
import { serveAdmin, type LoginSettings } from './adminSession.ts';
import { populateAppliance } from './accounts/populateAppliance.ts';
import { writeConfiguration } from './applianceConfiguration.ts';
import { registerAppliance, type LicenceSupply } from './applianceLicence.ts';
import { startBackground, writeHistory } from './background.ts';
import { createFileSpace } from './fileSpace.ts';
import { createLiveConnections } from './liveConnections.ts';
import { mountOwnDisk, type OwnDisk } from './ownDisk.ts';
import { startSshServer } from './sshServer.ts';
import type { LogReading } from './logReading.ts';
import { openSyslogFile } from './syslogFile.ts';
import { serveTenant } from './tenantSession.ts';
import { startPings } from './pings.ts';
import { startTraffic } from './traffic.ts';

export type EmbeddedAppliance = {
  appliance: Appliance;
  host: string;
  port: number;
  hostKeySha256: string;
  sshd: {
    hostKey: () => string;
    stop: () => void;
    /** Starts it on the same port, by default with the same host key. */
    start: (hostKey?: string) => Promise<void>;
  };
  /** Changes the sessions of the administrator from now on. Without settings, they are as usual again. */
  setLogin: (settings?: Partial<LoginSettings>) => void;
  /** The program that sends requests through the tunnels. */
  api: { stop: () => void; start: () => void };
  /** Moves the clock of the appliance by so many milliseconds from the time of this machine. */
  setClock: (offsetMs: number) => void;
  /** The disk of the appliance's state, if it is planned. */
  disk: OwnDisk | null;
  /** Licences of the lab's authority for this appliance. */
  licences: LicenceSupply;
  stop: () => Promise<void>;
};

/** The administrator's name on the original appliances **[doc]**. */
export const adminUser = 'ubuntu';
/**
 * The preferred port. It is usually free, because each appliance of the lab has its own address. If not, a
 * free port is used.
 */
const wantedPort = 2022;
/** OpenSSH permits ten sessions on a connection by default. */
const usualLogin: LoginSettings = { startupText: '', maxSessions: 10 };
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
  labAuthority: LabAuthority;
  adminKeyBlob: string;
  random: Random;
}): Promise<EmbeddedAppliance> {
  const { plan, folder, loopback, random, labAuthority } = options;
  const applianceId = randomUUID();
  const disk = plan.hasOwnDisk === true ? await mountOwnDisk(join(folder, 'disk')) : null;
  const config = applianceConfigSchema.parse({
    applianceId,
    applianceVersion: plan.version,
    hostname: plan.name,
    stateFolder: join(disk?.path ?? folder, 'state'),
    runFolder: join(folder, 'run'),
    connectUser: 'connect',
    syslog: join(folder, 'var', 'log', 'syslog'),
    authorityKeys: labAuthority.keysFile,
    authority: { url: labAuthority.url, caFile: labAuthority.caFile, mode: plan.authority },
    configuration: join(folder, 'data', 'kloudless.yml'),
  });
  for (const path of [
    config.stateFolder,
    join(config.stateFolder, portMemoryFolder),
    join(config.stateFolder, groupKeysFolder),
    join(config.stateFolder, secretsFolder),
    join(config.runFolder, announcementsFolder),
    join(config.runFolder, dialFailuresFolder),
    join(config.runFolder, sessionEndsFolder),
    join(config.runFolder, commandEndsFolder),
    join(folder, 'var', 'log'),
  ])
    await mkdir(path, { recursive: true });
  await createSecretKeys(config.stateFolder);
  const { authority } = labAuthority;
  const licences = registerAppliance({ authority, applianceId, name: plan.name, random });
  await writeFile(licencePath(config.stateFolder), licences.issue(plan.licenceDays));

  await writeConfiguration(config.configuration, plan.name, createRandom(`${plan.name} configuration`));

  const syslog = openSyslogFile({ path: config.syslog, host: plan.name, format: plan.syslogFormat });
  writeHistory({ syslog, random, now: Date.now() });
  const connections = createLiveConnections();
  const stopping: (() => void)[] = [];
  let clockOffsetMs = 0;
  let stopTraffic: (() => void) | null = null;
  const appliance = createAppliance({
    config,
    now: () => Date.now() + clockOffsetMs,
    lock: createProcessLock(),
    caller: 'lab',
    log: async ({ program, severity, message }) => syslog.write({ program, severity, message }),
    runtime: {
      observe: connections.observe,
      endSessions: connections.endSessions,
      endListener: connections.endListener,
      findRefusingShell: async () => null,
      findForwardingOff: async () => null,
      sshdVersion: async () => 'Sallyport_lab',
      services: async () => [
        { name: 'sshd', state: 'running', detail: `${connections.all().length} tenant connections` },
        { name: 'syslog', state: 'running', detail: config.syslog },
        stopTraffic === null
          ? { name: 'ke_api', state: 'stopped', detail: 'no process' }
          : { name: 'ke_api', state: 'running', detail: 'sends requests through the tunnels' },
      ],
    },
  });
  // SQLite can't open files of a disk of its own: it resolves the link in /proc through which the lab reaches them.
  if (disk === null) await populateAppliance(appliance, plan.name);

  const { privateKey, publicKey } = generateKeyPair(plan.name);
  let hostKey: string = privateKey;
  const files = await createFileSpace({ folder: join(folder, 'files'), user: adminUser });
  const readings = new Set<Pick<LogReading, 'kill'>>();
  const login: LoginSettings = { ...usualLogin };
  let connectionNumber = firstConnectionNumber;
  const startServer = (port: number) =>
    startSshServer({
      loopback,
      port,
      hostKey,
      adminUser,
      adminKeyBlob: options.adminKeyBlob,
      connectUser: config.connectUser,
      stateFolder: config.stateFolder,
      log: syslog.write,
      nextNumber: () => {
        connectionNumber += random.between(1, 9);
        return connectionNumber;
      },
      onAdmin: (client) =>
        serveAdmin({ client, user: adminUser, appliance, loopback, files, readings, settings: login }),
      onTenant: (client, tenant) =>
        serveTenant({ client, ...tenant, config, loopback, connections, log: syslog.write }),
    });
  let server = await startServer(wantedPort);
  const { port } = server;
  const startApi = (): void => {
    stopTraffic = startTraffic({ appliance, loopback, syslog, random });
  };
  const stopApi = (): void => {
    stopTraffic?.();
    stopTraffic = null;
  };
  startApi();
  stopping.push(
    startBackground({ syslog, random }),
    startPings(appliance),
    stopApi,
    () => server.close(),
    () => {
      for (const { kill } of readings) kill();
    },
    syslog.close,
  );
  return {
    appliance,
    host: loopback.address,
    port,
    hostKeySha256: publicKey.fingerprint,
    sshd: {
      hostKey: () => hostKey,
      stop: () => server.close(),
      start: async (next = hostKey) => {
        hostKey = next;
        server = await startServer(port);
      },
    },
    setLogin: (settings) => void Object.assign(login, usualLogin, settings),
    api: { stop: stopApi, start: startApi },
    setClock: (offsetMs) => {
      clockOffsetMs = offsetMs;
    },
    disk,
    licences,
    stop: async () => {
      for (const stop of stopping) stop();
      await disk?.close();
    },
  };
}
