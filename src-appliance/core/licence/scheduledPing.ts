import { AppError } from '../../../src-shared/errors.ts';
import type { AuthorityExchange } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import type { Appliance } from '../appliance.ts';
import { pingAuthority } from './connectedUpdate.ts';
import { showLicence } from './licence.ts';
import { readPingWait } from './pingRecord.ts';

/** How often the settings are read again, so that a change of the mode takes effect without a restart. */
const maxWaitMs = hourMs;

/** `off`: in offline mode, and on an appliance that needs no licence. `busy`: another ping runs. */
type PingState = 'sent' | 'failed' | 'waiting' | 'off' | 'busy';

/**
 * Sends a licence ping if one is due. Resolves with when to call it again. Rejects only if the record of pings can't
 * be written; then nothing was sent.
 */
export async function pingWhenDue(
  appliance: Appliance,
  call: {
    random: () => number;
    /** Runs the ping and logs it. */
    run?: (ping: () => Promise<AuthorityExchange>) => Promise<AuthorityExchange>;
  },
): Promise<{ state: PingState; waitMs: number }> {
  const { random, run = (ping) => ping() } = call;
  const again = (state: PingState) => ({
    state,
    waitMs:
      state === 'off' ? maxWaitMs : Math.min(maxWaitMs, Math.max(minuteMs, readPingWait(appliance, random))),
  });
  if (appliance.config.authority?.mode !== 'connected') return again('off');
  if ((await showLicence(appliance)).state === 'not-required') return again('off');
  if (readPingWait(appliance, random) > 0) return again('waiting');
  try {
    await run(() => pingAuthority(appliance, random));
    return again('sent');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'BUSY') return again('busy');
    // Without a record of the attempt, it would be tried again at once.
    if (readPingWait(appliance, random) === 0) throw error;
    return again('failed');
  }
}
