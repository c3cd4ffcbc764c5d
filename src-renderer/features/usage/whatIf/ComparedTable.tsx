import type { ReactNode } from 'react';
import styles from './whatIf.module.css';
import usage from '../usage.module.css';

/** A table of figures. Where it is wider than the page, the keyboard scrolls it, too. */
export function ComparedTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className={usage.tableFrame} aria-label={`Table: ${label}`} tabIndex={0}>
      <table className={`${usage.invoice} ${styles.table}`} aria-label={label}>
        {children}
      </table>
    </section>
  );
}
