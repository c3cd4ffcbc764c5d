import { useCallback } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { TenantAction, TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { notify } from '../../../ui/feedback/notify.ts';
import {
  isRefusal,
  lostOutcome,
  type SettledChange,
  type ShownOutcome,
  useRereadTenants,
} from './useChange.ts';

/** What undoes a change, and why it runs. */
export type UndoWish = { applianceId: string; action: TenantAction; reason: string };

/** A plan that costs nothing runs at once; any other is shown first. */
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
  const text = `${visibleText(toErrorData(thrown).message)} Nothing was changed.`;
  notify({ title: 'Not undone', text, tone: 'bad' });
}

function notifyEnd({ state, message }: Pick<ShownOutcome, 'state' | 'message'>): void {
  notify({ title: endTitles[state], text: visibleText(message), tone: state === 'done' ? 'ok' : 'bad' });
}

/**
 * Offers to undo what was just done. The undo is planned, checked and audited like every change. `onPlan` shows the plan
 * of an undo that ends or loses something.
 */
export function useUndo(onPlan: (undo: UndoWish) => void) {
  const { client } = useConsole();
  const reread = useRereadTenants();

  const run = useCallback(
    async (undo: UndoWish): Promise<void> => {
      const { applianceId, action, reason } = undo;
      const answer = await client.tenants.plan({ applianceId, action }).catch(notifyRefused);
      if (answer === undefined) return;
      if (!isHarmless(answer.plan)) return onPlan(undo);
      try {
        const change = { applianceId, action, reason, basis: answer.plan.basis, typedName: null };
        notifyEnd((await client.tenants.apply(change)).outcome);
      } catch (thrown) {
        if (isRefusal(thrown)) return notifyRefused(thrown);
        notifyEnd(lostOutcome(thrown));
      }
      reread();
    },
    [client, onPlan, reread],
  );

  return useCallback(
    ({ plan, outcome, reason }: SettledChange): void => {
      const { action } = plan.undo;
      if (outcome.state !== 'done' || action === null) return;
      const undo = { applianceId: plan.applianceId, action, reason: `Undo: ${reason}`.slice(0, 500) };
      notify({
        title: visibleText(outcome.message),
        tone: 'ok',
        action: { text: 'Undo', run: () => void run(undo) },
      });
    },
    [run],
  );
}
