import { useState } from 'react';
import { maxIdleDays } from '../../../../src-shared/model/usage/manageAccounts.ts';

/** Accounts that the operator proposed to mark, with their names for the time of this view. */
export type ProposedMarks =
  | { kind: 'application'; application: number; label: string }
  | { kind: 'accounts'; accounts: readonly { hash: string; name: string }[]; label: string };

export type Scenario = {
  marks: ProposedMarks | null;
  isMarking: boolean;
  idleDays: string;
  isDeactivating: boolean;
  planId: string;
  isChangingPlan: boolean;
};

const emptyScenario: Scenario = {
  marks: null,
  isMarking: false,
  idleDays: '60',
  isDeactivating: false,
  planId: '',
  isChangingPlan: false,
};

/** Null for a text that is no number of days. */
export function readIdleDays(text: string): number | null {
  const days = Number(text);
  return /^\d+$/u.test(text) && days >= 1 && days <= maxIdleDays ? days : null;
}

/** What the console is asked about a scenario. */
export function requestOf(scenario: Scenario) {
  const { marks, isMarking, isDeactivating, idleDays, isChangingPlan, planId } = scenario;
  const chosen =
    marks === null || !isMarking
      ? null
      : marks.kind === 'application'
        ? { application: marks.application }
        : { hashes: marks.accounts.map(({ hash }) => hash) };
  return {
    marks: chosen,
    idleDays: isDeactivating ? readIdleDays(idleDays) : null,
    planId: isChangingPlan && planId !== '' ? planId : null,
  };
}

/** The scenario of this view. It is in no address and no storage, because it can have names. */
export function useScenario() {
  const [scenario, setScenario] = useState(emptyScenario);
  return {
    scenario,
    change: (changes: Partial<Scenario>) => setScenario((before) => ({ ...before, ...changes })),
    reset: () => setScenario(emptyScenario),
  };
}
