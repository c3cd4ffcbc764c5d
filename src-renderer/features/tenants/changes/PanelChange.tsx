import { PlanCard } from './PlanCard.tsx';
import { QuotaForm } from './QuotaForm.tsx';
import type { PendingPanelChange, TenantChanges } from './changesContext.ts';

/** The change in the panel: its form if it has one, then the plan, then the result. */
export function PanelChange({ pending, changes }: { pending: PendingPanelChange; changes: TenantChanges }) {
  const { change, close } = changes;
  const { view, kind } = pending;
  const { clientId } = view.tenant;
  if (kind !== 'change' && kind !== 'resume') return <PlanCard change={change} onClose={close} />;
  const { step } = change;
  if (step.step === 'idle') {
    return (
      <QuotaForm
        kind={kind}
        view={view}
        start={null}
        onClose={close}
        onPlan={(quota) => change.plan(view.applianceId, { kind, clientId, quota })}
      />
    );
  }
  return (
    <PlanCard
      change={change}
      onClose={close}
      onBack={step.step === 'settled' ? undefined : change.reset}
      backText={kind === 'resume' ? 'Different quota…' : 'Back'}
    />
  );
}
