import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { TenantAction } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { AddTenantContext } from '../../../state/addTenant.ts';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
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
import { UndoDialog } from './UndoDialog.tsx';
import { type ChangeStep, type SettledChange, type ShownOutcome, useChange } from './useChange.ts';
import { type UndoWish, useUndo } from './useUndo.ts';

const HandOverDialog = lazyComponent(
  async () => (await import('../../connect/HandOverDialog.tsx')).HandOverDialog,
);

/** The action that can be planned without a form; null if the user must enter something first. */
function actionAtOnce(pending: PendingPanelChange): TenantAction | null {
  const { clientId } = pending.view.tenant;
  switch (pending.kind) {
    case 'suspend':
    case 'remove':
      return { kind: pending.kind, clientId };
    case 'release':
      return { kind: 'release', clientId, port: pending.port, pid: pending.pid };
    case 'resume': {
      // The appliance forgets the quota of a suspended tenant, but the console may know it.
      const { quotaBefore } = pending.view;
      return quotaBefore === null ? null : { kind: 'resume', clientId, quota: quotaBefore };
    }
    case 'change':
      return null;
  }
}

/** Counts the panels that show the change, because a change that no panel shows needs a dialog. */
function usePanels() {
  const [panels, setPanels] = useState(0);
  const shown = useRef(0);
  const holdPanel = useCallback(() => {
    shown.current += 1;
    setPanels(shown.current);
    return () => {
      shown.current -= 1;
      setPanels(shown.current);
    };
  }, []);
  // Another panel may have mounted before the new count is rendered, so the ref is read too.
  const isHidden = useCallback(() => panels === 0 && shown.current === 0, [panels]);
  return { panels, holdPanel, isHidden };
}

/**
 * Whether the user left the page on which a panel showed the result. A row that leaves the table keeps the
 * address, so its result was not necessarily seen.
 */
function useHasLeftResult(step: ChangeStep, isHidden: () => boolean): boolean {
  const [shown, setShown] = useState<{ step: ChangeStep; hash: string } | null>(null);
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- only the commit shows whether a panel is there
    if (step.step === 'settled' && !isHidden()) setShown({ step, hash: location.hash });
  }, [step, isHidden]);
  return shown !== null && shown.step === step && shown.hash !== location.hash;
}

/** The change in progress. Only one can be in progress at a time. */
function usePendingChange(offerUndo: (settled: SettledChange) => void) {
  const [pending, setPending] = useState<PendingChange | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const change = useChange(offerUndo);
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
    // The button that opened the change may have been removed together with its tenant.
    if (opener.current?.isConnected === true) opener.current.focus();
  }, [isRunning, reset]);
  const drop = useCallback(() => {
    reset();
    setPending(null);
  }, [reset]);
  return { pending, change, open, close, drop };
}

/**
 * Keeps the change in progress when its panel closes: a suspended tenant may leave the table, but the result
 * must still be shown.
 */
export function TenantChangesProvider({ children }: { children: ReactNode }) {
  const [undo, setUndo] = useState<UndoWish | null>(null);
  const [undone, setUndone] = useState<ShownOutcome | null>(null);
  const offerUndo = useUndo({ onPlan: setUndo, onUndone: setUndone });
  const { pending, change, open, close, drop } = usePendingChange(offerUndo);
  const { panels, holdPanel, isHidden } = usePanels();
  const { step } = change;
  const hasLeft = useHasLeftResult(step, isHidden);
  const mustShow = (step.step === 'applying' || step.step === 'settled') && !hasLeft;
  useEffect(() => {
    // Nothing ran yet, or the result was seen.
    if (pending?.at === 'panel' && !mustShow && isHidden()) drop();
  }, [pending, mustShow, isHidden, drop]);
  useEffect(() => {
    // A card that still said “suspended” would contradict the page.
    if (step.step === 'settled' && step.outcome === undone) drop();
  }, [step, undone, drop]);
  const addTenant = useCallback(
    (applianceId: string | null) => open({ at: 'dialog', kind: 'add', applianceId }),
    [open],
  );
  const changes = useMemo(
    (): TenantChanges => ({ pending, change, open, close, offerUndo, holdPanel }),
    [pending, change, open, close, offerUndo, holdPanel],
  );
  return (
    <TenantChangesContext value={changes}>
      <AddTenantContext value={addTenant}>{children}</AddTenantContext>
      <ChangeDialogs changes={changes} hasNoPanel={panels === 0 && mustShow} />
      <UndoDialog undo={undo} onUndone={setUndone} onClose={() => setUndo(null)} />
    </TenantChangesContext>
  );
}

/** `hasNoPanel`: the change runs or has ended, and no panel shows it. */
function ChangeDialogs({ changes, hasNoPanel }: { changes: TenantChanges; hasNoPanel: boolean }) {
  const { pending, close } = changes;
  const inPanel = pending?.at === 'panel' && hasNoPanel ? pending : null;
  return (
    <>
      <Dialog
        opened={inPanel !== null}
        onClose={close}
        title={inPanel === null ? '' : `Change of ${inPanel.view.tenant.clientId}`}
      >
        {inPanel === null ? null : <PanelChange pending={inPanel} changes={changes} />}
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
      {pending?.kind === 'hand-over' ? (
        <HandOverDialog.Component
          props={{ ...pending.tenant, onClose: close }}
          fallback={null}
          dialog={{ title: `Handover pack for ${pending.tenant.clientId}`, onClose: close }}
        />
      ) : null}
      <RotateDialog view={pending?.kind === 'rotate' ? pending.view : null} onClose={close} />
    </>
  );
}
