import { useCallback } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { TenantAction, TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { notify } from '../../../ui/feedback/notify.ts';
import {
  isFullConflict,
  isRefusal,
  lostOutcome,
  type SettledChange,
  type ShownOutcome,
  useRereadTenants,
} from './useChange.ts';

/**
 * An action that undoes a change, and its reason. `basis` is the tenant as the change left it; null if it was
 * removed. `undoes` is the outcome of that change.
 */
export type UndoWish = {
  undoes: ShownOutcome;
  applianceId: string;
  action: TenantAction;
  reason: string;
  basis: TenantPlan['basis'];
};

/** Whether a plan ends and loses nothing. Such a plan runs at once; any other is shown first. */
function isHarmless({ ends, givesUp, warnings, confirmName }: TenantPlan): boolean {
  return ends.length + givesUp.length + warnings.length === 0 && confirmName === null;
}

const endTitles: Record<ShownOutcome['state'], string> = {
  done: 'Undone',
  partly: 'Partly undone',
  'not-done': 'Not undone',
  unknown: 'Unknown whether it was undone',
};

function notifyRefused(thrown: unknown): undefined {
  const error = toErrorData(thrown);
  const message = visibleText(error.message);
  const text = isFullConflict(error) ? message : `${message} Nothing was changed.`;
  notify({ title: 'Not undone', text, tone: 'bad' });
}

function showUndoOutcome({ state, message }: Pick<ShownOutcome, 'state' | 'message'>): void {
  notify({ title: endTitles[state], text: visibleText(message), tone: state === 'done' ? 'ok' : 'bad' });
}

/** Whether a result of the undo makes the undone change out of date. */
export function hasUndone({ state }: ShownOutcome): boolean {
  return state !== 'not-done';
}

/**
 * Offers to undo a change. The undo is planned, audited and verified like every change. `onPlan` shows the
 * plan of an undo that ends or loses something. `onUndone` gets the outcome that no longer holds.
 */
export function useUndo({
  onPlan,
  onUndone,
}: {
  onPlan: (undo: UndoWish) => void;
  onUndone: (undone: ShownOutcome) => void;
}) {
  const { client } = useConsole();
  const reread = useRereadTenants();

  const run = useCallback(
    async (undo: UndoWish): Promise<void> => {
      const { applianceId, action, reason, basis, undoes } = undo;
      const end = (outcome: ShownOutcome): void => {
        showUndoOutcome(outcome);
        if (hasUndone(outcome)) onUndone(undoes);
      };
      const answer = await client.tenants.plan({ applianceId, action }).catch(notifyRefused);
      if (answer === undefined) return;
      // After another change, the undo would revert that one, so the console refuses it with what changed.
      if (answer.plan.basis === basis && !isHarmless(answer.plan)) return onPlan(undo);
      try {
        const change = { applianceId, action, reason, basis, typedName: null };
        end((await client.tenants.apply(change)).outcome);
      } catch (thrown) {
        if (isRefusal(thrown)) return notifyRefused(thrown);
        end(lostOutcome(thrown));
      }
      reread();
    },
    [client, onPlan, onUndone, reread],
  );

  return useCallback(
    ({ plan, outcome, reason }: SettledChange): void => {
      const { action } = plan.undo;
      if (outcome.state !== 'done' || action === null) return;
      const undo = {
        undoes: outcome,
        applianceId: plan.applianceId,
        action,
        reason: `Undo: ${reason}`.slice(0, 500),
        basis: outcome.tenant?.changedAt ?? null,
      };
      notify({
        title: visibleText(outcome.message),
        tone: 'ok',
        action: { text: 'Undo', run: () => void run(undo) },
      });
    },
    [run],
  );
}
