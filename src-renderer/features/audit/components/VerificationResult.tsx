import type { AuditVerification } from '../../../../src-shared/model/audit/audit.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The result of checking every hash. */
export function VerificationResult({ verification }: { verification: AuditVerification }) {
  const unfinished = verification.unfinished.length;
  return (
    <output
      className={feedback.notice}
      data-tone={verification.ok ? 'plain' : 'bad'}
      aria-label="Verification result"
      data-testid="verdict"
    >
      <span className={`${feedback.word} ${textStyles.strong}`} data-tone={verification.ok ? 'ok' : 'bad'}>
        {verification.ok ? 'Audit trail intact' : 'Audit trail is not intact'}
      </span>
      <span className={`${layout.grow} ${textStyles.sub}`}>
        {verification.broken === null
          ? `${verification.count.toLocaleString('en-US')} records checked; the hash chain is intact; ${formatInstant(verification.verifiedAt)}`
          : `record #${verification.broken.seq}: ${verification.broken.why}`}
        {unfinished === 0
          ? ''
          : ` · ${unfinished} action${unfinished === 1 ? '' : 's'} started but never completed: ${verification.unfinished
              .slice(0, 5)
              .map((seq) => `#${seq}`)
              .join(', ')}`}
      </span>
    </output>
  );
}
