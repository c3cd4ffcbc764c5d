import type { AuditVerification } from '../../../../src-shared/model/audit/audit.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The result of checking every hash. */
export function Verdict({ verdict }: { verdict: AuditVerification }) {
  const unfinished = verdict.unfinished.length;
  return (
    <output
      className={feedback.notice}
      data-tone={verdict.ok ? 'plain' : 'bad'}
      aria-label="Verdict"
      data-testid="verdict"
    >
      <span className={`${feedback.word} ${textStyles.strong}`} data-tone={verdict.ok ? 'ok' : 'bad'}>
        {verdict.ok ? 'Audit trail intact' : 'Audit trail was tampered with'}
      </span>
      <span className={`${layout.grow} ${textStyles.sub}`}>
        {verdict.broken === null
          ? `${verdict.count.toLocaleString('en-US')} records checked, every hash matches the previous record; ${formatInstant(verdict.verifiedAt)}`
          : `record #${verdict.broken.seq}: ${verdict.broken.why}`}
        {unfinished === 0
          ? ''
          : ` · ${unfinished} action${unfinished === 1 ? '' : 's'} started but never completed: ${verdict.unfinished
              .slice(0, 5)
              .map((seq) => `#${seq}`)
              .join(', ')}`}
      </span>
    </output>
  );
}
