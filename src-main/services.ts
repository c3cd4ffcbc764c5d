import { userInfo } from 'node:os';
import type { SyslogBatch } from '../src-shared/contract/syslog.ts';
import type { SyslogLine } from '../src-shared/model/syslog/syslogLine.ts';
import { createAnswerReader } from './driver/answerReader.ts';
import { createDriver } from './driver/driver.ts';
import { probeGoodForMs } from '../src-shared/model/tunnels/probe.ts';
import { createAudit, type Audit } from './audit/audit.ts';
import { createApplianceActions, type ApplianceActions } from './links/applianceActions.ts';
import { createFleet, type Fleet } from './fleet/fleet.ts';
import { pinnedKeysOnly } from './links/hops.ts';
import { createLinks, type Links } from './links/links.ts';
import { syslogPath } from './fleet/syslogPath.ts';
import { createPrompts, type Prompts } from './links/prompts.ts';
import { createInventory, type Inventory } from './inventory/inventory.ts';
import { createLog, type Log } from './base/log.ts';
import { createHandshakes } from './ssh/session/handshakes.ts';
import { createSession } from './ssh/session/session.ts';
import { createSsh2Transport } from './ssh/transport/ssh2Transport.ts';
import type { AskSecret, SshTransport } from './ssh/types.ts';
import { openStore } from './store/store.ts';
import { followFleet } from './syslog/followFleet.ts';
import { createHandOver, type HandOver, type HandOverRequest } from './handOver/handOver.ts';
import { createNotifications, type Notifications } from './notifications/notifications.ts';
import { createPorts, type Ports } from './tunnels/ports.ts';
import { createProber, type Prober } from './tunnels/probe/prober.ts';
import { programVersion } from './base/programVersion.ts';
import { createSyslog, type Syslog } from './syslog/syslog.ts';
import { createTenantChanges, type TenantChanges } from './tenants/tenantChanges.ts';

/** How long links and tails stay up after the last one who needed them left. */
const linkLingerMs = 5 * 60_000;
const tailLingerMs = 30_000;

export type HostName = 'desktop' | 'web' | 'cli';

/** Every service of the console, built once and shared by whoever asks: page, command line, tests. */
export type Services = {
  log: Log;
  about: { version: string; host: 'desktop' | 'web'; operator: string; lab: boolean };
  inventory: Inventory;
  appliances: ApplianceActions;
  links: Links;
  prompts: Prompts;
  fleet: Fleet;
  tenants: TenantChanges;
  ports: Ports;
  prober: Prober;
  notifications: Notifications;
  handOver: (request: HandOverRequest) => HandOver;
  syslog: Syslog;
  /** `fleet.watch`; meanwhile the logs of a fleet that is not too large are followed. */
  watchFleet: Fleet['watch'];
  /** `syslog.tail`, with its start in the audit trail. Throws NOT_FOUND before anything starts. */
  tailSyslog: (request: {
    applianceIds: readonly string[];
    lines: number;
    signal: AbortSignal;
  }) => AsyncGenerator<SyslogBatch, void, void>;
  /** `syslog.last`, recorded the same way. */
  lastSyslog: (applianceId: string, lines: number) => Promise<readonly SyslogLine[]>;
  audit: Audit;
  /** Ends every session, stream and timer, and writes what waits. */
  close: () => Promise<void>;
};

/** The person at this computer; until roles can be given out they are admin. */
function localOperator(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Throws STORE_FROM_FUTURE or STORE_FAILED. Nothing connects before somebody needs a link. */
export function createServices(options: {
  dataFolder: string;
  host: HostName;
  operator?: string;
  transport?: SshTransport;
  clock?: () => number;
  log?: Log;
  /** The appliances are those of the lab that came with the program. */
  lab?: boolean;
  version?: string;
  /** Asks in another way than through prompts, e.g. on the terminal. */
  askSecret?: AskSecret;
}): Services {
  const clock = options.clock ?? Date.now;
  const log = options.log ?? createLog();
  const operator = options.operator ?? localOperator();
  const transport = options.transport ?? createSsh2Transport();
  const store = openStore({
    folder: options.dataFolder,
    onPollFailed: (thrown) => log.error({ err: thrown }, 'changes of another console not seen'),
  });
  const audit = createAudit({
    store,
    actor: { operator, role: 'admin', source: `${options.host} pid ${process.pid}` },
    clock,
  });
  const inventory = createInventory({ store, clock, operator });
  const prompts = createPrompts({ clock });
  const handshakes = createHandshakes();
  const verifyHostKey = pinnedKeysOnly(inventory);
  const answerReader = createAnswerReader({
    onFailed: (thrown) => log.error({ err: thrown }, 'large answers not read'),
  });
  const links = createLinks({
    inventory,
    audit,
    prompts,
    clock,
    lingerMs: linkLingerMs,
    log,
    waitsForSecrets: options.askSecret !== undefined,
    openSession: (entry) => {
      const session = createSession({
        target: entry.target,
        jumps: entry.jumps,
        sudo: entry.sudo,
        legacyAlgorithms: entry.legacyAlgorithms,
        transport,
        verifyHostKey,
        pinnedTypes: (hop) => {
          const type = inventory.pinned(hop)?.type ?? '';
          return type === '' ? [] : [type];
        },
        askSecret: options.askSecret ?? ((question) => prompts.ask(entry.id, question)),
        handshakes,
      });
      const driver = createDriver(session, {
        sudo: entry.sudo,
        read: (kind, text) => answerReader.read({ owner: entry.id, kind, text }),
      });
      return { session, driver };
    },
  });
  const syslog = createSyslog({
    clock,
    lingerMs: tailLingerMs,
    source: {
      hold: links.hold,
      start: async (applianceId, lines) => {
        if (links.state(applianceId).state !== 'connected') return null;
        const { driver } = links.of(applianceId);
        const known = fleet.known(applianceId).status?.value ?? (await driver.status().catch(() => null));
        return driver.syslogTail({ path: syslogPath(known), lines });
      },
      onLinkUp: (applianceId, listener) =>
        links.onChange((id, state) => {
          if (id === applianceId && state.state === 'connected') listener();
        }),
      onRemoved: links.onRemoved,
    },
  });
  const prober = createProber({
    links,
    audit,
    store,
    tenants: (applianceId) => fleet.networks(applianceId),
    observe: (applianceId) => fleet.refresh([applianceId]),
    applianceIds: () => inventory.list().map((entry) => entry.id),
    clock,
    log,
  });
  const fleet = createFleet({
    probes: prober.results,
    onProbed: prober.onResults,
    onElsewhere: prober.forget,
    probeGoodForMs: () => probeGoodForMs(prober.settings()),
    inventory,
    links,
    audit,
    prompts,
    store,
    clock,
    log,
    linesPerSecond: syslog.linesPerSecond,
  });
  const tenants = createTenantChanges({ inventory, links, fleet, audit, store, clock, log });
  const ports = createPorts({
    inventory,
    links,
    fleet,
    prober,
    quotaBefore: tenants.quotaBefore,
    store,
    clock,
    log,
  });
  const notifications = createNotifications({ ports, audit, store, clock, log });
  ports.onChange(fleet.markPorts);
  notifications.onChange(fleet.markNotifications);
  const recordTail = (ids: readonly string[]) => {
    const names = ids.map((id) => inventory.get(id).name);
    audit.event({ event: 'syslog.tail', object: names.join(', ') });
  };
  const appliances = createApplianceActions({ inventory, links, audit, prompts, transport });

  return {
    log,
    about: {
      version: options.version ?? programVersion,
      host: options.host === 'desktop' ? 'desktop' : 'web',
      operator,
      lab: options.lab ?? false,
    },
    inventory,
    appliances,
    links,
    prompts,
    fleet,
    tenants,
    ports,
    prober,
    notifications,
    handOver: createHandOver({ inventory, fleet, audit }),
    syslog,
    watchFleet: async function* watchFleet(signal) {
      const stopFollowing = followFleet({
        applianceIds: () => inventory.list().map((entry) => entry.id),
        onChange: inventory.onChange,
        follow: syslog.follow,
      });
      const releases = [prober.hold(), ports.hold()];
      try {
        yield* fleet.watch(signal);
      } finally {
        stopFollowing();
        for (const release of releases) release();
      }
    },
    tailSyslog: (request) => {
      recordTail(request.applianceIds);
      return syslog.tail(request);
    },
    lastSyslog: (applianceId, lines) => {
      recordTail([applianceId]);
      return syslog.last(applianceId, lines);
    },
    audit,
    close: async () => {
      const failures: unknown[] = [];
      // A full disk or a locked store must not leave sessions and timers behind: every step runs.
      for (const end of [
        notifications.close,
        ports.close,
        tenants.close,
        prober.close,
        syslog.close,
        fleet.close,
        links.close,
        answerReader.close,
        store.close,
      ]) {
        try {
          end();
        } catch (thrown) {
          failures.push(thrown);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
