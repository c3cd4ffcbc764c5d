import { runProgram } from '../../../src-shared/node/runProgram.ts';
import { basename } from 'node:path';
import { hasPortOutside } from '../../../src-shared/model/tenants/allocation.ts';
import { findForwardingOff } from './forwardingOff.ts';
import { forgetLogin } from '../sessions/loginRecords.ts';
import { readServiceState } from '../sessions/serviceRecord.ts';
import { findConnections, type Connection, type ProcfsParts } from './connections.ts';
import { descendantsOf, killLogins, terminateProcesses } from './endProcesses.ts';
import { observeSessions } from './observeSessions.ts';
import {
  readLoginShell,
  readProcesses,
  readSocketInodes,
  readStat,
  readTcpSockets,
  readUser,
  readUserId,
  sshdNames,
  type ProcessStat,
} from './procfs.ts';
import type { Runtime, SessionSelection } from './runtime.ts';

/**
 * Finds tenants' sessions behind a stock sshd. The key look-up recorded the monitor process of each login;
 * its child process of the connect user is the session. This also works for `ssh -N`, which opens no session
 * channel. Needs root rights.
 */
export function createProcfsRuntime(parts: ProcfsParts): Runtime {
  const { runFolder } = parts.config;
  return {
    observe: () => observeSessions(parts),
    endSessions: (selection) => endSessions(parts, selection),
    endListener: (listener) => endListener(parts, listener),
    services: async () => {
      const processes = await readProcesses();
      return [
        describeDaemon(processes, 'sshd'),
        describeDaemon(processes, 'rsyslogd'),
        await readServiceState(runFolder, parts.now()),
      ];
    },
    findRefusingShell: () => findRefusingShell(parts.config.connectUser),
    findForwardingOff: () => findForwardingOff(parts.config.connectUser),
    sshdVersion: readSshdVersion,
  };
}

function isSelected(
  { record, session }: Pick<Connection, 'record' | 'session'>,
  selection: SessionSelection,
): boolean {
  if (record.clientId !== selection.clientId) return false;
  if (selection.keepFingerprints?.includes(record.fingerprint) === true) return false;
  // A login without a session may still get permissions from before the change, so end it. The client then
  // logs in again.
  if (session === null || selection.beyondPorts === undefined) return true;
  // sshd lets a session listen only on ports that it permitted at login.
  return hasPortOutside(record.ports, selection.beyondPorts);
}

async function endSessions(parts: ProcfsParts, selection: SessionSelection): Promise<number> {
  const { processes, connections, orphans } = await findConnections(parts);
  const selected = connections.filter((connection) => isSelected(connection, selection));
  const orphaned = orphans.filter((orphan) => isSelected(orphan, selection));
  const sessions = [
    ...selected.flatMap(({ monitor, session }) => (session === null ? [] : [monitor, session])),
    ...orphaned.map(({ session }) => session),
  ];
  await terminateProcesses([...sessions, ...descendantsOf(processes, sessions)]);
  await killLogins(selected.flatMap(({ monitor, session }) => (session === null ? [monitor] : [])));
  for (const { record } of [...selected, ...orphaned]) forgetLogin(parts.config.runFolder, record.monitorPid);
  return selected.filter(({ session }) => session !== null).length + orphaned.length;
}

async function endListener(
  { config }: ProcfsParts,
  { port, pid }: { port: number; pid: number },
): Promise<boolean> {
  const user = await readUserId(config.connectUser);
  const holder = await readStat(pid);
  // End only an sshd process of the connect user. Never end init or another service that holds the port.
  if (holder === null || !sshdNames.has(holder.name) || (await readUser(pid)) !== user) return false;
  const inodes = await readSocketInodes(pid);
  const holds = (await readTcpSockets()).some(
    ({ state, localPort, inode }) => state === 'listening' && localPort === port && inodes.has(inode),
  );
  if (!holds) return false;
  await terminateProcesses([holder]);
  return true;
}

function describeDaemon(processes: readonly ProcessStat[], name: string) {
  const found = processes.find(
    (process) =>
      process.name === name &&
      !processes.some((parent) => parent.pid === process.parent && parent.name === name),
  );
  return found === undefined
    ? { name, state: 'stopped' as const, detail: null }
    : { name, state: 'running' as const, detail: `pid ${found.pid}` };
}

/** The usual shells that run no command. sshd starts the registrar's client with the shell of the user. */
const refusingShells: ReadonlySet<string> = new Set(['nologin', 'false', 'true']);

async function findRefusingShell(connectUser: string): Promise<string | null> {
  const shell = await readLoginShell(connectUser);
  return shell !== null && refusingShells.has(basename(shell)) ? shell : null;
}

/** Runs `sshd -V`. Older versions don't know this option, but their error message contains the version. */
async function readSshdVersion(): Promise<string | null> {
  const output = await runProgram('/usr/sbin/sshd', ['-V']).then(
    ({ stderr }) => stderr,
    (error: unknown) =>
      error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '',
  );
  return /OpenSSH_[\w.]+/.exec(output)?.[0] ?? null;
}
