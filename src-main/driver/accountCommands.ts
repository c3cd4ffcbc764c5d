import { minuteMs } from '../../src-shared/base/time.ts';
import { accountArgv, type ListedAccounts } from '../../src-shared/model/usage/accountArgv.ts';
import type { AccountStep } from '../../src-shared/model/usage/accountPlan.ts';
import type { Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';

/** Changing or counting a million accounts takes seconds; a busy appliance may need longer **[ours]**. */
const timeoutMs = 5 * minuteMs;

const withSteps = (steps: readonly AccountStep[]) =>
  ({ kind: 'accountPlan', stdin: JSON.stringify(steps), timeoutMs, isSecret: true }) as const;

/**
 * Reads and changes accounts. Each method runs its command once. Answers may have names, so no error quotes an output. Rejects
 * with LICENCE_FORBIDS, NOT_FOUND for an unknown account or application, DATABASE_UNUSABLE, COMMAND_MISSING if the kit is too
 * old, and like `Driver`.
 */
export function createAccountsDriver(parts: { run: Session['run']; privileged: boolean }) {
  const { askNewKit } = createAsk(parts);
  return {
    list: (listed: ListedAccounts) =>
      askNewKit(accountArgv.list(listed), { kind: 'accountList', timeoutMs, isSecret: true }),
    applications: () => askNewKit(accountArgv.applications(), { kind: 'applicationList', timeoutMs }),
    /** Rehearses steps. Changes nothing. */
    plan: (steps: readonly AccountStep[]) => askNewKit(accountArgv.plan(), withSteps(steps)),
    /** Makes all steps or none. Rejects with CONFLICT if they would change other accounts than those of the digest. */
    apply: ({ steps, digest }: { steps: readonly AccountStep[]; digest: string }) =>
      askNewKit(accountArgv.apply(digest), withSteps(steps)),
  };
}
export type AccountsDriver = ReturnType<typeof createAccountsDriver>;
