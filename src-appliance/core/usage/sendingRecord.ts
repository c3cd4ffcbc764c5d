import type { LicencePings } from '../../../src-shared/model/licence/licencePings.ts';
import type { Appliance } from '../appliance.ts';
import { createAttemptRecord } from '../licence/attemptRecord.ts';

/** The problem of a sending that has not ended. */
const interrupted = 'the sending was interrupted';

/** The sending of usage statements, once a day **[ours]**. */
export const sendingRecord = createAttemptRecord({ file: 'usage-sending.json', interrupted });

/** The sending that failed last, with the number of failures in a row. Null if none failed, and in offline mode. */
export function readFailedSending(appliance: Pick<Appliance, 'config'>): LicencePings | null {
  if (appliance.config.authority?.mode !== 'connected') return null;
  const record = sendingRecord.read(appliance);
  if (record === null) return null;
  // An attempt counts as failed while it runs, so the first one says nothing yet.
  const isFirst = record.failures === 1 && record.problem === interrupted;
  return record.failures === 0 || isFirst ? null : record;
}
