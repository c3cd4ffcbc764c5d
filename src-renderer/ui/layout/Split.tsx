import type { ReactNode } from 'react';
import { useEscape } from './useEscape.ts';
import layout from './layout.module.css';

/** A table, and beside it what was chosen in it. */
export function Split({ hasDetail, children }: { hasDetail: boolean; children: ReactNode }) {
  return (
    <div className={layout.split} data-detail={hasDetail}>
      {children}
    </div>
  );
}

const detailSelector = '[data-detail-panel]';

/** Moves the focus from the chosen row to the panel about it. */
export function focusDetail(): void {
  document.querySelector<HTMLElement>(detailSelector)?.focus();
}

function focusTable(panel: HTMLElement): void {
  panel.parentElement
    ?.querySelector<HTMLElement>('[role="grid"], [role="listbox"]')
    ?.focus({ preventScroll: true });
}

/** The cards about what was chosen. Esc in them goes back to the table. */
export function Detail({ label, children }: { label: string; children: ReactNode }) {
  const panel = useEscape<HTMLElement>(focusTable);
  return (
    <aside ref={panel} className={layout.detail} aria-label={label} tabIndex={-1} data-detail-panel="">
      {children}
    </aside>
  );
}
