import type { ReactNode } from 'react';
import { PlanCard } from './PlanCard.tsx';
import { PrivateKeyCard } from './PrivateKeyCard.tsx';
import { useTenantChanges } from './changesContext.ts';
import type { Change } from './useChange.ts';
import type { CloseWithPrivateKey } from './useCloseWithPrivateKey.ts';
import layout from '../../../ui/layout/layout.module.css';

/** The steps of a change: the form, the plan, the generated private key if there is one, the result. */
export function KeyedChange(props: {
  change: Change;
  clientId: string;
  form: ReactNode;
  keyed: CloseWithPrivateKey;
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
