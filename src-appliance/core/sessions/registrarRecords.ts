import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { listRecords, readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';

/** What the service knows about a session that has a channel. Identified by the session's sshd process. */
const registrarRecordSchema = z.strictObject({
  sessionPid: z.int(),
  sessionStartTicks: z.int(),
  connectVersion: z.string().nullable(),
  lastHeartbeatAt: instantSchema.nullable(),
});
export type RegistrarRecord = z.infer<typeof registrarRecordSchema>;

const registrarFolder = 'sessions';
const kind = { schema: registrarRecordSchema, maxBytes: 4096 };

function pathOf(runFolder: string, sessionPid: number): string {
  return join(runFolder, registrarFolder, `${sessionPid}.json`);
}

export function saveRegistrarRecord(runFolder: string, record: RegistrarRecord): void {
  writeRecord(pathOf(runFolder, record.sessionPid), record);
}

/** Also null if the record belongs to an earlier process with the same ID. */
export function loadRegistrarRecord(
  runFolder: string,
  session: { pid: number; startTicks: number },
): RegistrarRecord | null {
  const record = readRecord(pathOf(runFolder, session.pid), kind);
  return record?.sessionStartTicks === session.startTicks ? record : null;
}

export function loadRegistrarRecords(runFolder: string): RegistrarRecord[] {
  let paths: string[];
  try {
    paths = listRecords(join(runFolder, registrarFolder), /^\d+\.json$/);
  } catch {
    return [];
  }
  return paths.flatMap((path) => readRecord(path, kind) ?? []);
}

export function forgetRegistrarRecord(runFolder: string, sessionPid: number): void {
  removeRecord(pathOf(runFolder, sessionPid));
}
