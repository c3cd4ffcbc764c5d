import type { Diagnosis } from '../../../../src-shared/contract/ports.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The log lines that prove the diagnosis, or why there are none. */
export function ProofLines({ diagnosis }: { diagnosis: Diagnosis }) {
  const from =
    diagnosis.linesFrom === null ? '' : ` since ${formatLineTime(diagnosis.linesFrom).slice(0, 14)}`;
  if (diagnosis.linesError !== null)
    return (
      <p className={`${feedback.word} ${styles.linesNote}`} data-tone="warn">
        {visibleText(diagnosis.linesError)}
      </p>
    );
  if (diagnosis.lines.length === 0)
    return <p className={`${textStyles.sub} ${styles.linesNote}`}>No matching log lines{from}.</p>;
  return (
    <figure className={styles.proof}>
      <figcaption className={textStyles.faint}>
        {diagnosis.lines.length === 1 ? '1 log line' : `${diagnosis.lines.length} log lines`}
        {from}, oldest first
      </figcaption>
      <ol className={styles.proofLines} aria-label="Matching log lines">
        {diagnosis.lines.map((line, index) => (
          <li key={`${index} ${line.text}`}>{visibleText(line.text)}</li>
        ))}
      </ol>
    </figure>
  );
}
