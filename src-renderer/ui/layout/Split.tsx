import type { ReactNode } from 'react';
import { useEscape } from './useEscape.ts';
import layout from './layout.module.css';

/** A table, and beside it the details of the selected row. */
export function Split({ hasDetail, children }: { hasDetail: boolean; children: ReactNode }) {
  return (
    <div className={layout.split} data-detail={hasDetail}>
      {children}
    </div>
  );
}

const detailSelector = '[data-detail-panel]';

/** Moves the focus from the selected row to its details. */
export function focusDetail(): void {
  document.querySelector<HTMLElement>(detailSelector)?.focus();
}

function focusTable(panel: HTMLElement): void {
  panel.parentElement
    ?.querySelector<HTMLElement>('[role="grid"], [role="listbox"]')
    ?.focus({ preventScroll: true });
}

/** The details of the selected row. Esc returns to the table. */
export function Detail({ label, children }: { label: string; children: ReactNode }) {
  const panel = useEscape<HTMLElement>(focusTable);
  return (
    <aside ref={panel} className={layout.detail} aria-label={label} tabIndex={-1} data-detail-panel="">
      {children}
    </aside>
  );
}
