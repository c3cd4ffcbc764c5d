import { join } from 'node:path';
import { z } from 'zod';
import { dialFailureSchema, type DialFailure } from '../../../src-shared/model/tunnels/dialFailures.ts';
import { maxTenantSessions } from '../../../src-shared/model/tenants/listLimits.ts';
import { portSchema } from '../../../src-shared/model/tenants/ports.ts';
import { readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';
import { sessionProcessSchema, type SessionProcess } from './announcements.ts';

/*
 * Connections to repositories that the tenants' Connects could not open, as each session reported them. In the
 * run folder, because a report means nothing after its session.
 */

export const dialFailuresFolder = 'dial-failures';
/** Maximum number of ports of a session whose last failure is stored; the latest are kept **[ours]**. */
const maxSessionFailures = 256;

const portFailureSchema = z.strictObject({ port: portSchema, ...dialFailureSchema.shape });
export type PortFailure = z.infer<typeof portFailureSchema>;
const sessionFailuresSchema = z.strictObject({
  session: sessionProcessSchema,
  failures: z.array(portFailureSchema).max(maxSessionFailures),
});
const kind = {
  schema: z.strictObject({ sessions: z.array(sessionFailuresSchema) }),
  maxBytes: (maxTenantSessions + 1) * maxSessionFailures * 1024,
};

type Kept = { runFolder: string; clientId: string };

function pathOf({ runFolder, clientId }: Kept): string {
  return join(runFolder, dialFailuresFolder, `${clientId}.json`);
}

const isSame = (left: SessionProcess, right: SessionProcess) =>
  left.pid === right.pid && left.startTicks === right.startTicks;

function loadSessions(kept: Kept) {
  return readRecord(pathOf(kept), kind)?.sessions ?? [];
}

/** The last failure of each port in this session. */
export function loadDialFailures(kept: Kept & { session: SessionProcess }): Map<number, DialFailure> {
  const own = loadSessions(kept).find(({ session }) => isSame(session, kept.session));
  return new Map(own?.failures.map(({ port, ...failure }) => [port, failure]));
}

/**
 * Adds reports of a session, and deletes those of the tenant's ended sessions. Rejects with the file system's
 * error.
 */
export async function saveDialFailures(
  kept: Kept & {
    session: SessionProcess;
    failures: readonly PortFailure[];
    isLive: (session: SessionProcess) => Promise<boolean>;
  },
): Promise<void> {
  const { session, failures, isLive } = kept;
  const ended = new Set<string>();
  for (const other of loadSessions(kept))
    if (!(await isLive(other.session))) ended.add(JSON.stringify(other.session));
  // Read again, because another session may have reported in the meantime.
  const others = loadSessions(kept).filter(
    (one) => !isSame(one.session, session) && !ended.has(JSON.stringify(one.session)),
  );
  const merged = loadDialFailures(kept);
  for (const { port, ...failure } of failures) {
    merged.delete(port);
    merged.set(port, failure);
  }
  const latest = [...merged].map(([port, failure]) => ({ port, ...failure })).slice(-maxSessionFailures);
  writeRecord(pathOf(kept), {
    sessions: [{ session, failures: latest }, ...others.slice(0, maxTenantSessions)],
  });
}

export function forgetDialFailures(kept: Kept): void {
  removeRecord(pathOf(kept));
}
