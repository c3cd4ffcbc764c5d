import { Children, type ReactNode } from 'react';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import styles from './trust.module.css';
import text from '../../ui/text/text.module.css';

/** Lines with a name on the left and values on the right. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  if (Children.count(children) === 0) return null;
  return (
    <ul className={styles.rows} aria-label={label}>
      {children}
    </ul>
  );
}

export function Row({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <li>
      <span>{name}</span>
      <span className={styles.values}>{children}</span>
    </li>
  );
}

/** A value that comes from a machine. */
export function MachineValue({ children }: { children: string }) {
  return <span className={text.mono}>{visibleLine(children)}</span>;
}

export function Note({ children }: { children: ReactNode }) {
  return <p className={`${text.sub} ${styles.note}`}>{children}</p>;
}
