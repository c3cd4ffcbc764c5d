import { join } from 'node:path';
import { z } from 'zod';
import { portRangeSchema } from '../../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { listRecords, readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';

/**
 * Says to which tenant a login's sshd process belongs. The service writes it when sshd looks up a key;
 * `monitorPid` is the sshd process that asked (the monitor). The commands read it.
 */
const loginRecordSchema = z.strictObject({
  monitorPid: z.int(),
  /** Identifies the process together with the pid, because pids are reused and start times are not. */
  monitorStartTicks: z.int(),
  clientId: z.string(),
  fingerprint: z.string(),
  ports: z.array(portRangeSchema),
  at: instantSchema,
  /**
   * SHA-256 of the ticket that may open this login's session channel next. Null in a record from an earlier
   * kit.
   */
  ticketHash: z.string().nullable().default(null),
  /** The session process that presented the last ticket. Only this process may present the next one. */
  session: z.strictObject({ pid: z.int(), startTicks: z.int() }).nullable().default(null),
});
export type LoginRecord = z.infer<typeof loginRecordSchema>;

const loginFolder = 'auth';
/** The size is enough for thousands of ranges. */
const kind = { schema: loginRecordSchema, maxBytes: 256 * 1024 };

function pathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, loginFolder, `${monitorPid}.json`);
}

/**
 * Replaces the record of an earlier key, because sshd looks up the key again with which the client then logs
 * in.
 */
export function saveLogin(runFolder: string, record: LoginRecord): void {
  writeRecord(pathOf(runFolder, record.monitorPid), record);
}

/** Also null if the record belongs to an earlier process with the same ID. */
export function loadLogin(
  runFolder: string,
  monitor: { pid: number; startTicks: number },
): LoginRecord | null {
  const record = readRecord(pathOf(runFolder, monitor.pid), kind);
  return record?.monitorPid === monitor.pid && record.monitorStartTicks === monitor.startTicks
    ? record
    : null;
}

export function loadLogins(runFolder: string): LoginRecord[] {
  return listRecords(join(runFolder, loginFolder), /^\d+\.json$/).flatMap(
    (path) => readRecord(path, kind) ?? [],
  );
}

/** A login's session as a command first saw it. The peer is null until a command finds the connection's socket. */
const seenSessionSchema = z.strictObject({
  monitorStartTicks: z.int(),
  sessionPid: z.int(),
  sessionStartTicks: z.int(),
  peerAddress: z.string().nullable(),
  peerPort: z.int().nullable(),
});
export type SeenSession = Omit<z.infer<typeof seenSessionSchema>, 'monitorStartTicks'>;
const seenKind = { schema: seenSessionSchema, maxBytes: 4096 };

type Monitor = Pick<LoginRecord, 'monitorPid' | 'monitorStartTicks'>;

function seenPathOf(runFolder: string, monitorPid: number): string {
  return join(runFolder, loginFolder, `${monitorPid}.seen`);
}

/**
 * Stores that the login became a session. Later commands then report its end, and find it even if its monitor
 * has died. Never throws, because observing and ending sessions must work without this record.
 */
export function saveSeenSession(runFolder: string, monitor: Monitor, seen: SeenSession): void {
  const before = loadSeenSession(runFolder, monitor);
  if (before !== null && (before.peerPort !== null || seen.peerPort === null)) return;
  try {
    const value = { monitorStartTicks: monitor.monitorStartTicks, ...seen };
    writeRecord(seenPathOf(runFolder, monitor.monitorPid), value, 0o600);
  } catch {
    // The run folder is full or missing.
  }
}

/** Null if no command has seen a session of this login. */
export function loadSeenSession(runFolder: string, monitor: Monitor): SeenSession | null {
  const seen = readRecord(seenPathOf(runFolder, monitor.monitorPid), seenKind);
  return seen?.monitorStartTicks === monitor.monitorStartTicks ? seen : null;
}

/** Process IDs of the monitors whose login was seen as a session. */
export function listSeenSessions(runFolder: string): Set<number> {
  const paths = listRecords(join(runFolder, loginFolder), /^\d+\.seen$/);
  return new Set(paths.map((path) => Number(/(\d+)\.seen$/.exec(path)?.[1])));
}

export function forgetLogin(runFolder: string, monitorPid: number): void {
  removeRecord(seenPathOf(runFolder, monitorPid));
  removeRecord(pathOf(runFolder, monitorPid));
}
