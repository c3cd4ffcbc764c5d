import { join } from 'node:path';
import { z } from 'zod';
import { portRangeSchema } from '../../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { listRecords, readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';

/**
 * Who logs in through which sshd process: written by the service when sshd looks a key up, for the process that asks
 * (sshd's monitor of the connection), read by the commands.
 */
const logInRecordSchema = z.strictObject({
  monitorPid: z.int(),
  /** With the pid it names a process for ever: pids are reused, start times are not. */
  monitorStartTicks: z.int(),
  clientId: z.string(),
  fingerprint: z.string(),
  ports: z.array(portRangeSchema),
  at: instantSchema,
  /** SHA-256 of the one ticket that opens this log-in's session channel next; none in a record of an earlier kit. */
  ticketHash: z.string().nullable().default(null),
  /** The session's sshd, once it came with its ticket: no other may come with the next. */
  session: z.strictObject({ pid: z.int(), startTicks: z.int() }).nullable().default(null),
});
export type LogInRecord = z.infer<typeof logInRecordSchema>;

const logInFolder = 'auth';
/** Holds thousands of ranges. */
const kind = { schema: logInRecordSchema, maxBytes: 256 * 1024 };

function pathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, logInFolder, `${monitorPid}.json`);
}

/** The latest offered key counts: sshd asks again for the key that the client then signs with. */
export function saveLogIn(runFolder: string, record: LogInRecord): void {
  writeRecord(pathOf(runFolder, record.monitorPid), record);
}

/** Null also for a record of an earlier process with this number. */
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

/** The session that a log-in became, as a command first saw it. */
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
 * Remembers that the log-in became a session: its end can then be told, and it be found without its monitor. Never
 * throws: to see a session and to end it must not depend on what is remembered of it.
 */
export function markSeen(runFolder: string, monitor: Monitor, seen: SeenSession): void {
  if (loadSeen(runFolder, monitor) !== null) return;
  try {
    const value = { monitorStartTicks: monitor.monitorStartTicks, ...seen };
    writeRecord(seenPathOf(runFolder, monitor.monitorPid), value, 0o600);
  } catch {
    // The run folder is full, or gone.
  }
}

/** Null when it never became a session that a command saw. */
export function loadSeen(runFolder: string, monitor: Monitor): SeenSession | null {
  const seen = readRecord(seenPathOf(runFolder, monitor.monitorPid), seenKind);
  return seen?.monitorStartTicks === monitor.monitorStartTicks ? seen : null;
}

/** The monitors of the log-ins that a command saw as sessions. */
export function listSeen(runFolder: string): Set<number> {
  const paths = listRecords(join(runFolder, logInFolder), /^\d+\.seen$/);
  return new Set(paths.map((path) => Number(/(\d+)\.seen$/.exec(path)?.[1])));
}

export function forgetLogIn(runFolder: string, monitorPid: number): void {
  removeRecord(seenPathOf(runFolder, monitorPid));
  removeRecord(pathOf(runFolder, monitorPid));
}
