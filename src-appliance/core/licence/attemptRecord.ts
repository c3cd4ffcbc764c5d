import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { licencePingsSchema, type LicencePings } from '../../../src-shared/model/licence/licencePings.ts';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';

/** Once a day **[ours]**; each is up to a tenth earlier or later, so that appliances don't reach the authority together. */
const periodMs = 24 * hourMs;
/** The first attempt of an appliance is within this time. */
const firstWithinMs = 10 * minuteMs;
const firstRetryMs = 5 * minuteMs;
const maxRetryMs = 6 * hourMs;
/** No time that is chosen here is further away. A later one was chosen by another clock. */
const maxAheadMs = 1.1 * periodMs;

const recordSchema = z.strictObject({ format: z.literal(1), ...licencePingsSchema.shape });
type AttemptRecord = z.infer<typeof recordSchema>;

const toInstant = (at: number) => new Date(at).toISOString();

/**
 * The record of what an appliance sends once a day, in a file of its state folder. It plans the attempts, also after failures.
 * `interrupted`: the problem of an attempt that never ended. All methods throw COMMAND_FAILED if the file can't be used.
 */
export function createAttemptRecord({ file, interrupted }: { file: string; interrupted: string }) {
  const pathOf = ({ config }: Pick<Appliance, 'config'>) => join(config.stateFolder, file);

  /** Null before the first one, and if the record is damaged, because then it is written again. */
  const read = (appliance: Pick<Appliance, 'config'>): AttemptRecord | null => {
    try {
      return recordSchema.parse(JSON.parse(readFileSync(pathOf(appliance), 'utf8')));
    } catch (error) {
      if (isMissing(error) || error instanceof z.ZodError || error instanceof SyntaxError) return null;
      throw fileError(pathOf(appliance), error);
    }
  };
  /** All users may read it, so that `ke_status` shows it without root rights. */
  const save = (appliance: Appliance, record: LicencePings): void => {
    const path = pathOf(appliance);
    try {
      const data = `${JSON.stringify({ format: 1, ...record })}\n`;
      replaceFile({ path, data, mode: 0o644, isDurable: true });
    } catch (error) {
      throw fileError(path, error);
    }
  };
  return {
    read,
    /** Milliseconds until the next attempt is due; 0 if it is due now. Chooses the time of the first one. */
    readWait: (appliance: Appliance, random: () => number): number => {
      const now = appliance.now();
      const record = read(appliance);
      if (record === null) {
        const waitMs = random() * firstWithinMs;
        const nextAt = toInstant(now + waitMs);
        save(appliance, { triedAt: null, sentAt: null, failures: 0, problem: null, nextAt });
        return waitMs;
      }
      const waitMs = Date.parse(record.nextAt) - now;
      return waitMs > maxAheadMs ? 0 : Math.max(0, waitMs);
    },
    /**
     * Records an attempt and its result. The attempt is recorded as failed first, so that a power failure or a full disk
     * can't lead to one attempt after the other.
     */
    record: async <T>(
      appliance: Appliance,
      options: { random: () => number; describe: (error: unknown) => string },
      work: () => Promise<T>,
    ): Promise<T> => {
      const { random, describe } = options;
      const before = read(appliance);
      const now = appliance.now();
      const triedAt = toInstant(now);
      const failures = (before?.failures ?? 0) + 1;
      const retryMs = growingDelayMs({ failures: failures - 1, firstMs: firstRetryMs, maxMs: maxRetryMs });
      const nextAt = toInstant(now + retryMs * (0.5 + random() / 2));
      const failed = { triedAt, sentAt: before?.sentAt ?? null, failures, problem: interrupted, nextAt };
      save(appliance, failed);
      try {
        const result = await work();
        const next = toInstant(now + periodMs * (0.9 + random() / 5));
        save(appliance, { triedAt, sentAt: triedAt, failures: 0, problem: null, nextAt: next });
        return result;
      } catch (error) {
        save(appliance, { ...failed, problem: describe(error) });
        throw error;
      }
    },
  };
}
