import { join } from 'node:path';
import { z } from 'zod';
import type { ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';
import { instantSchema, secondMs } from '../../../src-shared/base/time.ts';
import { isRunning, startedAt } from '../procfs/procfs.ts';
import { readRecord, writeRecord } from '../state/runRecords.ts';

/** Name of the appliance's service. Tenants can't log in without it. */
export const serviceName = 'sallyport';

/** The service writes this regularly. If it stops writing, the status reports that the service hangs. */
const serviceRecordSchema = z.strictObject({ pid: z.int(), startTicks: z.int(), at: instantSchema });

const kind = { schema: serviceRecordSchema, maxBytes: 4096 };

export const serviceRecordEveryMs = 5 * secondMs;
const silentAfterMs = 6 * serviceRecordEveryMs;

function pathOf(runFolder: string): string {
  return join(runFolder, 'service', 'service.json');
}

/** All users may read it, because `ke_status` runs without root rights. */
export function saveServiceRecord(runFolder: string, record: z.infer<typeof serviceRecordSchema>): void {
  writeRecord(pathOf(runFolder), record, 0o644);
}

/**
 * From when until when the service could receive heartbeats, in epoch milliseconds. A heartbeat that is missing
 * at another time says nothing about its client.
 */
export async function readListeningTime(
  runFolder: string,
  now: number,
): Promise<{ from: number; until: number }> {
  const record = readRecord(pathOf(runFolder), kind);
  if (record === null) return { from: now, until: now };
  const at = Date.parse(record.at);
  const isListening = Math.abs(now - at) <= silentAfterMs && (await isRunning(record));
  return { from: startedAt(record, now), until: isListening ? now : Math.min(now, at) };
}

export async function readServiceState(
  runFolder: string,
  now: number,
): Promise<ApplianceStatus['services'][number]> {
  const name = serviceName;
  const record = readRecord(pathOf(runFolder), kind);
  if (record === null || !(await isRunning(record)))
    return { name, state: 'stopped', detail: 'tenants cannot log in; connected tenants stay connected' };
  if (Math.abs(now - Date.parse(record.at)) > silentAfterMs)
    return { name, state: 'unknown', detail: `pid ${record.pid} has not answered since ${record.at}` };
  return { name, state: 'running', detail: `pid ${record.pid}` };
}
