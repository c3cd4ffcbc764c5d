import { type ReactNode, useState } from 'react';
import { PlanCard } from './PlanCard.tsx';
import { PrivateKeyCard } from './PrivateKeyCard.tsx';
import { useTenantChanges } from './changesContext.ts';
import type { Change } from './useChange.ts';
import layout from '../../../ui/layout/layout.module.css';

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

/** The steps of a change: the form, the plan, the generated private key if there is one, the result. */
export function KeyedChange(props: {
  change: Change;
  clientId: string;
  form: ReactNode;
  keyed: ReturnType<typeof useCloseWithPrivateKey>;
}) {
  const { change, keyed } = props;
  const changes = useTenantChanges();
  const { step } = change;
  if (step.step === 'idle') return props.form;
  return (
    <div className={layout.stack}>
      {change.privateKey === null ? null : (
        <PrivateKeyCard
          clientId={props.clientId}
          privateKey={change.privateKey}
          isSaved={keyed.isSaved}
          onSaved={keyed.setIsSaved}
          isPressed={keyed.isPressed}
        />
      )}
      <PlanCard
        change={change}
        onClose={keyed.close}
        onHandOver={(tenant) => {
          if (keyed.close()) changes?.open({ at: 'dialog', kind: 'hand-over', tenant });
        }}
        isNamedAbove
        isKeyUnsaved={change.privateKey !== null && !keyed.isSaved}
        onBack={step.step === 'settled' ? undefined : change.reset}
      />
    </div>
  );
}
