import type { ReactNode } from 'react';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** What comes next and what it touches, and the buttons that do it. */
export function NextBar({
  next,
  touches,
  error,
  children,
}: {
  next: ReactNode;
  touches: ReactNode;
  /** The error of the last try; null if it did not fail. */
  error?: unknown;
  children: ReactNode;
}) {
  return (
    <div className={styles.next}>
      {error == null ? null : <ErrorNotice error={toErrorData(error)} />}
      <div className={styles.nextRow}>
        <p>
          <b>Next:</b> {next} <span className={textStyles.sub}>{touches}</span>
        </p>
        <div className={styles.nextButtons}>{children}</div>
      </div>
    </div>
  );
}
