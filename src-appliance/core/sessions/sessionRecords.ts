import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema, secondMs } from '../../../src-shared/base/time.ts';
import { announcedForwardSchema, announcedUnplacedSchema } from './registrarProtocol.ts';
import { readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';

/** What is remembered of a tenant's sessions beyond their life, in the run folder: gone after a restart. */
const announcementSchema = z.strictObject({
  announcedAt: instantSchema,
  forwards: z.array(announcedForwardSchema),
  unplaced: z.array(announcedUnplacedSchema).default([]),
  /** How many more repositories without a port were announced than are kept. */
  omitted: z.int().nonnegative().default(0),
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
/** Apart from what observers see, so that neither can overwrite the other. */
export const commandEndingsFolder = 'command-endings';
/** An observer may see the end of a session this much later than the command that ended it. */
const sameEndMs = 10 * secondMs;

type Kept = { runFolder: string; clientId: string };

function pathOf(folder: string, kept: Kept): string {
  return join(kept.runFolder, folder, `${kept.clientId}.json`);
}

const kinds = {
  /** Holds a forward on every port there is. */
  announcement: { schema: announcementSchema, maxBytes: 4 * 1024 * 1024 },
  ending: { schema: endingSchema, maxBytes: 16 * 1024 },
};

export async function loadAnnouncement(kept: Kept): Promise<Announcement | null> {
  return readRecord(pathOf(announcementsFolder, kept), kinds.announcement);
}

export async function saveAnnouncement(kept: Kept & { announcement: Announcement }): Promise<void> {
  writeRecord(pathOf(announcementsFolder, kept), announcementSchema.parse(kept.announcement));
}

/** How the tenant's latest session ended. The reason of a command that ended it wins over what an observer saw. */
export async function loadEnding(kept: Kept): Promise<Ending | null> {
  const seen = readRecord(pathOf(endingsFolder, kept), kinds.ending);
  const commanded = readRecord(pathOf(commandEndingsFolder, kept), kinds.ending);
  if (seen === null || commanded === null) return commanded ?? seen;
  return isSameEnd(seen, commanded) || commanded.endedAt >= seen.endedAt ? commanded : seen;
}

function isSameEnd(seen: Ending, commanded: Ending): boolean {
  if (seen.peerPort !== null && commanded.peerPort !== null)
    return seen.peerPort === commanded.peerPort && seen.peerAddress === commanded.peerAddress;
  return Math.abs(Date.parse(seen.endedAt) - Date.parse(commanded.endedAt)) <= sameEndMs;
}

export async function saveEnding(
  kept: Kept & { ending: Ending; endedBy: 'command' | 'other' },
): Promise<void> {
  const folder = kept.endedBy === 'command' ? commandEndingsFolder : endingsFolder;
  writeRecord(pathOf(folder, kept), endingSchema.parse(kept.ending));
}

export async function forgetTenant(kept: Kept): Promise<void> {
  removeRecord(pathOf(announcementsFolder, kept));
  removeRecord(pathOf(endingsFolder, kept));
  removeRecord(pathOf(commandEndingsFolder, kept));
}
