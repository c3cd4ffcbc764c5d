import type { ReactNode } from 'react';
import { useMay } from '../../system/queries.ts';
import styles from '../settings.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Only an admin can change these; others see them disabled. */
export function ForAdmins({ children }: { children: ReactNode }) {
  const may = useMay('admin');
  return (
    <fieldset className={styles.settingsForm} disabled={!may}>
      {may ? null : <p className={textStyles.sub}>Only an admin may change this.</p>}
      {children}
    </fieldset>
  );
}
