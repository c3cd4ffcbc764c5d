import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Who logs in through which sshd process: written by the authorized-keys command, whose parent is that process
 * (sshd's monitor of the connection), read by the commands. On the log-in path, hence no zod.
 */
export type LogInRecord = {
  monitorPid: number;
  /** With the pid it names a process for ever: pids are reused, start times are not. */
  monitorStartTicks: number;
  clientId: string;
  fingerprint: string;
  ports: { first: number; last: number }[];
  at: string;
};

const logInFolder = 'auth';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parse(text: string): LogInRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { monitorPid, monitorStartTicks, clientId, fingerprint, ports, at } = value;
  if (typeof monitorPid !== 'number' || typeof monitorStartTicks !== 'number') return null;
  if (typeof clientId !== 'string' || typeof fingerprint !== 'string' || typeof at !== 'string') return null;
  if (!Array.isArray(ports)) return null;
  const ranges = ports.flatMap((range: unknown) => {
    if (!isRecord(range)) return [];
    const { first, last } = range;
    return typeof first === 'number' && typeof last === 'number' ? [{ first, last }] : [];
  });
  return { monitorPid, monitorStartTicks, clientId, fingerprint, ports: ranges, at };
}

function pathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, logInFolder, `${monitorPid}.json`);
}

/** The latest offered key counts: sshd asks again for the key that the client then signs with. */
export function saveLogIn(runFolder: string, record: LogInRecord): void {
  const path = pathOf(runFolder, record.monitorPid);
  const beside = `${path}.${randomUUID()}.new`;
  writeFileSync(beside, JSON.stringify(record), { mode: 0o640, flag: 'wx' });
  renameSync(beside, path);
}

function loadLogIn(runFolder: string, monitorPid: number): LogInRecord | null {
  try {
    return parse(readFileSync(pathOf(runFolder, monitorPid), 'utf8'));
  } catch {
    return null;
  }
}

export function loadLogIns(runFolder: string): LogInRecord[] {
  return readdirSync(join(runFolder, logInFolder))
    .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
    .flatMap((pid) => loadLogIn(runFolder, Number(pid)) ?? []);
}

function seenPathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, logInFolder, `${monitorPid}.seen`);
}

/** The session that a log-in became, as a command first saw it. */
export type SeenSession = {
  sessionPid: number;
  sessionStartTicks: number;
  peerAddress: string | null;
  peerPort: number | null;
};

type Monitor = Pick<LogInRecord, 'monitorPid' | 'monitorStartTicks'>;

/**
 * Remembers that the log-in became a session: its end can then be told, and it be found without its monitor. Written
 * beside and renamed: commands run in parallel and may be killed. Never throws: to see a session and to end it must
 * not depend on what is remembered of it.
 */
export function markSeen(runFolder: string, monitor: Monitor, seen: SeenSession): void {
  if (loadSeen(runFolder, monitor) !== null) return;
  const path = seenPathOf(runFolder, monitor.monitorPid);
  const beside = `${path}.${randomUUID()}.new`;
  const data = JSON.stringify({ monitorStartTicks: monitor.monitorStartTicks, ...seen });
  try {
    // Root writes here into another user's folder: `wx` and a rename follow no link that somebody laid there.
    writeFileSync(beside, data, { mode: 0o600, flag: 'wx' });
    renameSync(beside, path);
  } catch {
    rmSync(beside, { force: true });
  }
}

/** Null when it never became a session that a command saw. */
export function loadSeen(runFolder: string, monitor: Monitor): SeenSession | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(seenPathOf(runFolder, monitor.monitorPid), 'utf8'));
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { monitorStartTicks, sessionPid, sessionStartTicks, peerAddress, peerPort } = value;
  if (monitorStartTicks !== monitor.monitorStartTicks) return null;
  if (typeof sessionPid !== 'number' || typeof sessionStartTicks !== 'number') return null;
  return {
    sessionPid,
    sessionStartTicks,
    peerAddress: typeof peerAddress === 'string' ? peerAddress : null,
    peerPort: typeof peerPort === 'number' ? peerPort : null,
  };
}

export function forgetLogIn(runFolder: string, monitorPid: number): void {
  rmSync(seenPathOf(runFolder, monitorPid), { force: true });
  rmSync(pathOf(runFolder, monitorPid), { force: true });
}
