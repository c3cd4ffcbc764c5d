import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { LicencePings } from '../../../src-shared/model/licence/licencePings.ts';
import { licencePingsSchema } from '../../../src-shared/model/licence/licencePings.ts';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';

/** A ping a day **[ours]**; each is up to a tenth earlier or later, so that appliances don't ping together. */
const periodMs = 24 * hourMs;
/** The first ping of an appliance is within this time. */
const firstWithinMs = 10 * minuteMs;
const firstRetryMs = 5 * minuteMs;
const maxRetryMs = 6 * hourMs;
/** No time that is chosen here is further away. A later one was chosen by another clock. */
const maxAheadMs = 1.1 * periodMs;

const recordSchema = z.strictObject({ format: z.literal(1), ...licencePingsSchema.shape });
type PingRecord = z.infer<typeof recordSchema>;

function recordPath({ config }: Pick<Appliance, 'config'>): string {
  return join(config.stateFolder, 'pings.json');
}

/** Null before the first one, and if the record is damaged, because then it is written again. */
export function readPingRecord(appliance: Pick<Appliance, 'config'>): PingRecord | null {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(recordPath(appliance), 'utf8')));
  } catch (error) {
    if (isMissing(error) || error instanceof z.ZodError || error instanceof SyntaxError) return null;
    throw fileError(recordPath(appliance), error);
  }
}

/** All users may read it, so that `ke_status` shows it without root rights. */
function saveRecord(appliance: Appliance, record: LicencePings): void {
  const path = recordPath(appliance);
  try {
    const data = `${JSON.stringify({ format: 1, ...record })}\n`;
    replaceFile({ path, data, mode: 0o644, isDurable: true });
  } catch (error) {
    throw fileError(path, error);
  }
}

const toInstant = (at: number) => new Date(at).toISOString();

/** How long until the next ping is due; 0 if it is due now. Chooses the time of the first one. */
export function readPingWait(appliance: Appliance, random: () => number): number {
  const now = appliance.now();
  const record = readPingRecord(appliance);
  if (record === null) {
    const waitMs = random() * firstWithinMs;
    saveRecord(appliance, {
      triedAt: null,
      sentAt: null,
      failures: 0,
      problem: null,
      nextAt: toInstant(now + waitMs),
    });
    return waitMs;
  }
  const waitMs = Date.parse(record.nextAt) - now;
  return waitMs > maxAheadMs ? 0 : Math.max(0, waitMs);
}

/**
 * Records an attempt and its result. The attempt is recorded as failed first, so that a power failure or a full disk
 * can't lead to one ping after the other.
 */
export async function recordPing<T>(
  appliance: Appliance,
  options: { random: () => number; describe: (error: unknown) => string },
  work: () => Promise<T>,
): Promise<T> {
  const { random, describe } = options;
  const before = readPingRecord(appliance);
  const now = appliance.now();
  const failures = (before?.failures ?? 0) + 1;
  const retryMs = growingDelayMs({ failures: failures - 1, firstMs: firstRetryMs, maxMs: maxRetryMs });
  const failed = {
    triedAt: toInstant(now),
    sentAt: before?.sentAt ?? null,
    failures,
    problem: 'the ping was interrupted',
    nextAt: toInstant(now + retryMs * (0.5 + random() / 2)),
  };
  saveRecord(appliance, failed);
  try {
    const result = await work();
    const nextAt = toInstant(now + periodMs * (0.9 + random() / 5));
    saveRecord(appliance, {
      triedAt: failed.triedAt,
      sentAt: failed.triedAt,
      failures: 0,
      problem: null,
      nextAt,
    });
    return result;
  } catch (error) {
    saveRecord(appliance, { ...failed, problem: describe(error) });
    throw error;
  }
}

/** What outputs show about pings: nothing in offline mode, and before the first one is planned. */
export function readPings(appliance: Pick<Appliance, 'config'>): { pings?: LicencePings } {
  if (appliance.config.authority?.mode !== 'connected') return {};
  const record = readPingRecord(appliance);
  if (record === null) return {};
  const { format: _format, ...pings } = record;
  return { pings };
}
