import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../src-shared/errors.ts';
import { describePolicyProblem, lockKey, type Policy } from '../../src-shared/model/policy/policy.ts';
import type { SettingGroup } from '../../src-shared/model/policy/settingGroups.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Log } from '../base/log.ts';
import type { SettingLocks } from '../store/settings.ts';
import { readPolicy, stampPolicy } from './policyFile.ts';

/** How often the file is looked at while nothing asks for the policy. */
const lookMs = 2 * secondMs;

/** The managed policy of this computer. Its file is read again whenever it has changed. */
export function createPolicy(options: {
  paths: readonly string[];
  clock: () => number;
  log: Log;
  changes: ChangeMarks;
}) {
  const { paths, clock, log, changes } = options;
  const read = (): Policy => {
    const policy = readPolicy(paths, clock());
    for (const problem of policy.problems)
      log.error({ policy: policy.path }, describePolicyProblem(policy.path, problem));
    for (const warning of policy.warnings) log.warn({ policy: policy.path }, warning);
    return policy;
  };
  let stamp = stampPolicy(paths);
  let last = read();
  const get = (): Policy => {
    const next = stampPolicy(paths);
    if (next === stamp) return last;
    stamp = next;
    last = read();
    changes.mark({ policy: true });
    return last;
  };
  const stop = callEvery({
    everyMs: lookMs,
    work: get,
    onError: (thrown) => log.error({ err: thrown }, 'could not look at the policy file'),
  });

  return {
    get,
    close: stop,
    /** Throws POLICY_FORBIDS if the policy forbids the connected window, or can't be read completely. */
    assertConnectedWindow: (): void => {
      const policy = get();
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
    /** The locks of one group of settings, as they are at each use. */
    locksOf: (group: SettingGroup): SettingLocks => {
      const list = () => get().locks.filter((lock) => lock.group === group);
      return {
        get values() {
          return Object.fromEntries(list().map(({ field, value }) => [field, value]));
        },
        assertKept: (next) => {
          const changed = list().find(({ field, value }) => !isDeepStrictEqual(next[field], value));
          if (changed === undefined) return;
          throw new AppError(
            'POLICY_FORBIDS',
            `${get().path} locks ${lockKey(changed)} to ${changed.shown}. Nothing was changed.`,
            { detail: { path: get().path, key: lockKey(changed), value: changed.value } },
          );
        },
      };
    },
  };
}

export type PolicyService = ReturnType<typeof createPolicy>;
