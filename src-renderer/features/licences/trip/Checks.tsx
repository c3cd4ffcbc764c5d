import { licenceChecks, type CheckResult } from '../../../../src-shared/model/licence/licenceChecks.ts';
import { formatLocalMinute } from '../labels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import { BothTimes } from './BothTimes.tsx';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

const outcomes = {
  passed: { sign: '✓', tone: 'ok' },
  failed: { sign: '✕', tone: 'bad' },
  skipped: { sign: '–', tone: 'unknown' },
} as const;

export function CheckCount({ checks }: { checks: readonly CheckResult[] }) {
  const passed = checks.filter(({ outcome }) => outcome === 'passed').length;
  const isPassed = passed === checks.length;
  return (
    <span className={feedback.chip} data-tone={isPassed ? 'ok' : 'bad'}>
      {isPassed ? '✓ ' : ''}
      {passed} of {checks.length} passed
    </span>
  );
}

/** Each check by name with its result; instants in UTC and local time. */
export function CheckList({ checks, label }: { checks: readonly CheckResult[]; label: string }) {
  return (
    <ul className={styles.checks} aria-label={label}>
      {checks.map(({ check, outcome, detail, instant }) => (
        <li key={check}>
          <span className={feedback.word} data-tone={outcomes[outcome].tone}>
            {outcomes[outcome].sign}
            <span className={layout.srOnly}> {outcome}</span>
          </span>
          <span>{licenceChecks[check].label}</span>
          <span className={textStyles.mono}>
            {instant === null ? <BothTimes text={detail} /> : detail}
            {instant === null ? null : (
              <span className={textStyles.sub}> ({formatLocalMinute(instant)} local time)</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
