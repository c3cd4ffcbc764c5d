import type { ClockProblem } from '../../../../src-shared/model/licence/clockProblems.ts';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import styles from './trip.module.css';

/** What was wrong with the appliance's clock when it made the request. */
export function ClockProblems({ problems }: { problems: readonly ClockProblem[] }) {
  return problems.map(({ code, text }) => (
    <p key={code} className={styles.clockProblem}>
      <b>{code}</b> <MomentText text={`When the request was made: ${text}.`} />
    </p>
  ));
}
