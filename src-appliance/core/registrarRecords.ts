import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema } from '../../src-shared/model/time.ts';
import { writeFileAtomically } from './atomicFile.ts';

/** What a registrar process tells of its session, and what the commands saw of it; by the session's sshd process. */
const registrarRecordSchema = z.strictObject({
  sessionPid: z.int(),
  sessionStartTicks: z.int(),
  connectVersion: z.string().nullable(),
  lastHeartbeatAt: instantSchema.nullable(),
});
export type RegistrarRecord = z.infer<typeof registrarRecordSchema>;

const registrarFolder = 'sessions';

function pathOf(runFolder: string, sessionPid: number): string {
  return join(runFolder, registrarFolder, `${sessionPid}.json`);
}

export function saveRegistrarRecord(runFolder: string, record: RegistrarRecord): Promise<void> {
  return writeFileAtomically({
    path: pathOf(runFolder, record.sessionPid),
    data: JSON.stringify(record),
    mode: 0o640,
  });
}

export async function loadRegistrarRecords(runFolder: string): Promise<RegistrarRecord[]> {
  const names = await readdir(join(runFolder, registrarFolder)).catch(() => []);
  const records = await Promise.all(
    names
      .filter((name) => /^\d+\.json$/.test(name))
      .map(async (name) => {
        try {
          const text = await readFile(join(runFolder, registrarFolder, name), 'utf8');
          return registrarRecordSchema.parse(JSON.parse(text));
        } catch {
          return null;
        }
      }),
  );
  return records.filter((record) => record !== null);
}

export async function forgetRegistrarRecord(runFolder: string, sessionPid: number): Promise<void> {
  await rm(pathOf(runFolder, sessionPid), { force: true });
}
