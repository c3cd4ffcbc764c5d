import type { AuthorityExchange } from '../../../src-shared/model/configuration/configurationCommands.ts';
import type { Appliance } from '../appliance.ts';
import { attemptWhenDue, type AttemptState } from './attemptWhenDue.ts';
import { pingAuthority } from './connectedUpdate.ts';
import { pingRecord } from './pingRecord.ts';

/**
 * Sends a licence ping if one is due. Resolves with when to call it again. Rejects only if the record of pings can't
 * be written; then nothing was sent.
 */
export function pingWhenDue(
  appliance: Appliance,
  call: {
    random: () => number;
    /** Runs the ping and logs it. */
    run?: (ping: () => Promise<AuthorityExchange>) => Promise<AuthorityExchange>;
  },
): Promise<{ state: AttemptState; waitMs: number }> {
  const { random, run = (ping) => ping() } = call;
  const attempt = () => run(() => pingAuthority(appliance, random));
  return attemptWhenDue(appliance, { record: pingRecord, random, attempt });
}
