import { userInfo } from 'node:os';
import { connectModes } from '../src-shared/model/appliance/connectModes.ts';
import { maxProbeAgeMs } from '../src-shared/model/tunnels/probe.ts';
import { createAudit } from './audit/audit.ts';
import { createApplianceActions, type OpenTerminal } from './links/applianceActions.ts';
import { createFleet } from './fleet/fleet.ts';
import { createImportActions } from './links/importActions.ts';
import { createKnownHosts, defaultKnownHostsFiles } from './links/knownHosts.ts';
import { createLinkLimits } from './links/linkLimits.ts';
import { createLinks } from './links/links.ts';
import { createReconnects } from './links/reconnects.ts';
import { createSessionOpener } from './links/sessionOpener.ts';
import { createPrompts } from './links/prompts.ts';
import { createInventory } from './inventory/inventory.ts';
import { createLog, type Log } from './base/log.ts';
import { credentialsOf } from './secrets/credentials.ts';
import { noKeyStore, type KeyStore } from './secrets/keyStore.ts';
import { createSecrets, type AskVaultPassphrase } from './secrets/secrets.ts';
import { createSsh2Transport } from './ssh/transport/ssh2Transport.ts';
import type { AskSecret, SshTransport } from './ssh/types.ts';
import { openStore } from './store/store.ts';
import { followFleet } from './syslog/followFleet.ts';
import { createConfiguration } from './configuration/configuration.ts';
import { createFanOut } from './fanOut/fanOut.ts';
import { createConnectedWindow } from './licences/connectedWindow/connectedWindow.ts';
import { createLicenceWork } from './licences/licenceWork.ts';
import { createLicences } from './licences/licences.ts';
import { createAccountChanges } from './usage/accountChanges.ts';
import { createDailySamples } from './usage/dailySamples.ts';
import { createKeptCounts } from './usage/keptCounts.ts';
import { createUsage } from './usage/usage.ts';
import { createUsageWarnings } from './usage/usageWarnings.ts';
import { createStatementExports } from './support/statementExports.ts';
import { createHandOver } from './handOver/handOver.ts';
import { createNotifications } from './notifications/notifications.ts';
import { createNotificationTargets } from './notifications/targets/notificationTargets.ts';
import { createChangeRows } from './tunnels/changeRows.ts';
import { createPorts } from './tunnels/ports.ts';
import { createTraffic } from './tunnels/traffic.ts';
import { createPolicy } from './policy/policy.ts';
import { policyPaths } from './policy/policyFile.ts';
import { createProber } from './tunnels/probe/prober.ts';
import { programVersion } from './base/programVersion.ts';
import { createTrust } from './trust/trust.ts';
import { createSyslog } from './syslog/syslog.ts';
import { createCustomerSender } from './tenants/customerSender.ts';
import { createGroupKeys } from './tenants/groupKeys.ts';
import { createTenantNotes } from './tenants/tenantNotes.ts';
import { createTenantChanges } from './tenants/tenantChanges.ts';
import { minuteMs, secondMs } from '../src-shared/base/time.ts';
import { createChangeFeed } from './base/changeFeed.ts';
import { createFleetWatch } from './fleet/watchFleet.ts';
import { createWatchedAppliances } from './fleet/watchedAppliances.ts';
import { readExplainRules } from './syslog/explainRules.ts';
import { createForwarding } from './syslog/forward/forwarding.ts';
import { createLogWatch } from './syslog/watch/logWatch.ts';
import { readKeptHistory } from './syslog/kept/keptHistory.ts';
import { createLogTail } from './syslog/kept/logTail.ts';
import { createKeptLogs } from './syslog/kept/keptLogs.ts';
import { createLogEngineClient } from './syslog/store/process/engineClient.ts';
import { forkEngine } from './syslog/store/process/forkEngine.ts';
import type { EngineChannel } from './syslog/store/process/protocol.ts';
import { createLogExports } from './support/logExports.ts';
import { createLogSearch } from './syslog/search/logSearch.ts';
import { createTailSource } from './syslog/tailSource.ts';
import { auditedSyslog } from './syslog/auditedSyslog.ts';

/** How long links and tails stay up after their last use. */
const linkLingerMs = 5 * minuteMs;
const tailLingerMs = 30 * secondMs;
/** A watcher gets at most one event per this time. */
const changesBatchMs = 200;

export type HostName = 'desktop' | 'web' | 'cli';

/** All services of the console. The page, the command line and the tests use the same services. */
export type Services = ReturnType<typeof createServices>;

/** Name of the user of this computer. This user is admin, because roles can't be assigned yet. */
function localOperator(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Runs every step, even if an earlier one fails. Then throws the first error. */
function runAll(steps: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}

type ServicesOptions = {
  dataFolder: string;
  host: HostName;
  operator?: string;
  transport?: SshTransport;
  clock?: () => number;
  log?: Log;
  /** True if the appliances are those of the included lab. */
  lab?: boolean;
  /** The address of the lab's licence authority. */
  labAuthority?: string | undefined;
  version?: string;
  /** Requests secrets, e.g. on the terminal. If undefined, they are requested by prompts of the page. */
  askSecret?: AskSecret;
  /** Asks for the passphrase of the vault, e.g. on the terminal. If undefined, the page asks for it. */
  askVaultPassphrase?: AskVaultPassphrase;
  /** The key store of the operating system, on the desktop. */
  keyStore?: KeyStore;
  /** Null or undefined on a host that can't open a terminal. */
  openTerminal?: OpenTerminal | null;
  /** Starts the process of the log store; by default with Node's `fork`. */
  forkEngine?: (folder: string) => EngineChannel;
  /** By default, the known_hosts files of this user and this computer. */
  knownHostsFiles?: readonly string[];
  /** The managed policy files to look for; by default, those of this computer. */
  policyFiles?: readonly string[];
};

/** Opens the store, and creates the services that most others use. */
function createBasis(options: ServicesOptions) {
  const { clock = Date.now, log = createLog(), operator = localOperator() } = options;
  const store = openStore({
    folder: options.dataFolder,
    onPollFailed: (thrown) =>
      log.error({ err: thrown }, 'could not check for changes made by another console'),
  });
  const changes = createChangeFeed({ batchMs: changesBatchMs });
  const audit = createAudit({
    store,
    changes,
    actor: { operator, role: 'admin', source: `${options.host} pid ${process.pid}` },
    clock,
    log,
  });
  try {
    audit.endInterrupted();
  } catch (thrown) {
    log.error({ err: thrown }, 'interrupted actions could not be recorded');
  }
  return {
    clock,
    log,
    operator,
    store,
    changes,
    audit,
    inventory: createInventory({ store, clock, operator }),
    policy: createPolicy({ paths: options.policyFiles ?? policyPaths(), clock, log, changes }),
  };
}

/**
 * Creates all services of the console. Connects to no appliance until a link is needed. Throws
 * STORE_FROM_FUTURE or STORE_FAILED.
 */
export function createServices(options: ServicesOptions) {
  const { transport = createSsh2Transport(), openTerminal = null, askSecret } = options;
  const { operator, ...basis } = createBasis(options);
  const { inventory, audit, changes, store, clock, log, policy } = basis;
  const applianceIds = () => inventory.list().map((entry) => entry.id);
  /** The appliances that showing the fleet is a reason to connect to. */
  const fleetIds = () =>
    inventory.list().flatMap(({ id, connect }) => (connectModes[connect].isForFleet ? [id] : []));
  const prompts = createPrompts({ clock, changes });
  const knownHosts = createKnownHosts({ files: options.knownHostsFiles ?? defaultKnownHostsFiles, log });
  const secrets = createSecrets({
    ...basis,
    dataFolder: options.dataFolder,
    keyStore: options.keyStore ?? noKeyStore,
    askPassphrase: options.askVaultPassphrase ?? null,
  });
  const storedSecrets = secrets.stored.of;
  const sessions = createSessionOpener({
    ...basis,
    knownHosts,
    transport,
    prompts,
    askSecret,
    storedSecrets,
  });
  const linkLimits = createLinkLimits(basis);
  const links = createLinks({
    ...basis,
    prompts,
    settings: linkLimits.get,
    lingerMs: linkLingerMs,
    waitsForSecrets: askSecret !== undefined,
    openSession: sessions.open,
  });
  secrets.onUnlocked(() =>
    links.retryWithoutSecret(
      inventory.list().flatMap((entry) => (credentialsOf(entry).length > 0 ? [entry.id] : [])),
    ),
  );
  const reconnects = createReconnects(links);
  const shared = { ...basis, links, reconnectedAt: reconnects.at };
  const tailSource = createTailSource({
    links,
    knownStatus: (applianceId) => fleet.known(applianceId).status?.value ?? null,
  });
  const keptLogs = createKeptLogs({
    source: tailSource,
    clock,
    startEngine: () =>
      createLogEngineClient({ start: () => (options.forkEngine ?? forkEngine)(options.dataFolder) }),
    onCloseFailed: (thrown) => log.error({ err: thrown }, 'could not close the log store'),
  });
  const syslog = createSyslog({
    lingerMs: tailLingerMs,
    source: tailSource,
    startTail: (tail) =>
      createLogTail(
        {
          ...tailSource,
          logs: keptLogs,
          readHistory: (applianceId, limit) => readKeptHistory(keptLogs.engine(), { applianceId, limit }),
          clock,
        },
        tail,
      ),
  });
  const keptCounts = createKeptCounts({ store, clock });
  const samples = createDailySamples({ links, kept: keptCounts, entries: inventory.list, clock, log });
  const usage = createUsage({ inventory, links, store, kept: keptCounts, audit, clock });
  const usageWarnings = createUsageWarnings({ ...basis, kept: keptCounts, thresholds: usage.thresholds });
  const prober = createProber({
    ...shared,
    tenants: (applianceId) => fleet.networks(applianceId),
    observe: (applianceId) => fleet.refresh([applianceId]),
    applianceIds,
  });
  const licenceWork = createLicenceWork({
    ...basis,
    operator,
    licenceOf: (applianceId) => fleet.known(applianceId).licence?.value ?? null,
  });
  const fleet = createFleet({
    ...shared,
    scheduleOf: licenceWork.scheduleOf,
    probes: prober.results,
    onProbed: prober.onResults,
    onMachineReplaced: (applianceId) => {
      prober.forget(applianceId);
      keptCounts.forget(applianceId);
      samples.forget(applianceId);
    },
    maxProbeAgeMs: () => maxProbeAgeMs(prober.settings()),
    wasConnected: createChangeRows({ store }).hadSession,
    linesPerSecond: syslog.linesPerSecond,
  });
  const tenants = createTenantChanges({ ...shared, fleet });
  const ports = createPorts({ ...shared, fleet, prober, quotaBefore: tenants.quotaBefore });
  const licences = createLicences({
    ...shared,
    fleet,
    operator,
    tunnelsOf: ports.list,
    onTripChanged: licenceWork.onTripChanged,
  });
  const connectedWindow = createConnectedWindow({
    ...shared,
    fleet,
    operator,
    tunnelsOf: ports.list,
    openTrip: licences.openTripOf,
    recordRollback: licences.recordRollback,
    assertAllowed: policy.assertConnectedWindow,
  });
  const logWatch = createLogWatch({
    store,
    inventory,
    audit,
    keptLogs,
    tenantsOf: fleet.networks,
    clock,
    log,
  });
  const logs = createLogSearch({
    ...shared,
    keptLogs,
    tenantsOf: (applianceId) => ports.tenants(applianceId).map(({ tenant }) => tenant),
  });
  const notifications = createNotifications({
    ...shared,
    ports,
    appliances: createWatchedAppliances({ inventory, links, fleet }),
    alerts: logWatch.alerts,
    amounts: usageWarnings.alerts,
    reminders: () =>
      inventory.list().flatMap(({ id }) => {
        const licence = fleet.known(id).licence?.value;
        return licence === undefined
          ? []
          : [{ applianceId: id, reminders: licenceWork.dueReminders(id, licence) }];
      }),
  });
  const configuration = createConfiguration({ inventory, links, audit, clock, operator });
  const fanOut = createFanOut({ ...shared, fleet, tenants, configuration, operator });
  const notificationTargets = createNotificationTargets({
    ...basis,
    dataFolder: options.dataFolder,
    isQuietNow: notifications.isQuietNow,
  });
  const appliances = createApplianceActions({
    ...shared,
    prompts,
    transport,
    knownHosts,
    openTerminal,
  });
  /** Watches the fleet. Also probes and records tunnels, and follows the logs of a small fleet. */
  const watchFleet = createFleetWatch({
    fleet,
    holds: [
      () => followFleet({ applianceIds: fleetIds, onChange: inventory.onChange, follow: syslog.follow }),
      prober.hold,
      ports.hold,
      logWatch.hold,
      samples.hold,
    ],
  });
  /** Watches the fleet for notifications only, without a page that shows logs. */
  const watchForNotifications = createFleetWatch({
    fleet,
    holds: [prober.hold, ports.hold, logWatch.hold, samples.hold],
  });

  const forwarding = createForwarding({ dataFolder: options.dataFolder, store, inventory, audit, keptLogs });
  const { version = programVersion } = options;
  const host = options.host === 'desktop' ? ('desktop' as const) : ('web' as const);

  return {
    log,
    policy,
    trust: createTrust({
      ...basis,
      links,
      secrets,
      host,
      version,
      targets: notificationTargets,
      forwarding,
      openWindows: connectedWindow.listOpen,
    }),
    about: {
      version,
      host,
      operator,
      lab: options.lab ?? false,
      labAuthority: options.labAuthority ?? null,
      canOpenTerminal: openTerminal !== null,
    },
    inventory,
    appliances,
    imports: createImportActions({ inventory, appliances }),
    secrets,
    links,
    linkLimits,
    prompts,
    fleet,
    tenants,
    tenantNotes: createTenantNotes({ inventory, audit, store, clock, operator }),
    configuration,
    fanOut,
    groupKeys: createGroupKeys({ inventory, links, audit }),
    customerSender: createCustomerSender({ audit, store, policy }),
    ports,
    traffic: createTraffic({ ...shared, readTenants: fleet.readTenants }),
    prober,
    notifications,
    notificationTargets,
    licences,
    connectedWindow,
    licenceWork,
    usage,
    statementExports: createStatementExports({ inventory, usage }),
    accountChanges: createAccountChanges({ inventory, links, audit, kept: keptCounts }),
    usageSamples: samples,
    usageWarnings,
    handOver: createHandOver({ inventory, fleet, audit }),
    syslog: auditedSyslog({ syslog, inventory, audit }),
    keptLogs,
    logs,
    explainRules: () => readExplainRules(options.dataFolder),
    logExports: createLogExports({ ...shared, fleet, engine: keptLogs.engine, resolve: logs.resolve }),
    forwarding,
    logWatch,
    watchFleet,
    watchForNotifications,
    audit,
    /** Ends all sessions, streams and timers, and saves pending data. */
    close: async () => {
      await Promise.all([connectedWindow.close(), fanOut.close()]);
      await keptLogs.close();
      runAll([
        logWatch.close,
        policy.close,
        notifications.close,
        usageWarnings.close,
        keptCounts.close,
        licences.close,
        licenceWork.close,
        ports.close,
        tenants.close,
        prober.close,
        syslog.close,
        changes.close,
        fleet.close,
        reconnects.close,
        links.close,
        secrets.close,
        linkLimits.close,
        sessions.close,
        store.close,
      ]);
    },
  };
}
