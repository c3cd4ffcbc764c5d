import { useState } from 'react';
import type { AccountChangeCard, WhatIf } from '../../../../src-shared/contract/usageChanges.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { notify } from '../../../ui/feedback/notify.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { useSettledText } from '../../../ui/layout/useSettled.ts';
import { ApplyDialog } from './ApplyDialog.tsx';
import { ChooseAccountsDialog } from './ChooseAccountsDialog.tsx';
import { DecisionCard } from './DecisionCard.tsx';
import { BillCard, PrivacyCard } from './EffectCards.tsx';
import { IdleAccountsDialog } from './IdleAccountsDialog.tsx';
import { usePlanSteps, useWhatIf } from './queries.ts';
import { ReconcileCard } from './ReconcileCard.tsx';
import { ScenarioCards } from './ScenarioCards.tsx';
import { readIdleDays, requestOf, useScenario } from './scenario.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './whatIf.module.css';

/** A rehearsal counts on the appliance, so it waits until the number is typed. */
const typingMs = 600;

type OpenDialog = { kind: 'choose' } | { kind: 'idle' } | { kind: 'apply'; change: AccountChangeCard } | null;

/** What a change of accounts or plan would save, and how an invoice of the vendor differs from the preview. */
export function WhatIfView({ applianceId, month }: { applianceId: string; month: string | null }) {
  return (
    <div className={layout.stack}>
      <Scenario key={applianceId} applianceId={applianceId} />
      <ReconcileCard key={`${applianceId} ${month}`} applianceId={applianceId} month={month} />
    </div>
  );
}

function Effects({ whatIf, isOld }: { whatIf: WhatIf; isOld: boolean }) {
  return (
    <div className={`${styles.effects} ${isOld ? styles.busy : ''}`} aria-busy={isOld}>
      <BillCard priced={whatIf.priced} projected={whatIf.projected} />
      <PrivacyCard priced={whatIf.priced} />
    </div>
  );
}

function Scenario({ applianceId }: { applianceId: string }) {
  const { scenario, change, reset } = useScenario();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const [applied, setApplied] = useState<AccountChangeCard | null>(null);
  const idleDays = useSettledText(scenario.idleDays, typingMs);
  const query = useWhatIf(applianceId, requestOf({ ...scenario, idleDays }));
  const planSteps = usePlanSteps();
  const whatIf = query.data ?? null;
  const close = () => setDialog(null);
  const hasMarked = applied?.steps.some(({ action }) => action === 'mark-internal') === true;
  const undoSteps = hasMarked ? (applied?.undo.steps ?? null) : null;
  const idle = readIdleDays(scenario.idleDays);
  const planUndo = () =>
    planSteps.mutate(
      { applianceId, steps: undoSteps ?? [] },
      { onSuccess: (planned) => setDialog({ kind: 'apply', change: planned.change }) },
    );
  return (
    <>
      <ScenarioCards
        scenario={scenario}
        onChange={change}
        whatIf={query.isPlaceholderData ? null : whatIf}
        onChoose={() => setDialog({ kind: 'choose' })}
        onShowIdle={() => setDialog({ kind: 'idle' })}
      />
      {[query.error, planSteps.error].map((error, at) =>
        error === null ? null : (
          <ErrorNotice key={at} error={toErrorData(error)} onRetry={() => void query.refetch()} />
        ),
      )}
      {whatIf === null ? (
        query.error === null ? (
          <Card>
            <Skeleton lines={6} />
          </Card>
        ) : null
      ) : (
        <>
          <Effects whatIf={whatIf} isOld={query.isPlaceholderData} />
          <DecisionCard
            scenario={scenario}
            whatIf={query.isPlaceholderData ? { ...whatIf, change: null } : whatIf}
            isApplied={applied !== null}
            onLeaveOut={() => change({ isMarking: false })}
            onPlan={(card) => setDialog({ kind: 'apply', change: card })}
            onUndo={undoSteps === null ? null : planUndo}
          />
        </>
      )}
      {dialog?.kind === 'choose' ? (
        <ChooseAccountsDialog
          applianceId={applianceId}
          onClose={close}
          onChoose={(marks) => {
            change({ marks, isMarking: true });
            close();
          }}
        />
      ) : null}
      {dialog?.kind === 'idle' && idle !== null ? (
        <IdleAccountsDialog applianceId={applianceId} idleDays={idle} onClose={close} />
      ) : null}
      {dialog?.kind === 'apply' && whatIf !== null ? (
        <ApplyDialog
          appliance={{ id: applianceId, name: whatIf.name }}
          change={dialog.change}
          onClose={close}
          onApplied={(card) => {
            setApplied(card);
            reset();
            close();
            notify({ title: `Accounts changed on ${whatIf.name}`, tone: 'ok' });
          }}
          onPlanAgain={() => {
            close();
            void query.refetch();
          }}
        />
      ) : null}
    </>
  );
}
