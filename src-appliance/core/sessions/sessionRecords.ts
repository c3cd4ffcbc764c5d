import { join } from 'node:path';
import { z } from 'zod';
import { instantSchema, secondMs } from '../../../src-shared/base/time.ts';
import { forgetAnnouncements } from './announcements.ts';
import { forgetDialFailures } from './dialFailures.ts';
import { readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';

/** Records in the run folder. They are kept after a tenant's sessions end, but a restart deletes them. */
const endingSchema = z.strictObject({
  endedAt: instantSchema,
  peerAddress: z.string().nullable(),
  /** Identifies the connection in sshd's log. */
  peerPort: z.int().nullable().default(null),
  reason: z.string().max(512),
});
export type Ending = z.infer<typeof endingSchema>;

/** Used while the reason is unknown. It may be found in sshd's log later. */
export const unknownEndReason = 'the connection ended';

export const sessionEndsFolder = 'endings';
/**
 * Ends of sessions that commands ended. In a folder of its own, so that observations don't overwrite these
 * records.
 */
export const commandEndsFolder = 'command-endings';
/** An observation up to this much later is of the same end as the command. */
const sameEndMs = 10 * secondMs;

type Kept = { runFolder: string; clientId: string };

function pathOf(folder: string, kept: Kept): string {
  return join(kept.runFolder, folder, `${kept.clientId}.json`);
}

const kind = { schema: endingSchema, maxBytes: 16 * 1024 };

/**
 * How the tenant's last session ended. If a command ended it, its reason takes precedence over an
 * observation.
 */
export async function loadSessionEnd(kept: Kept): Promise<Ending | null> {
  const seen = readRecord(pathOf(sessionEndsFolder, kept), kind);
  const commanded = readRecord(pathOf(commandEndsFolder, kept), kind);
  if (seen === null || commanded === null) return commanded ?? seen;
  return isSameEnd(seen, commanded) || commanded.endedAt >= seen.endedAt ? commanded : seen;
}

function isSameEnd(seen: Ending, commanded: Ending): boolean {
  if (seen.peerPort !== null && commanded.peerPort !== null)
    return seen.peerPort === commanded.peerPort && seen.peerAddress === commanded.peerAddress;
  return Math.abs(Date.parse(seen.endedAt) - Date.parse(commanded.endedAt)) <= sameEndMs;
}

export async function saveSessionEnd(
  kept: Kept & { ending: Ending; endedBy: 'command' | 'other' },
): Promise<void> {
  const folder = kept.endedBy === 'command' ? commandEndsFolder : sessionEndsFolder;
  writeRecord(pathOf(folder, kept), endingSchema.parse(kept.ending));
}

export async function forgetTenant(kept: Kept): Promise<void> {
  forgetAnnouncements(kept);
  forgetDialFailures(kept);
  removeRecord(pathOf(sessionEndsFolder, kept));
  removeRecord(pathOf(commandEndsFolder, kept));
}
