import { join } from 'node:path';
import { z } from 'zod';
import type { ApplianceConfig } from '../core/config.ts';
import type { Channels } from './channels.ts';
import type { ServiceLog } from './syslog.ts';
import { countPorts, portSchema, rangeSize } from '../../src-shared/model/tenants/ports.ts';
import { findTenantById, readPortOwners } from '../core/tenants/authorization.ts';
import { readRecord, writeRecord } from '../core/state/runRecords.ts';
import { createLineBudget } from './lineBudget.ts';
import { createListeningPorts, type ListeningPorts } from './listeningPorts.ts';

/** Maximum number of checks that wait for the announcement of a new port's destination **[ours]**. */
const maxAnnouncementChecks = 3;
/** Maximum number of checks that wait for a session's channel. Plain ssh never opens one **[ours]**. */
const maxChannelChecks = 1;
/**
 * Maximum number of checks that wait for sessions to return after the service was restarted **[ours]**.
 */
const maxReturnChecks = 30;

const unannounced = 'not announced';

const openForwardSchema = z.strictObject({
  port: portSchema,
  clientId: z.string(),
  destination: z.string(),
  /** Inodes of the port's listening sockets at the last check. Absent in records of an older service. */
  sockets: z.array(z.int()).optional(),
});
type OpenForward = z.infer<typeof openForwardSchema>;
/** An open port whose destination may still be announced. `checks`: number of checks since it opened. */
type Waiting = { checks: number; clientId: string; sockets: number[] };
type Destinations = ReturnType<Channels['destinations']>;

/** The file that stores open forwards, so that a restarted service doesn't log them again. */
const kind = { schema: z.array(openForwardSchema), maxBytes: 16 * 1024 * 1024 };

/**
 * Whether a socket of this forward still exists. If all sockets are new, this forward is gone and another one
 * has taken its port.
 */
function hasSocketOf({ sockets }: Pick<OpenForward, 'sockets'>, now: readonly number[]): boolean {
  return sockets === undefined || sockets.some((inode) => now.includes(inode));
}

/**
 * What a port leads to. If sessions announced different destinations, the service can't know which of them
 * holds the port. An open forward keeps its destination, because a later session can't take its port.
 */
function chooseDestination(
  announced: ReadonlySet<string> | undefined,
  { known, sockets }: { known: OpenForward | undefined; sockets: readonly number[] },
): string | undefined {
  if (announced === undefined) return undefined;
  const isKept = known !== undefined && announced.has(known.destination) && hasSocketOf(known, sockets);
  return isKept ? known.destination : [...announced].join(' or ');
}

/**
 * Logs tenant, port and destination when a forward opens or closes **[doc; the format is ours]**. sshd opens
 * the forwards. So this compares the sockets on which sshd listens with those of the last check. It misses a
 * forward that opens and closes between two checks.
 */
export function createForwardLog(options: {
  config: Pick<ApplianceConfig, 'runFolder' | 'stateFolder' | 'portRange'>;
  connectUserId: number;
  channels: Pick<Channels, 'destinations'>;
  log: ServiceLog;
}) {
  const { config, channels } = options;
  const readListening = createListeningPorts({ userId: options.connectUserId, range: config.portRange });
  const path = join(config.runFolder, 'service', 'forwards.json');
  const open = new Map((readRecord(path, kind) ?? []).map((forward) => [forward.port, forward]));
  const waitingPorts = new Map<number, Waiting>();
  const budget = createLineBudget({ log: options.log, portCount: rangeSize(config.portRange) });

  const say = (what: string, { port, clientId, destination }: OpenForward) => {
    const ports = findTenantById({ stateFolder: config.stateFolder, clientId })?.ports ?? [];
    budget.log(
      { clientId, portCount: countPorts(ports) },
      `forward ${what}: tenant ${clientId}, port ${port}, to ${destination}`,
    );
  };

  let checks = 0;
  /** The destination of an open port. Null while it may still be announced. */
  const findDestination = (
    seen: Omit<Waiting, 'checks'> & { port: number },
    announcements: Destinations,
  ): string | null => {
    const { clientId, port, sockets } = seen;
    const known = open.get(port);
    const destination = chooseDestination(announcements.announced.get(port), { known, sockets });
    if (destination !== undefined || known?.destination === unannounced) {
      waitingPorts.delete(port);
      return destination ?? unannounced;
    }
    const waited = waitingPorts.get(port)?.checks ?? 0;
    waitingPorts.set(port, { checks: waited + 1, clientId, sockets });
    const isReturning = known !== undefined && checks < maxReturnChecks;
    const limit = isReturning
      ? maxReturnChecks
      : announcements.isExpected || known !== undefined
        ? maxAnnouncementChecks
        : maxChannelChecks;
    return waited < limit ? null : unannounced;
  };
  let isStored = true;
  const close = (forward: OpenForward) => {
    open.delete(forward.port);
    waitingPorts.delete(forward.port);
    isStored = false;
    say('closed', forward);
  };

  /** Logs ports that closed before they were announced, because they were open too. */
  const logMissedPorts = (listening: ListeningPorts) => {
    for (const [port, waiting] of waitingPorts) {
      const isThere = hasSocketOf(waiting, listening.get(port) ?? []);
      if (open.has(port) || isThere) continue;
      waitingPorts.delete(port);
      const missed = { port, clientId: waiting.clientId, destination: unannounced };
      say('opened', missed);
      say('closed', missed);
    }
  };

  return {
    /** Checks the ports. Throws if the result can't be stored; the next check tries again. */
    check: async (): Promise<void> => {
      const listening = await readListening();
      checks += 1;
      logMissedPorts(listening);
      for (const forward of open.values()) {
        const sockets = listening.get(forward.port);
        if (sockets === undefined || !hasSocketOf(forward, sockets)) close(forward);
      }
      const owners = readPortOwners(config.stateFolder);
      const announcements = new Map<string, Destinations>();
      for (const [port, sockets] of listening) {
        const clientId = owners.get(port);
        if (clientId === undefined) continue;
        const ownAnnouncements = announcements.get(clientId) ?? channels.destinations(clientId);
        announcements.set(clientId, ownAnnouncements);
        const destination = findDestination({ clientId, port, sockets }, ownAnnouncements);
        if (destination === null) continue;
        const known = open.get(port);
        const isKnown = known?.clientId === clientId && known.destination === destination;
        if (isKnown && known.sockets?.join() === sockets.join()) continue;
        if (known !== undefined && !isKnown) close(known);
        const forward = { port, clientId, destination, sockets };
        open.set(port, forward);
        waitingPorts.delete(port);
        isStored = false;
        if (!isKnown) say('opened', forward);
      }
      budget.reportDropped();
      if (isStored) return;
      writeRecord(path, [...open.values()]);
      isStored = true;
    },
  };
}
