import type { ReactNode } from 'react';
import layout from './layout.module.css';

/** A table, and beside it what was chosen in it. */
export function Split({ hasDetail, children }: { hasDetail: boolean; children: ReactNode }) {
  return (
    <div className={layout.split} data-detail={hasDetail}>
      {children}
    </div>
  );
}

/** The cards about what was chosen. */
export function Detail({ label, children }: { label: string; children: ReactNode }) {
  return (
    <aside className={layout.detail} aria-label={label}>
      {children}
    </aside>
  );
}
