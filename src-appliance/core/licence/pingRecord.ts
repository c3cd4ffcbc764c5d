import type { LicencePings } from '../../../src-shared/model/licence/licencePings.ts';
import type { Appliance } from '../appliance.ts';
import { createAttemptRecord } from './attemptRecord.ts';

/** The licence pings, one a day **[ours]**. */
export const pingRecord = createAttemptRecord({
  file: 'pings.json',
  interrupted: 'the ping was interrupted',
});

/** What outputs show about pings: nothing in offline mode, and before the first one is planned. */
export function readPings(appliance: Pick<Appliance, 'config'>): { pings?: LicencePings } {
  if (appliance.config.authority?.mode !== 'connected') return {};
  const record = pingRecord.read(appliance);
  if (record === null) return {};
  const { format: _format, ...pings } = record;
  return { pings };
}
