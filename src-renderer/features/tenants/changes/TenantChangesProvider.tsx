import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { TenantAction } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { HandOverDialog } from '../../connect/HandOverDialog.tsx';
import { AddManyDialog } from './AddManyDialog.tsx';
import { AddTenantDialog } from './AddTenantDialog.tsx';
import { PanelChange } from './PanelChange.tsx';
import { RotateDialog } from './RotateDialog.tsx';
import { type PanelWish, type TenantChanges, TenantChangesContext, type Wish } from './changesContext.ts';
import { useChange } from './useChange.ts';
import './changes.css';

/** What is planned as soon as its button is pressed; null where something must be typed first. */
function actionAtOnce(wish: PanelWish): TenantAction | null {
  const { clientId } = wish.view.tenant;
  switch (wish.kind) {
    case 'suspend':
    case 'remove':
      return { kind: wish.kind, clientId };
    case 'release':
      return { kind: 'release', clientId, port: wish.port, pid: wish.pid };
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
  const [wish, setWish] = useState<Wish | null>(null);
  const [panels, setPanels] = useState(0);
  const shown = useRef(0);
  const opener = useRef<HTMLElement | null>(null);
  const change = useChange();
  const { plan, reset, step } = change;
  const isRunning = step.step === 'applying';

  const open = useCallback(
    (next: Wish) => {
      if (isRunning) return;
      opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      reset();
      setWish(next);
      if (next.at !== 'panel') return;
      const action = actionAtOnce(next);
      if (action !== null) plan(next.view.applianceId, action);
    },
    [isRunning, plan, reset],
  );
  const close = useCallback(() => {
    if (isRunning) return;
    reset();
    setWish(null);
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
    if (wish?.at === 'panel' && panels === 0 && shown.current === 0 && !hasBegun) {
      reset();
      setWish(null);
    }
  }, [wish, hasBegun, panels, reset]);

  const changes = useMemo(
    (): TenantChanges => ({ wish, change, open, close, holdPanel }),
    [wish, change, open, close, holdPanel],
  );
  const isHomeless = wish?.at === 'panel' && panels === 0 && hasBegun;
  return (
    <TenantChangesContext value={changes}>
      {children}
      <Dialog
        opened={isHomeless}
        onClose={close}
        title={wish?.at === 'panel' ? `Change of ${wish.view.tenant.clientId}` : ''}
      >
        {isHomeless ? <PanelChange wish={wish} changes={changes} /> : null}
      </Dialog>
      <AddTenantDialog
        opened={wish?.kind === 'add'}
        applianceId={wish?.kind === 'add' ? wish.applianceId : null}
        onClose={close}
      />
      <AddManyDialog
        opened={wish?.kind === 'add-many'}
        applianceId={wish?.kind === 'add-many' ? wish.applianceId : null}
        onClose={close}
      />
      {wish?.kind === 'hand-over' ? <HandOverDialog {...wish.tenant} onClose={close} /> : null}
      <RotateDialog view={wish?.kind === 'rotate' ? wish.view : null} onClose={close} />
    </TenantChangesContext>
  );
}
