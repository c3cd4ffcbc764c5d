import { useState } from 'react';
import {
  windowLimits,
  type WindowPlan,
  type WindowView,
} from '../../../../src-shared/model/licence/connectedWindow.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { useConnectedWindow } from './queries.ts';
import { PlanStep } from './PlanStep.tsx';
import { ResultStep } from './ResultStep.tsx';
import { RunningStep } from './RunningStep.tsx';

type Props = { applianceId: string; name: string; onClose: () => void };

/** Renews a licence through this computer: plan, running with a countdown, and what it did. */
export function WindowDialog({ applianceId, name, onClose }: Props) {
  return (
    <Dialog opened onClose={onClose} title={`Renew ${name} through this computer`} size={680}>
      <WindowSteps key={applianceId} applianceId={applianceId} onClose={onClose} />
    </Dialog>
  );
}

function WindowSteps({ applianceId, onClose }: Omit<Props, 'name'>) {
  const { plan, current, open, cancel } = useConnectedWindow(applianceId);
  /** The result that the user has left, to open another window. */
  const [left, setLeft] = useState<string | null>(null);
  const [seconds, setSeconds] = useState<number>(windowLimits.seconds.usual);
  const window = current.data?.window ?? null;
  if (window !== null && window.finished === null)
    return (
      <RunningStep
        window={window}
        isCancelling={cancel.isPending}
        onCancel={() => cancel.mutate({ applianceId })}
      />
    );
  const start = (chosen: {
    plan: WindowPlan;
    seconds: number;
    isDryRun: boolean;
    acknowledged: string[];
  }) => {
    const { host, port } = chosen.plan.authority;
    const { isDryRun, acknowledged } = chosen;
    setSeconds(chosen.seconds);
    open.mutate({ applianceId, confirmed: { host, port }, seconds: chosen.seconds, isDryRun, acknowledged });
  };
  if (plan.error !== null) return <ErrorNotice error={toErrorData(plan.error)} />;
  if (plan.data === undefined || current.data === undefined) return <Skeleton lines={6} />;
  const shown = shownResult(window, left);
  const error = open.error === null ? null : <ErrorNotice error={toErrorData(open.error)} />;
  if (shown === null)
    return <PlanStep plan={plan.data.plan} isOpening={open.isPending} error={error} onOpen={start} />;
  return (
    <ResultStep
      window={shown}
      plan={plan.data.plan}
      seconds={seconds}
      isOpening={open.isPending}
      error={error}
      onOpen={start}
      onAgain={() => {
        setLeft(shown.startedAt);
        void plan.refetch();
      }}
      onClose={onClose}
    />
  );
}

const shownResult = (window: WindowView | null, left: string | null) =>
  window === null || window.startedAt === left ? null : window;
