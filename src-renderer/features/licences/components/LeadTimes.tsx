import { workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Explains how the dates of the calendar are computed. */
export function LeadTimes() {
  return (
    <Card
      title="Lead times"
      label="Lead times"
      aside={<span className={textStyles.sub}>used for every date of the calendar</span>}
    >
      <ul className={styles.leadTimes}>
        {Object.values(workSteps).map(({ label, daysBefore }) => (
          <li key={label}>
            <b>{label}</b> <span className={textStyles.sub}>{daysBefore} d before expiry</span>
          </li>
        ))}
      </ul>
      <p className={textStyles.sub}>
        A date on a weekend moves to the Friday before. Days are counted in UTC, as the licence defines them.
      </p>
    </Card>
  );
}
