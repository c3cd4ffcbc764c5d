import { AppError } from '../../../src-shared/errors.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import type { Appliance } from '../appliance.ts';
import type { createAttemptRecord } from './attemptRecord.ts';
import { showLicence } from './licence.ts';

/** How often the settings are read again, so that a change of the mode takes effect without a restart. */
const maxWaitMs = hourMs;

/** `off`: in offline mode, and on an appliance that needs no licence. `busy`: another attempt runs. */
export type AttemptState = 'sent' | 'failed' | 'waiting' | 'off' | 'busy';

/**
 * Sends something to the authority if it is due by `record`, which `attempt` must keep. Resolves with when to call it again.
 * Rejects only if the record can't be written; then nothing was sent.
 */
export async function attemptWhenDue(
  appliance: Appliance,
  options: {
    record: ReturnType<typeof createAttemptRecord>;
    random: () => number;
    attempt: () => Promise<unknown>;
  },
): Promise<{ state: AttemptState; waitMs: number }> {
  const { record, random, attempt } = options;
  const readWait = () => record.readWait(appliance, random);
  const again = (state: AttemptState) => ({
    state,
    waitMs: state === 'off' ? maxWaitMs : Math.min(maxWaitMs, Math.max(minuteMs, readWait())),
  });
  if (appliance.config.authority?.mode !== 'connected') return again('off');
  if ((await showLicence(appliance)).state === 'not-required') return again('off');
  if (readWait() > 0) return again('waiting');
  try {
    await attempt();
    return again('sent');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'BUSY') return again('busy');
    // Without a record of the attempt, it would be tried again at once.
    if (readWait() === 0) throw error;
    return again('failed');
  }
}
