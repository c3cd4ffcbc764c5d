import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema } from '../../src-shared/model/time.ts';
import { writeFileAtomically } from './atomicFile.ts';
import { announcedForwardSchema, announcedUnplacedSchema } from './registrarProtocol.ts';

/** What is remembered of a tenant's sessions beyond their life, in the run folder: gone after a restart. */
const announcementSchema = z.strictObject({
  announcedAt: instantSchema,
  forwards: z.array(announcedForwardSchema),
  unplaced: z.array(announcedUnplacedSchema).default([]),
});
export type Announcement = z.infer<typeof announcementSchema>;

const endingSchema = z.strictObject({
  endedAt: instantSchema,
  peerAddress: z.string().nullable(),
  /** Tells the connection's own lines in sshd's log from those of others. */
  peerPort: z.int().nullable().default(null),
  reason: z.string().max(512),
});
export type Ending = z.infer<typeof endingSchema>;

/** Where nothing more is known; sshd's log may tell later. */
export const plainEnding = 'the connection ended';

export const announcementsFolder = 'announcements';
export const endingsFolder = 'endings';

type Kept = { runFolder: string; clientId: string };

function pathOf(folder: string, kept: Kept): string {
  return join(kept.runFolder, folder, `${kept.clientId}.json`);
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** The group writes too: the registrar runs as the connect user, the commands as root. */
async function write(path: string, value: unknown): Promise<void> {
  await writeFileAtomically({ path, data: `${JSON.stringify(value)}\n`, mode: 0o640 });
}

export function loadAnnouncement(kept: Kept): Promise<Announcement | null> {
  return read(pathOf(announcementsFolder, kept), announcementSchema);
}

export function saveAnnouncement(kept: Kept & { announcement: Announcement }): Promise<void> {
  return write(pathOf(announcementsFolder, kept), announcementSchema.parse(kept.announcement));
}

export function loadEnding(kept: Kept): Promise<Ending | null> {
  return read(pathOf(endingsFolder, kept), endingSchema);
}

export function saveEnding(kept: Kept & { ending: Ending }): Promise<void> {
  return write(pathOf(endingsFolder, kept), endingSchema.parse(kept.ending));
}

export async function forgetTenant(kept: Kept): Promise<void> {
  await rm(pathOf(announcementsFolder, kept), { force: true });
  await rm(pathOf(endingsFolder, kept), { force: true });
}
