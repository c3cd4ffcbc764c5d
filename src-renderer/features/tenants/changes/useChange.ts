import { ORPCError } from '@orpc/client';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { errorCodes } from '../../../../src-shared/errorCodes.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type {
  TenantAction,
  TenantOutcome,
  TenantPlan,
} from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { useUnsavedKey } from '../../../state/unsavedKeys.ts';
import { ConsoleUnreachableError, toErrorData } from '../../../rpc/errors.ts';

/** An outcome without the private key, which must exist in only one place of the page. */
export type ShownOutcome = Omit<TenantOutcome, 'privateKey'>;

/** A change that ran, with its result and its reason. */
export type SettledChange = { plan: TenantPlan; outcome: ShownOutcome; reason: string };

/**
 * One change, from the wish to its end.
 *
 *   idle ──► planning ──► planned ──► applying ──► settled
 *               │           ▲  ▲         │
 *               ▼           │  └─────────┘ nothing was changed: `refusal` says why
 *            refused ───────┘ planned again
 */
export type ChangeStep =
  | { step: 'idle' }
  | { step: 'planning'; action: TenantAction }
  | { step: 'refused'; action: TenantAction; error: ErrorData }
  | { step: 'planned'; plan: TenantPlan; refusal: ErrorData | null }
  | { step: 'applying'; plan: TenantPlan }
  | ({ step: 'settled' } & SettledChange);

export type Change = {
  step: ChangeStep;
  /** The generated private key, until the page drops it. No other part of the page keeps it. */
  privateKey: string | null;
  forgetPrivateKey: () => void;
  plan: (applianceId: string, action: TenantAction) => void;
  planAgain: () => void;
  apply: (given: { reason: string; typedName: string | null }) => void;
  reset: () => void;
};

/**
 * Whether a call that threw has certainly changed nothing: it was never sent, or its error says so. An error
 * code alone says nothing, because the console may fail after the command ran.
 */
export function isRefusal(thrown: unknown): boolean {
  if (thrown instanceof ConsoleUnreachableError) return true;
  if (!(thrown instanceof ORPCError)) return false;
  const { code, detail } = toErrorData(thrown);
  return errorCodes[code].changedNothing === true || detail['changedNothing'] === true;
}

/** Whether the message of a conflict already says what changed, and that nothing was done. */
export function isFullConflict({ code, detail }: ErrorData): boolean {
  return code === 'CONFLICT' && 'changed' in detail;
}

/** The outcome of a call whose answer was lost: unknown. */
export function lostOutcome(thrown: unknown): ShownOutcome {
  const { code, message } = toErrorData(thrown);
  const isConsoleGone = !(thrown instanceof ORPCError);
  return {
    state: 'unknown',
    code,
    message: isConsoleGone
      ? 'The page lost the connection to the console during this change, so the result is unknown.'
      : `The console failed during this change: ${message}`,
    tenant: null,
    observedAt: null,
    endedSessions: null,
    fingerprint: null,
    leftover: null,
  };
}

/** Reads everything again that a change may have altered. */
export function useRereadTenants() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useCallback(() => {
    for (const queryKey of [queries.tenants.key(), queries.ports.key(), queries.fleet.overview.key()])
      void queryClient.invalidateQueries({ queryKey });
  }, [queries, queryClient]);
}

/**
 * Calls the console directly, because react-query would cache input and answer, and either may contain a
 * private key.
 */
export function useChange(onSettled?: (settled: SettledChange) => void): Change {
  const { client } = useConsole();
  const reread = useRereadTenants();
  const [step, setStep] = useState<ChangeStep>({ step: 'idle' });
  const [privateKey, setPrivateKey] = useState<string | null>(null);
  const asked = useRef<{ applianceId: string; action: TenantAction } | null>(null);
  useUnsavedKey(step.step === 'applying' && step.plan.printsPrivateKey);
  const run = useRef(0);
  const forgetPrivateKey = useCallback(() => setPrivateKey(null), []);
  useEffect(
    () => () => {
      run.current += 1;
    },
    [],
  );

  const reset = useCallback(() => {
    run.current += 1;
    asked.current = null;
    setPrivateKey(null);
    setStep({ step: 'idle' });
  }, []);

  const plan = useCallback(
    (applianceId: string, action: TenantAction) => {
      run.current += 1;
      const own = run.current;
      asked.current = { applianceId, action };
      setPrivateKey(null);
      setStep({ step: 'planning', action });
      const ask = async (): Promise<void> => {
        try {
          const answer = await client.tenants.plan({ applianceId, action });
          if (own === run.current) setStep({ step: 'planned', plan: answer.plan, refusal: null });
        } catch (thrown) {
          if (own === run.current) setStep({ step: 'refused', action, error: toErrorData(thrown) });
        }
      };
      void ask();
    },
    [client],
  );

  const planAgain = useCallback(() => {
    if (asked.current !== null) plan(asked.current.applianceId, asked.current.action);
  }, [plan]);

  const apply = (given: { reason: string; typedName: string | null }): void => {
    if (step.step !== 'planned' || asked.current === null) return;
    const current = step.plan;
    const own = run.current;
    // Uses the requested action, because the console may leave the key out of the plan.
    const { applianceId, action } = asked.current;
    setStep({ step: 'applying', plan: current });
    const settle = (outcome: ShownOutcome): void => {
      const settled = { plan: current, outcome, reason: given.reason };
      setStep({ step: 'settled', ...settled });
      reread();
      onSettled?.(settled);
    };
    const send = async (): Promise<void> => {
      try {
        const answer = await client.tenants.apply({ applianceId, action, basis: current.basis, ...given });
        if (own !== run.current) return;
        const { privateKey: made, ...outcome } = answer.outcome;
        setPrivateKey(made);
        settle(outcome);
      } catch (thrown) {
        if (own !== run.current) return;
        if (isRefusal(thrown)) setStep({ step: 'planned', plan: current, refusal: toErrorData(thrown) });
        else settle(lostOutcome(thrown));
      }
    };
    void send();
  };

  return { step, privateKey, forgetPrivateKey, plan, planAgain, apply, reset };
}
