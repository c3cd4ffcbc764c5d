import { join } from 'node:path';
import { z } from 'zod';
import { portRangeSchema } from '../../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { listRecords, readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';

/**
 * The tenant of a login's sshd process. The service writes the record when sshd looks a key up, for the process that
 * asks (sshd's monitor of the connection); the commands read it.
 */
const logInRecordSchema = z.strictObject({
  monitorPid: z.int(),
  /** Together with the pid it identifies a process permanently: pids are reused, start times are not. */
  monitorStartTicks: z.int(),
  clientId: z.string(),
  fingerprint: z.string(),
  ports: z.array(portRangeSchema),
  at: instantSchema,
  /** SHA-256 of the one ticket that opens this login's session channel next; null in a record of an earlier kit. */
  ticketHash: z.string().nullable().default(null),
  /** The session's sshd, once it presented its ticket. No other process may present the next one. */
  session: z.strictObject({ pid: z.int(), startTicks: z.int() }).nullable().default(null),
});
export type LogInRecord = z.infer<typeof logInRecordSchema>;

const logInFolder = 'auth';
/** Enough for thousands of ranges. */
const kind = { schema: logInRecordSchema, maxBytes: 256 * 1024 };

function pathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, logInFolder, `${monitorPid}.json`);
}

/** The latest offered key counts, because sshd asks again for the key that the client then signs with. */
export function saveLogIn(runFolder: string, record: LogInRecord): void {
  writeRecord(pathOf(runFolder, record.monitorPid), record);
}

/** Null also for the record of an earlier process with the same number. */
export function loadLogIn(
  runFolder: string,
  monitor: { pid: number; startTicks: number },
): LogInRecord | null {
  const record = readRecord(pathOf(runFolder, monitor.pid), kind);
  return record?.monitorPid === monitor.pid && record.monitorStartTicks === monitor.startTicks
    ? record
    : null;
}

export function loadLogIns(runFolder: string): LogInRecord[] {
  return listRecords(join(runFolder, logInFolder), /^\d+\.json$/).flatMap(
    (path) => readRecord(path, kind) ?? [],
  );
}

/** The session of a login, as a command first saw it. */
const seenSessionSchema = z.strictObject({
  monitorStartTicks: z.int(),
  sessionPid: z.int(),
  sessionStartTicks: z.int(),
  peerAddress: z.string().nullable(),
  peerPort: z.int().nullable(),
});
export type SeenSession = Omit<z.infer<typeof seenSessionSchema>, 'monitorStartTicks'>;
const seenKind = { schema: seenSessionSchema, maxBytes: 4096 };

type Monitor = Pick<LogInRecord, 'monitorPid' | 'monitorStartTicks'>;

function seenPathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, logInFolder, `${monitorPid}.seen`);
}

/**
 * Remembers that the login became a session, so that its end can be reported and the session be found without its
 * monitor. Never throws, because observing and ending a session must not depend on this record.
 */
export function markSeen(runFolder: string, monitor: Monitor, seen: SeenSession): void {
  if (loadSeen(runFolder, monitor) !== null) return;
  try {
    const value = { monitorStartTicks: monitor.monitorStartTicks, ...seen };
    writeRecord(seenPathOf(runFolder, monitor.monitorPid), value, 0o600);
  } catch {
    // The run folder is full or missing.
  }
}

/** Null if no command saw it as a session. */
export function loadSeen(runFolder: string, monitor: Monitor): SeenSession | null {
  const seen = readRecord(seenPathOf(runFolder, monitor.monitorPid), seenKind);
  return seen?.monitorStartTicks === monitor.monitorStartTicks ? seen : null;
}

/** The monitors of the logins that a command saw as sessions. */
export function listSeen(runFolder: string): Set<number> {
  const paths = listRecords(join(runFolder, logInFolder), /^\d+\.seen$/);
  return new Set(paths.map((path) => Number(/(\d+)\.seen$/.exec(path)?.[1])));
}

export function forgetLogIn(runFolder: string, monitorPid: number): void {
  removeRecord(seenPathOf(runFolder, monitorPid));
  removeRecord(pathOf(runFolder, monitorPid));
}
