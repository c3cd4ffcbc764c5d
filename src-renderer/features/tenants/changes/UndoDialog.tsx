import { useEffect } from 'react';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { wordsOf } from './labels.ts';
import { PlanCard } from './PlanCard.tsx';
import { type ShownOutcome, useChange } from './useChange.ts';
import { hasUndone, type UndoWish } from './useUndo.ts';

/** Shows the plan of an undo that ends or loses something. The reason is filled in. */
export function UndoDialog({
  undo,
  onUndone,
  onClose,
}: {
  undo: UndoWish | null;
  onUndone: (undone: ShownOutcome) => void;
  onClose: () => void;
}) {
  const change = useChange(({ outcome }) => {
    if (undo !== null && hasUndone(outcome)) onUndone(undo.undoes);
  });
  const { plan, reset, step } = change;
  useEffect(() => {
    if (undo === null) reset();
    else plan(undo.applianceId, undo.action);
  }, [undo, plan, reset]);
  return (
    <Dialog
      opened={undo !== null}
      onClose={() => {
        if (step.step !== 'applying') onClose();
      }}
      title={undo === null ? '' : `Undo: ${wordsOf(undo.action).title}`}
    >
      {undo === null ? null : (
        <PlanCard change={change} onClose={onClose} reason={undo.reason} isNamedAbove />
      )}
    </Dialog>
  );
}
