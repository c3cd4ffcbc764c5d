import { join } from 'node:path';
import { z } from 'zod';
import type { ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';
import { instantSchema, secondMs } from '../../../src-shared/base/time.ts';
import { isRunning } from '../procfs/procfs.ts';
import { readRecord, writeRecord } from '../state/runRecords.ts';

/** The appliance's service. Every login of a tenant needs it. */
export const serviceName = 'sallyport';

/** The running service writes this again and again, so that a hanging service is noticed too. */
const serviceRecordSchema = z.strictObject({ pid: z.int(), startTicks: z.int(), at: instantSchema });

export const serviceRecordEveryMs = 5 * secondMs;
const silentAfterMs = 6 * serviceRecordEveryMs;

function pathOf(runFolder: string): string {
  return join(runFolder, 'service', 'service.json');
}

/** Readable for all users, because an unprivileged ke_status shows it. */
export function saveServiceRecord(runFolder: string, record: z.infer<typeof serviceRecordSchema>): void {
  writeRecord(pathOf(runFolder), record, 0o644);
}

export async function readServiceState(
  runFolder: string,
  now: number,
): Promise<ApplianceStatus['services'][number]> {
  const name = serviceName;
  const record = readRecord(pathOf(runFolder), { schema: serviceRecordSchema, maxBytes: 4096 });
  if (record === null || !(await isRunning(record)))
    return { name, state: 'stopped', detail: 'tenants cannot log in; connected tenants stay connected' };
  if (Math.abs(now - Date.parse(record.at)) > silentAfterMs)
    return { name, state: 'unknown', detail: `pid ${record.pid} has not answered since ${record.at}` };
  return { name, state: 'running', detail: `pid ${record.pid}` };
}
