import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { maxTenantSessions } from '../../../src-shared/model/tenants/listLimits.ts';
import { readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';
import { announcedForwardSchema, announcedUnplacedSchema } from './registrarProtocol.ts';

/** Identifies a session by its sshd process. The lab's sessions have numbers instead, which it never reuses. */
export const sessionProcessSchema = z.strictObject({ pid: z.int(), startTicks: z.int() });
export type SessionProcess = z.infer<typeof sessionProcessSchema>;

const announcementSchema = z.strictObject({
  /** The session that sent it. Null in a record from an earlier kit, which did not store it. */
  session: sessionProcessSchema.nullable().default(null),
  announcedAt: instantSchema,
  forwards: z.array(announcedForwardSchema),
  unplaced: z.array(announcedUnplacedSchema).default([]),
  /** How many announced repositories without a port were not stored. */
  omitted: z.int().nonnegative().default(0),
});
export type Announcement = z.infer<typeof announcementSchema>;

const tenantRecordSchema = z.union([
  z.strictObject({ announcements: z.array(announcementSchema) }),
  // An earlier kit stored only the last announcement of a tenant.
  announcementSchema.transform((one) => ({ announcements: [one] })),
]);

export const announcementsFolder = 'announcements';
/** The size is enough for a forward on every port, in each session. */
const kind = { schema: tenantRecordSchema, maxBytes: maxTenantSessions * 4 * 1024 * 1024 };

type Kept = { runFolder: string; clientId: string };

function pathOf({ runFolder, clientId }: Kept): string {
  return join(runFolder, announcementsFolder, `${clientId}.json`);
}

/**
 * The last announcement of each of the tenant's sessions, newest first. Includes sessions that have ended, to
 * show what the ports of an absent tenant lead to.
 */
export function loadAnnouncements(kept: Kept): Announcement[] {
  const { announcements = [] } = readRecord(pathOf(kept), kind) ?? {};
  return announcements.toSorted((a, b) => Date.parse(b.announcedAt) - Date.parse(a.announcedAt));
}

export function isOfSession({ session }: Announcement, { pid, startTicks }: SessionProcess): boolean {
  return session?.pid === pid && session.startTicks === startTicks;
}

/**
 * Replaces the session's earlier announcement, and deletes those of the tenant's ended sessions. Rejects with
 * the file system's error.
 */
export async function saveAnnouncement(
  kept: Kept & {
    announcement: Announcement;
    isLive: (session: SessionProcess) => Promise<boolean>;
  },
): Promise<Announcement[]> {
  const { announcement, isLive } = kept;
  const replaced = new Set(['null', JSON.stringify(announcement.session)]);
  for (const { session } of loadAnnouncements(kept))
    if (session !== null && !(await isLive(session))) replaced.add(JSON.stringify(session));
  // Read again, because another session may have announced in the meantime.
  const others = loadAnnouncements(kept).filter(({ session }) => !replaced.has(JSON.stringify(session)));
  const announcements = [announcement, ...others.slice(0, maxTenantSessions)];
  writeRecord(pathOf(kept), { announcements });
  return others;
}

export function forgetAnnouncements(kept: Kept): void {
  removeRecord(pathOf(kept));
}
