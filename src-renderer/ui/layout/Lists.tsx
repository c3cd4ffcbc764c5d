import type { ReactNode } from 'react';
import layout from './layout.module.css';

/** Lines without bullets. */
export function PlainList({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <ul className={layout.plainList} aria-label={label}>
      {children}
    </ul>
  );
}

/** Filters that belong together. */
export function Chips({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className={`${layout.row} ${layout.wrap} ${layout.chips}`} aria-label={label}>
      {children}
    </fieldset>
  );
}
