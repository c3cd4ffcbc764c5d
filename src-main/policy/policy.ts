import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../src-shared/errors.ts';
import { describePolicyProblem, lockKey, type Policy } from '../../src-shared/model/policy/policy.ts';
import type { SettingGroup } from '../../src-shared/model/policy/settingGroups.ts';
import type { Log } from '../base/log.ts';
import type { SettingLocks } from '../store/settings.ts';
import { readPolicy } from './policyFile.ts';

/** The managed policy of this computer. It is read once, when the console starts. */
export function createPolicy(options: { paths: readonly string[]; clock: () => number; log: Log }) {
  const policy = readPolicy(options.paths, options.clock());
  for (const problem of policy.problems)
    options.log.error({ policy: policy.path }, describePolicyProblem(policy.path, problem));
  for (const warning of policy.warnings) options.log.warn({ policy: policy.path }, warning);

  return {
    get: (): Policy => policy,
    /** Throws POLICY_FORBIDS if the policy forbids the connected window, or can't be read completely. */
    assertConnectedWindow: (): void => {
      if (policy.connectedWindow === 'allowed') return;
      const [problem] = policy.problems;
      throw new AppError(
        'POLICY_FORBIDS',
        problem === undefined
          ? `${policy.path} forbids the connected window.`
          : `The connected window is forbidden until the policy file is corrected: ${describePolicyProblem(policy.path, problem)}.`,
        { detail: { path: policy.path, key: 'connectedWindow' } },
      );
    },
    /** The locks of one group of settings. */
    locksOf: (group: SettingGroup): SettingLocks => {
      const locks = policy.locks.filter((lock) => lock.group === group);
      return {
        values: Object.fromEntries(locks.map(({ field, value }) => [field, value])),
        assertKept: (next) => {
          const changed = locks.find(({ field, value }) => !isDeepStrictEqual(next[field], value));
          if (changed === undefined) return;
          throw new AppError(
            'POLICY_FORBIDS',
            `${policy.path} locks ${lockKey(changed)} to ${changed.shown}. Nothing was changed.`,
            { detail: { path: policy.path, key: lockKey(changed), value: changed.value } },
          );
        },
      };
    },
  };
}

export type PolicyService = ReturnType<typeof createPolicy>;
