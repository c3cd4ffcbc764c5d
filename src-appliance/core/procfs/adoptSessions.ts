import { secondMs } from '../../../src-shared/base/time.ts';
import { findTenantById, readPortOwners } from '../tenants/authorization.ts';
import { saveLogin, type LoginRecord } from '../sessions/loginRecords.ts';
import type { ProcfsParts } from './connections.ts';
import {
  readSocketInodes,
  readTcpSockets,
  readUser,
  sshdNames,
  startedAt,
  type ProcessStat,
} from './procfs.ts';

/** A younger session is not adopted, so that a login that is recorded late is no lost one **[ours]**. */
const minAdoptionAgeMs = secondMs;
/** No monitor has this start time. */
const adoptedStartTicks = 0;

/** Whether the record stands for a session whose own login record is missing. */
export function isAdopted({ monitorStartTicks }: LoginRecord): boolean {
  return monitorStartTicks === adoptedStartTicks;
}

/**
 * Session processes of the connect user whose login is not recorded: the record was lost, or sshd's monitor
 * process died before anything saw the session. `known`: process IDs of recorded logins.
 */
async function findUnrecorded(
  { procFolder, now }: ProcfsParts,
  seen: { processes: readonly ProcessStat[]; known: ReadonlySet<number>; userId: number },
): Promise<ProcessStat[]> {
  const { processes, known, userId } = seen;
  const found: ProcessStat[] = [];
  for (const process of processes) {
    if (!sshdNames.has(process.name) || known.has(process.pid)) continue;
    if ((await readUser(process.pid, procFolder)) === userId) found.push(process);
  }
  // A session's own children have its name until they run the client's command.
  const sessions = new Set([...known, ...found.map(({ pid }) => pid)]);
  return found.filter(
    (process) => !sessions.has(process.parent) && now() - startedAt(process, now()) >= minAdoptionAgeMs,
  );
}

/** The tenant that owns the ports on which the process listens. Null if it listens on no tenant's port. */
async function findOwner(
  process: ProcessStat,
  parts: ProcfsParts,
  listening: ReadonlyMap<string, number>,
): Promise<string | null> {
  const owners = readPortOwners(parts.config.stateFolder);
  for (const inode of await readSocketInodes(process.pid, parts.procFolder)) {
    const owner = owners.get(listening.get(inode) ?? 0);
    if (owner !== undefined) return owner;
  }
  return null;
}

/**
 * Records to which tenant each unrecorded session belongs, so that commands show and end it like any other.
 * Sshd lets a session listen only on its tenant's ports, so its ports identify the tenant. Its key is unknown.
 */
export async function adoptSessions(
  parts: ProcfsParts,
  seen: { processes: readonly ProcessStat[]; known: ReadonlySet<number>; userId: number },
): Promise<{ record: LoginRecord; session: ProcessStat }[]> {
  const unrecorded = await findUnrecorded(parts, seen);
  if (unrecorded.length === 0) return [];
  const { runFolder, stateFolder } = parts.config;
  const sockets = await readTcpSockets(parts.procFolder);
  const listening = new Map(
    sockets.filter(({ state }) => state === 'listening').map(({ inode, localPort }) => [inode, localPort]),
  );
  const adopted: { record: LoginRecord; session: ProcessStat }[] = [];
  for (const session of unrecorded) {
    const clientId = await findOwner(session, parts, listening);
    if (clientId === null) continue;
    const record = {
      // No other process can have this ID while the session lives.
      monitorPid: session.pid,
      monitorStartTicks: adoptedStartTicks,
      clientId,
      fingerprint: '',
      // A change that takes ports from a tenant ends its sessions, so this one has no others.
      ports: findTenantById({ stateFolder, clientId })?.ports ?? [],
      at: new Date(startedAt(session, parts.now())).toISOString(),
      ticketHash: null,
      session: { pid: session.pid, startTicks: session.startTicks },
    };
    try {
      saveLogin(runFolder, record);
    } catch {
      // Ignore that the run folder is full: the session is then adopted again by the next command.
    }
    adopted.push({ record, session });
  }
  return adopted;
}
