import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { TenantAction } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { HandOverDialog } from '../../connect/HandOverDialog.tsx';
import { AddManyDialog } from './AddManyDialog.tsx';
import { AddTenantDialog } from './AddTenantDialog.tsx';
import { PanelChange } from './PanelChange.tsx';
import { RotateDialog } from './RotateDialog.tsx';
import {
  type PendingPanelChange,
  type TenantChanges,
  TenantChangesContext,
  type PendingChange,
} from './changesContext.ts';
import { useChange } from './useChange.ts';

/** What is planned as soon as its button is pressed; null where something must be typed first. */
function actionAtOnce(pending: PendingPanelChange): TenantAction | null {
  const { clientId } = pending.view.tenant;
  switch (pending.kind) {
    case 'suspend':
    case 'remove':
      return { kind: pending.kind, clientId };
    case 'release':
      return { kind: 'release', clientId, port: pending.port, pid: pending.pid };
    case 'change':
    case 'resume':
      return null;
  }
}

/**
 * Holds the change that is in hand. It outlives the panel it was begun in: a tenant whose tunnels end leaves the table,
 * and how the change ended must still be told.
 */
export function TenantChangesProvider({ children }: { children: ReactNode }) {
  const [pending, setPending] = useState<PendingChange | null>(null);
  const [panels, setPanels] = useState(0);
  const shown = useRef(0);
  const opener = useRef<HTMLElement | null>(null);
  const change = useChange();
  const { plan, reset, step } = change;
  const isRunning = step.step === 'applying';

  const open = useCallback(
    (next: PendingChange) => {
      if (isRunning) return;
      opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      reset();
      setPending(next);
      if (next.at !== 'panel') return;
      const action = actionAtOnce(next);
      if (action !== null) plan(next.view.applianceId, action);
    },
    [isRunning, plan, reset],
  );
  const close = useCallback(() => {
    if (isRunning) return;
    reset();
    setPending(null);
    // The button that began it may be gone with its tenant.
    if (opener.current?.isConnected === true) opener.current.focus();
  }, [isRunning, reset]);
  const holdPanel = useCallback(() => {
    shown.current += 1;
    setPanels(shown.current);
    return () => {
      shown.current -= 1;
      setPanels(shown.current);
    };
  }, []);

  const hasBegun = step.step === 'applying' || step.step === 'settled';
  useEffect(() => {
    // Looked away from before anything ran: the wish goes with its panel. Another panel may take it in this very moment.
    if (pending?.at === 'panel' && panels === 0 && shown.current === 0 && !hasBegun) {
      reset();
      setPending(null);
    }
  }, [pending, hasBegun, panels, reset]);

  const changes = useMemo(
    (): TenantChanges => ({ pending, change, open, close, holdPanel }),
    [pending, change, open, close, holdPanel],
  );
  const hasNoAppliance = pending?.at === 'panel' && panels === 0 && hasBegun;
  return (
    <TenantChangesContext value={changes}>
      {children}
      <Dialog
        opened={hasNoAppliance}
        onClose={close}
        title={pending?.at === 'panel' ? `Change of ${pending.view.tenant.clientId}` : ''}
      >
        {hasNoAppliance ? <PanelChange pending={pending} changes={changes} /> : null}
      </Dialog>
      <AddTenantDialog
        opened={pending?.kind === 'add'}
        applianceId={pending?.kind === 'add' ? pending.applianceId : null}
        onClose={close}
      />
      <AddManyDialog
        opened={pending?.kind === 'add-many'}
        applianceId={pending?.kind === 'add-many' ? pending.applianceId : null}
        onClose={close}
      />
      {pending?.kind === 'hand-over' ? <HandOverDialog {...pending.tenant} onClose={close} /> : null}
      <RotateDialog view={pending?.kind === 'rotate' ? pending.view : null} onClose={close} />
    </TenantChangesContext>
  );
}
