import { createContext, use } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import type { HandOverTenant } from '../../connect/HandOverDialog.tsx';
import type { Change, SettledChange } from './useChange.ts';

/**
 * The change that an operator opened. `at: panel` is shown beside the table; the others have their own
 * dialog.
 */
export type PendingChange =
  | { at: 'panel'; kind: 'change' | 'suspend' | 'resume' | 'remove'; view: TenantView }
  | { at: 'panel'; kind: 'release'; view: TenantView; port: number; pid: number }
  | { at: 'dialog'; kind: 'rotate'; view: TenantView }
  | { at: 'dialog'; kind: 'add'; applianceId: string | null }
  | { at: 'dialog'; kind: 'add-many'; applianceId: string | null }
  | { at: 'dialog'; kind: 'hand-over'; tenant: HandOverTenant };
export type PendingPanelChange = Extract<PendingChange, { at: 'panel' }>;

export type TenantChanges = {
  pending: PendingChange | null;
  /** The state of the change in the panel. */
  change: Change;
  /** Replaces the open change; does nothing while that one runs. */
  open: (pending: PendingChange) => void;
  close: () => void;
  /** Offers to undo a change whose dialog was closed; the panel's own change offers it already. */
  offerUndo: (settled: SettledChange) => void;
  /** Registers a panel that shows the change; the returned function removes it. */
  holdPanel: () => () => void;
};

export const TenantChangesContext = createContext<TenantChanges | null>(null);

/** Null outside the shell. */
export function useTenantChanges(): TenantChanges | null {
  return use(TenantChangesContext);
}
