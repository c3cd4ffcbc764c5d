import type { ErrorData } from '../../../../../src-shared/errors.ts';
import type { SeenLicence } from '../../../../licences/lookAtLicence.ts';
import type { RenewalOutcome } from './renewLicence.ts';

/** Which licence the appliance showed during this command. */
type Seen = SeenLicence | 'not-seen';

export const seenLabels: Record<Seen, string> = {
  answer: 'new',
  before: 'as before',
  later: 'later',
  other: 'another',
  'not-seen': 'not seen',
};

export const outcomeLabels: Record<AnswerResult['outcome'], string> = {
  applied: 'applied',
  'already-installed': 'already installed',
  superseded: 'superseded',
  acceptable: 'acceptable',
  failed: 'failed',
  unknown: 'unknown',
  skipped: 'skipped',
};

/** What became of one file of a folder of answers. */
export type AnswerResult = {
  file: string;
  appliance: string | null;
  /** The cluster of the appliance; null if it is in none. */
  cluster: string | null;
  /**
   * `unknown`: the answer was sent, and the appliance could not be asked what became of it. `skipped`: an earlier member
   * of the same cluster failed.
   */
  outcome: RenewalOutcome | 'failed' | 'unknown' | 'skipped';
  /** Null if the file belongs to no appliance. */
  licence: Seen | null;
  /** The sequence that the appliance showed. */
  sequence: number | null;
  error: ErrorData | null;
};
