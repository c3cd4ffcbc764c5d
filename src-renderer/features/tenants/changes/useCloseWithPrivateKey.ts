import { useState } from 'react';
import { useTenantChanges } from './changesContext.ts';
import type { Change } from './useChange.ts';

/** Closes the dialog of a change, but not while the page shows a private key that is not saved yet. */
export function useCloseWithPrivateKey(change: Change, onClose: () => void) {
  const [isSaved, setIsSaved] = useState(false);
  const [isPressed, setIsPressed] = useState(false);
  const changes = useTenantChanges();
  /** Returns whether the dialog was closed. */
  const close = (): boolean => {
    if (change.step.step === 'applying') return false;
    if (change.privateKey !== null && !isSaved) {
      setIsPressed(true);
      return false;
    }
    if (change.step.step === 'settled') changes?.offerUndo(change.step);
    change.reset();
    setIsSaved(false);
    setIsPressed(false);
    onClose();
    return true;
  };
  return { close, isSaved, setIsSaved, isPressed };
}
export type CloseWithPrivateKey = ReturnType<typeof useCloseWithPrivateKey>;
